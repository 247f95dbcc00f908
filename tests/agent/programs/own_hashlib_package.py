import hashlib, hashlib.inner
print(hashlib.mine, hashlib.inner.mine)
