"""The engine of a Ray cluster: each task runs on one of its nodes, in a slot of its own there.

The driver alone takes tasks and results, and never has more tasks at work than there are slots. Ray
repeats none: what a node or a worker has lost is a result that says so.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from trainwreck.engine import Job, Result, Task
from trainwreck.engine.local import WAKE_SECONDS
from trainwreck.engine.ray_task import Done, run_task
from trainwreck.errors import Paused
from trainwreck.interrupts import INTERRUPTS
from trainwreck.model.slot import Slot

REST_SECONDS = 3.0
"""The time for which a slot rests that has lost a task: its node may be about to end."""
STOP_SECONDS = 40.0
"""The time in which a task that is asked to stop ends its processes."""

Nodes = Callable[[], Mapping[str, int]]
"""Return the nodes that may work, each with its number of slots."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A slot of one node."""

    node: str
    slot: Slot


@dataclass
class _Work:
    """The tasks of one call: those at work by their numbers, and the places without one."""

    free: deque[_Place]
    resting: deque[tuple[float, _Place]] = field(default_factory=deque)
    running: dict[int, tuple[_Place, Any, Any]] = field(default_factory=dict)
    ended: "SimpleQueue[tuple[int, Future[Any]]]" = field(default_factory=SimpleQueue)
    number: int = 0


@dataclass(frozen=True, slots=True)
class RayEngine:
    """A pool of slots on the nodes of a cluster that this process is connected to.

    Attributes:
        nodes: Finds the nodes that are there; asked again for each piece of work.
        folder: The folder of the slots, which every node has.
        memory: The bytes that a task is declared to need.
        lost: Makes the results of a task that a node has lost, with the reason.
        variables: The environment that tasks have; workers have variables of Ray's.
        gpus: The number of GPUs that a task has, or its share of one.

    """

    nodes: Nodes
    folder: Path
    memory: int
    lost: Callable[[Any, str], Iterable[Any]]
    variables: Mapping[str, str]
    gpus: float = 0.0

    @property
    def jobs(self) -> int:
        """Return the number of slots, at least one."""
        return max(1, sum(self.nodes().values()))

    def map(self, job: Job[Task, Result], tasks: Iterable[Task]) -> Generator[Result, None, None]:
        """Yield results as they come; see `Engine.map`."""
        import ray

        shared = ray.put((job, dict(self.variables)))
        waiting, work = iter(tasks), _Work(self._places())
        with INTERRUPTS.deferred():
            try:
                while True:
                    INTERRUPTS.check()
                    _end_rests(work)
                    while work.free and (task := next(waiting, None)) is not None:
                        self._submit(work, shared, task)
                    if not work.running and not work.resting:
                        _check_places(work)
                        return
                    yield from self._results(work)
            finally:
                _stop(work)

    def _places(self) -> deque[_Place]:
        """Return the slots of all nodes, those of each node in turn."""
        slots = [(index, node) for node, number in self.nodes().items() for index in range(number)]
        return deque(
            _Place(node, Slot(index, self.folder / f"{node[:12]}-{index}"))
            for index, node in sorted(slots)
        )

    def _submit(self, work: _Work, shared: Any, task: Any) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        place, number = work.free.popleft(), work.number
        reference = (
            _remote_task()
            .options(
                num_cpus=1,
                num_gpus=self.gpus,
                memory=self.memory,
                max_retries=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(place.node, soft=False),
            )
            .remote([shared], task, place.slot)
        )
        work.number += 1
        work.running[number] = place, task, reference
        reference.future().add_done_callback(lambda ended: work.ended.put((number, ended)))

    def _results(self, work: _Work) -> Generator[Any, None, None]:
        """Yield the results of the next task that ends within a short time."""
        from ray.exceptions import RayTaskError

        with suppress(Empty):
            number, ended = work.ended.get(timeout=WAKE_SECONDS)
            place, task, _ = work.running.pop(number)
            error = ended.exception()
            if isinstance(error, RayTaskError):
                raise _failed(error)
            if error is not None:
                work.resting.append((time.monotonic() + REST_SECONDS, place))
                yield from self.lost(task, f"Ray lost it: {_in_short(error)}")
                return
            done: Done = ended.result()
            work.free.append(place)
            yield from done.results
            if done.error is not None:
                raise done.error


@cache
def _remote_task() -> Any:
    """Return the function that runs a task on a worker, which Ray sends there once."""
    import ray

    return ray.remote(run_task)


def _failed(error: BaseException) -> Paused:
    """Return the error of a worker that could not even begin with a task."""
    reason = str(error).strip().rpartition("\n")[2]
    return Paused(
        f"a worker of the Ray cluster failed: {reason}",
        "Start the nodes in the environment that trainwreck runs in, and repeat the command.",
    )


def _in_short(error: BaseException) -> str:
    first = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}: {first}"


def _end_rests(work: _Work) -> None:
    """Return to work the places that have rested and whose node is still there."""
    if work.resting and work.resting[0][0] < time.monotonic():
        alive = living_nodes()
        while work.resting and work.resting[0][0] < time.monotonic():
            _, place = work.resting.popleft()
            if place.node in alive:
                work.free.append(place)
        work.free = deque(place for place in work.free if place.node in alive)


def living_nodes() -> set[str]:
    """Return the nodes that the cluster believes to be alive."""
    import ray

    return {node["NodeID"] for node in ray.nodes() if node["Alive"]}


def _check_places(work: _Work) -> None:
    """Raise Paused where no node is left to work on."""
    if not work.free:
        raise Paused(
            "no node of the Ray cluster is left that can run a trial",
            "Start nodes again, then repeat the command.",
        )


def _stop(work: _Work) -> None:
    """Ask the tasks at work to stop, and wait until each has ended its processes."""
    import ray

    references = [reference for _, _, reference in work.running.values()]
    for reference in references:
        ray.cancel(reference, force=False)
    if references:
        _, left = ray.wait(references, num_returns=len(references), timeout=STOP_SECONDS)
        for reference in left:
            ray.cancel(reference, force=True)
