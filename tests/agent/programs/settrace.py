import sys
print(sys.gettrace(), sys.getprofile())
seen = []
def trace(frame, event, arg):
    if frame.f_globals.get("__name__") == "__main__": seen.append((event, frame.f_code.co_name, frame.f_lineno))
    return trace
def f(x):
    y = x + 1
    return y
sys.settrace(trace)
f(1)
sys.settrace(None)
print(seen)
calls = []
sys.setprofile(lambda frame, event, arg: calls.append((event, frame.f_code.co_name)))
f(2); len("x")
sys.setprofile(None)
print(calls)
