import sys, builtins
print(sorted(k for k in globals() if k.startswith("__") and k not in ("__annotations__", "__conditional_annotations__")))
print(__name__, __package__, __spec__, __doc__, __cached__ if "__cached__" in globals() else "-", __file__.split("/")[-1])
print(type(__loader__).__name__, __loader__.name, __loader__.path == __file__, __builtins__ is builtins)
print(__loader__.get_source("__main__").count("\n"))
print(sys.argv)
