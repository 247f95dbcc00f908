"""Spreads work on many items over the processors of this machine."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

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
        yield from map(function, chunks)
        return
    pool = ProcessPoolExecutor(workers, initializer=_ignore_interrupts)
    try:
        yield from pool.map(function, chunks)
    finally:
        pool.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    """Ignore Ctrl-C, which reaches the whole process group: the parent alone ends the pool."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
