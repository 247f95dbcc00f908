import pickle, sys
class Point:
    def __init__(self, x): self.x = x
def double(x): return 2 * x
print(pickle.loads(pickle.dumps(Point(3))).x, pickle.loads(pickle.dumps(double))(4))
print(Point.__module__, pickle.dumps(double, 0))
print(sys.modules["__main__"].double is double, sys.modules[__name__].__dict__ is globals())
