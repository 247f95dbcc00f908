"""The engine of this machine: threads that each wait for the processes of one slot."""

import os
import threading
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Generic

from trainwreck.engine import Job, Result, Task
from trainwreck.model.slot import MustStop, Slot

WAKE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Ended:
    """A task that ended; ``error`` is what it raised, if it did."""

    slot: Slot
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class _Given(Generic[Result]):
    """One result of a task."""

    result: Result


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """A pool of slots on this machine."""

    slots: Sequence[Slot]

    @property
    def jobs(self) -> int:
        """Return the number of slots."""
        return len(self.slots)

    def map(self, job: Job[Task, Result], tasks: Iterable[Task]) -> Generator[Result, None, None]:
        """Yield results as they come; see `Engine.map`."""
        stop = threading.Event()
        news: SimpleQueue[_Given[Result] | _Ended] = SimpleQueue()
        waiting, free, running = iter(tasks), list(self.slots), 0
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                while True:
                    while free and (task := next(waiting, None)) is not None:
                        pool.submit(_work, job, task, free.pop(0), stop.is_set, news)
                        running += 1
                    if not running:
                        return
                    # A wait without a limit would not hear Ctrl-C on every system.
                    with suppress(Empty):
                        item = news.get(timeout=WAKE_SECONDS)
                        if isinstance(item, _Given):
                            yield item.result
                            continue
                        running -= 1
                        free.append(item.slot)
                        if item.error is not None:
                            raise item.error
            finally:
                stop.set()


def _work(
    job: Job[Task, Result],
    task: Task,
    slot: Slot,
    must_stop: MustStop,
    news: SimpleQueue[_Given[Result] | _Ended],
) -> None:
    try:
        for result in job(task, slot, must_stop):
            news.put(_Given(result))
    except BaseException as error:  # noqa: BLE001 - the thread that waits raises it
        news.put(_Ended(slot, error))
    else:
        news.put(_Ended(slot))


def local_slots(jobs: int, folder: Path) -> list[Slot]:
    """Return ``jobs`` slots below a folder, each bound to a processor where there are enough."""
    available = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    bound = len(available) >= jobs
    return [
        Slot(index, folder / str(index), (available[index],) if bound else ())
        for index in range(jobs)
    ]
