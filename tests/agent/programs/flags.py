import sys
print(sys.flags, sys.dont_write_bytecode, sys.warnoptions, sys._xoptions, sys.getrecursionlimit(), sys.getswitchinterval())
print(sys.executable, sys.prefix == sys.base_prefix, sys.byteorder, hash("a"))
