import warnings
def old(): warnings.warn("old", DeprecationWarning, stacklevel=2)
old()
old()
warnings.warn("user")
warnings.warn("pending", PendingDeprecationWarning)
print(warnings.filters)
print(warnings.showwarning.__module__)
