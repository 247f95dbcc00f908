import gc, weakref
class Node: pass
for _ in range(5):
    node = Node(); node.me = node
del node
print(gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.callbacks, gc.garbage)
gc.collect()
print(sum(type(o).__name__ == "Node" for o in gc.get_objects()))
kept = Node()
print(weakref.getweakrefcount(kept), len(gc.get_referrers(kept)))
