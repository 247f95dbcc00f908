import pkgutil
print(pkgutil.get_data("package", "data.txt"))
try: import importlib.resources as resources
except ImportError: raise SystemExit
if hasattr(resources, "files"): print(resources.files("package").joinpath("data.txt").read_text())
print([m.name for m in pkgutil.iter_modules(__import__("package").__path__)])
