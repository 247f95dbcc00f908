"""A pool of slots; each runs one trial at a time in a thread that waits for its child."""

import os
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

WAKE_SECONDS = 0.2


RunOne = Callable[[Task, int, int | None, Callable[[], bool]], Result]
"""(task, slot, processor or None, whether to stop now) to a result; raises when told to stop."""


def run_all(
    tasks: Iterable[Task], run_one: RunOne[Task, Result], jobs: int
) -> Generator[tuple[Task, Result], None, None]:
    """Run tasks ``jobs`` at a time and give results as they come.

    Tasks are taken from the iterable only when a slot is free. When the consumer stops, or an
    exception (Ctrl-C included) leaves this generator, running tasks are told to stop and waited
    for; results that were ready by then are lost to the caller, who runs them again later.
    """
    stop = threading.Event()
    processors = _processors(jobs)
    waiting = iter(tasks)
    running: dict[Future[Result], tuple[Task, int]] = {}
    free = list(range(jobs))
    with ThreadPoolExecutor(jobs) as pool:
        try:
            while True:
                while free and (task := next(waiting, None)) is not None:
                    slot = free.pop(0)
                    future = pool.submit(run_one, task, slot, processors[slot], stop.is_set)
                    running[future] = task, slot
                if not running:
                    return
                done, _ = wait(running, WAKE_SECONDS, FIRST_COMPLETED)
                for future in done:
                    task, slot = running.pop(future)
                    free.append(slot)
                    yield task, future.result()
        finally:
            stop.set()


def _processors(jobs: int) -> list[int | None]:
    """A processor for each slot, where there are enough and the system lets us choose."""
    if not hasattr(os, "sched_getaffinity"):
        return [None] * jobs
    available = sorted(os.sched_getaffinity(0))
    return [*available[:jobs]] if len(available) >= jobs else [None] * jobs
