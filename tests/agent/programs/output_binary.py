import sys
sys.stdout.buffer.write(b"\x00\xff\xfe")
sys.stdout.buffer.flush()
print("after", file=sys.stdout)
print(sys.stdout.encoding, sys.stdout.errors, sys.stdout.line_buffering, sys.stdout.mode, sys.stdout.fileno(), sys.stdout.name)
print(sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__, isinstance(sys.stdout, __import__('io').TextIOWrapper))
