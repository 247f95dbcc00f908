"""The engine of this machine: each thread waits for the processes of one slot."""

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
from trainwreck.interrupts import INTERRUPTS
from trainwreck.model import content_id
from trainwreck.model.slot import MustStop, Slot

WAKE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Ended:
    """The end of a task; ``error`` is the exception that ended it, or None."""

    slot: Slot
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class _Yielded(Generic[Result]):
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
        messages: SimpleQueue[_Yielded[Result] | _Ended] = SimpleQueue()
        waiting_tasks, free_slots, running = iter(tasks), list(self.slots), 0
        # A result is stored between two checks; no signal comes in the middle of it.
        with INTERRUPTS.deferred(), ThreadPoolExecutor(self.jobs) as pool:
            try:
                while True:
                    INTERRUPTS.check()
                    while free_slots and (task := next(waiting_tasks, None)) is not None:
                        pool.submit(_work, job, task, free_slots.pop(0), stop.is_set, messages)
                        running += 1
                    if not running:
                        return
                    # On some systems, Ctrl-C does not interrupt a wait without a limit.
                    with suppress(Empty):
                        message = messages.get(timeout=WAKE_SECONDS)
                        if isinstance(message, _Yielded):
                            yield message.result
                            continue
                        running -= 1
                        free_slots.append(message.slot)
                        if message.error is not None:
                            raise message.error
            finally:
                stop.set()


def _work(
    job: Job[Task, Result],
    task: Task,
    slot: Slot,
    must_stop: MustStop,
    messages: SimpleQueue[_Yielded[Result] | _Ended],
) -> None:
    """Run a job in a thread of the pool; send its results and its end to the engine."""
    try:
        for result in job(task, slot, must_stop):
            messages.put(_Yielded(result))
    except BaseException as error:  # noqa: BLE001 - `LocalEngine.map` raises it
        messages.put(_Ended(slot, error))
    else:
        messages.put(_Ended(slot))


def local_slots(
    jobs: int, folder: Path, devices: Sequence[str] = (), threads: int = 1
) -> list[Slot]:
    """Return slots below a folder, each bound to processors of its own if there are enough.

    Args:
        jobs: The number of slots.
        folder: Where their folders will be.
        devices: One for each slot, so that there are no more slots than these; none for no device.
        threads: The number of processors of each slot.

    """
    if devices:
        jobs = min(jobs, len(devices))
    return [
        Slot(
            index,
            folder / str(index),
            processors_of(index, jobs, folder, threads),
            devices[index] if devices else "",
        )
        for index in range(jobs)
    ]


def processors_of(index: int, jobs: int, folder: Path, threads: int = 1) -> tuple[int, ...]:
    """Return the processors of one of ``jobs`` slots on this machine, one for each thread.

    Return none if there are too few for all slots. The folder of the slots decides which ones, so
    that campaigns at the same time do not all take the first, and a campaign always has the same.
    """
    available = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(available) < jobs * threads:
        return ()
    first = int(content_id(folder), 16) + index * threads
    return tuple(sorted(available[(first + n) % len(available)] for n in range(threads)))
