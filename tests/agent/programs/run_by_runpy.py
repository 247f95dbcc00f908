import runpy, sys
done = runpy.run_path("child.py", run_name="__main__")
print(sorted(k for k in done if not k.startswith("__")), done["__name__"], sys.argv)
done = runpy.run_module("child", run_name="other", alter_sys=True)
print(done["__name__"], done["__spec__"].name)
