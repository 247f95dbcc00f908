import package.part, sys
print(package.part.name, package.part.__spec__.name)
import subprocess
print(__name__, __package__, __spec__.name, type(__loader__).__name__, __file__.split("/")[-1])
print(sys.argv[0].split("/")[-1], sys.argv[1:])
import atexit
value = "still there"
atexit.register(lambda: print(value, sys.modules["__main__"].__dict__ is globals()))
