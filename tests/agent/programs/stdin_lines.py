import sys
print(sys.stdin.readline().strip())
print([line for line in sys.stdin])
print(sys.stdin.name, sys.stdin.encoding, sys.stdin.isatty())
try: input()
except EOFError as e: print(repr(e))
