import runpy, linecache
print(runpy.mine, linecache.mine)
1/0
