import sys
def hook(kind, error, trace):
    depth = 0
    while trace is not None:
        depth += 1
        trace = trace.tb_next
    print("hook", kind.__name__, error, depth)
sys.excepthook = hook
def fail(): raise ValueError("bad")
fail()
