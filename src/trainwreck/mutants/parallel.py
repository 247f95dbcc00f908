"""Spreads work on many items over the processors of this machine."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from trainwreck.interrupts import INTERRUPTS

PARENT_SECONDS = 0.5
"""The longest time that a worker runs on after its parent was killed."""
Item = TypeVar("Item")
Result = TypeVar("Result")


def map_chunks(
    function: Callable[[Sequence[Item]], Result], items: Sequence[Item], size: int
) -> Iterator[Result]:
    """Yield the result of ``function`` for each chunk of items, in order.

    Args:
        function: Called with one chunk, in another process where there are several chunks; it is
            pickled, as are its results.
        items: All the items.
        size: The number of items in a chunk; the last one may be smaller.

    """
    chunks = [items[start : start + size] for start in range(0, len(items), size)]
    workers = min(len(chunks), os.cpu_count() or 1)
    if workers < 2:
        yield from _checked(map(function, chunks))
        return
    pool = ProcessPoolExecutor(workers, initializer=_begin_worker, initargs=(os.getpid(),))
    try:
        yield from _checked(pool.map(function, chunks))
    finally:
        pool.shutdown(cancel_futures=True)


def _checked(results: Iterator[Result]) -> Iterator[Result]:
    """Yield results, unless an end was asked for."""
    for result in results:
        INTERRUPTS.check()
        yield result


def _begin_worker(parent: int) -> None:
    """Ignore signals that reach the whole process group; end when the parent has ended."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process as soon as another one is its parent."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)
