import os, sys
print("text", end="")
sys.stdout.flush()
os.write(1, b"raw\n")
print("no newline at the end", end="")
sys.stderr.write("partial")
