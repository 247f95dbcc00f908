import atexit, threading, weakref
atexit.register(print, "first registered")
atexit.register(print, "second registered")
class Gone: pass
gone = Gone()
weakref.finalize(gone, print, "finalized")
class Ends:
    def __del__(self): print("deleted", __name__)
ends = Ends()
weak = Gone()
reference = weakref.ref(weak, lambda _: print("weak callback"))
print("last statement")
