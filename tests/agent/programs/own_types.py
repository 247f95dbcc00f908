import types
print(hasattr(types, 'mine'))
