"""Spreads work that needs no trial of its own over this machine's processors."""

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
    """``function`` of each run of ``size`` items, in order, in as many processes as help."""
    chunks = [items[start : start + size] for start in range(0, len(items), size)]
    workers = min(len(chunks), os.cpu_count() or 1)
    if workers < 2:
        yield from map(function, chunks)
        return
    pool = ProcessPoolExecutor(workers, initializer=_leave_ctrl_c_to_the_parent)
    try:
        yield from pool.map(function, chunks)
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
