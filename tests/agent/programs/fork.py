import os, sys
print("parent", flush=True)
child = os.fork()
if child == 0:
    print("child", os.getppid() > 1, flush=True)
    sys.exit(5)
print(os.WEXITSTATUS(os.waitpid(child, 0)[1]))
child = os.fork()
if child == 0:
    raise ValueError("in the child")
print(os.WEXITSTATUS(os.waitpid(child, 0)[1]), flush=True)
