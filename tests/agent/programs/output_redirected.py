import contextlib, io, sys, logging
buffer = io.StringIO()
with contextlib.redirect_stdout(buffer): print("inside")
print(repr(buffer.getvalue()))
sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="ascii", errors="replace")
print("\u00e4")
