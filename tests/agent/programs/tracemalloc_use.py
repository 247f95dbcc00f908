import tracemalloc
print(tracemalloc.is_tracing())
tracemalloc.start()
x = [object() for _ in range(1000)]
snapshot = tracemalloc.take_snapshot()
print(max(s.count for s in snapshot.statistics("lineno") if s.traceback[0].filename == __file__) >= 1000)
tracemalloc.stop()
