import os, sys
os.makedirs("spaces/inside", exist_ok=True)
open("spaces/inside/module.py", "w").write("value = __name__")
import importlib; importlib.invalidate_caches()
import spaces.inside.module
print(spaces.inside.module.value, getattr(spaces, "__file__", None), list(spaces.__path__)[0].split("/")[-1])
importlib.reload(spaces.inside.module)
