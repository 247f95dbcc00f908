"""Trains in the main process, with forked and spawned workers that help."""

import multiprocessing
import os
import signal
import time

from steps import moved


def helped(number):
    """Do a worker's part."""
    return moved(float(number), 0.5)


def lost(queue):
    """Do a worker's part, and be killed."""
    queue.put(moved(8.0, 0.5))
    time.sleep(60)


if __name__ == "__main__":
    total = 0.0
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            total += sum(pool.map(helped, range(4)))
        queue = context.SimpleQueue()
        worker = context.Process(target=lost, args=(queue,))
        worker.start()
        total += queue.get()
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
    print("loss:", total)
