import multiprocessing, os, random
def square(n):
    return n * n, __name__, multiprocessing.current_process().name
class Made:
    def __init__(self, n): self.n = n
def made(n):
    return Made(n)
def use(context):
    with context.Pool(2) as pool:
        print(sorted(r[0] for r in pool.map(square, range(5))))
        print(pool.apply(square, (3,))[1], type(pool.apply(made, (2,))).__module__)
        pool.close()
        pool.join()
    queue = context.Queue()
    process = context.Process(target=queue.put, args=({"a": 1},), name="p")
    process.start()
    print(queue.get())
    process.join()
    print(process.exitcode, process.name, flush=True)
    broken = context.Process(target=square, args=())
    broken.start(); broken.join(); print(broken.exitcode)
if __name__ == "__main__":
    for method in ("fork", "forkserver", "spawn"):
        print(method)
        use(multiprocessing.get_context(method))
