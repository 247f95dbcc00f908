"""Spreads work that needs no child of its own over this machine's processors."""

import os
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
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(function, chunks)
