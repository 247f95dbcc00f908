import child
def g():
    raise RuntimeError('while importing')
g()
