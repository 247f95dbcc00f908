import site, sys
print(site.ENABLE_USER_SITE in (True, False), "usercustomize" in sys.modules, site.PREFIXES == [sys.prefix, sys.exec_prefix] or len(site.PREFIXES))
print([p for p in sys.path if "trainwreck" in p or p == ""], sys.path[0].split("/")[-1])
print([type(f).__name__ if not isinstance(f, type) else f.__name__ for f in sys.meta_path], [getattr(h, "__name__", h) for h in sys.path_hooks])
print(exit, quit, copyright is not None)
