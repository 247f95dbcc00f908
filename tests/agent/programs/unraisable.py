import sys
class Bad:
    def __del__(self): raise ValueError("in del")
bad = Bad()
del bad
if hasattr(sys, "unraisablehook"):
    sys.unraisablehook = lambda args: print("unraisable", args.exc_type.__name__)
    bad = Bad()
    del bad
