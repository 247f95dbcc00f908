import subprocess, sys
code = "import sys; print(__name__, sys.argv, sys.path[0] == ''); sys.exit(3)"
print(subprocess.run([sys.executable, "-c", code, "a"], stdout=subprocess.PIPE).stdout, flush=True)
print(subprocess.call([sys.executable, "-c", "1/0"]), flush=True)
print(subprocess.call([sys.executable, "child.py", "x"]), flush=True)
print(subprocess.call([sys.executable, "-m", "child", "x"]), flush=True)
print(subprocess.run([sys.executable, "-"], input=b"print(__name__)", stdout=subprocess.PIPE).stdout)
print(subprocess.run([sys.executable, "-I", "-c", "print(1)"], stdout=subprocess.PIPE).stdout)
print(subprocess.run([sys.executable, "-S", "-c", "print(2)"], stdout=subprocess.PIPE).stdout)
