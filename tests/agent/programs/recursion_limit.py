import sys
sys.setrecursionlimit(300)
def depth(n=0):
    try: return depth(n + 1)
    except RecursionError: return n
reached = depth()
print(reached > 200)
