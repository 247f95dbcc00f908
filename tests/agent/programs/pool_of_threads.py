from concurrent.futures import ThreadPoolExecutor, ProcessPoolExecutor
def f(x): return x + 1
if __name__ == "__main__":
    pool = ThreadPoolExecutor(2)
    print(list(pool.map(f, range(3))))
    with ProcessPoolExecutor(1) as workers: print(list(workers.map(f, range(3))))
    try: pool.submit(lambda: 1 / 0).result()
    except ZeroDivisionError as e: print(repr(e))
