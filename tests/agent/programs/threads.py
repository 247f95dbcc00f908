import threading
results = []
def work(number):
    results.append((number, threading.current_thread().name))
threads = [threading.Thread(target=work, args=(n,), name="t%d" % n) for n in range(4)]
for thread in threads:
    thread.start()
    thread.join()
print(results, threading.active_count(), [t.name for t in threading.enumerate()])
print(threading.current_thread() is threading.main_thread())
late = threading.Thread(target=lambda: print("late thread"))
late.start()
