import sys
if __name__ == "__main__":
    import prog
    print(prog.__name__, prog is not sys.modules["__main__"])
value = 1
