"""The engine of a Ray cluster: each task runs on one of its nodes, in a slot of its own there.

The driver alone takes tasks and results, and never has more tasks at work than there are slots. Ray
repeats none: what a node or a worker has lost is a result that says so. A node that can make no
run, as where its disk is full or read-only, is left out for a while, and others do its tasks.
"""

import pickle
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from trainwreck.engine import Job, Result, Task
from trainwreck.engine.local import WAKE_SECONDS
from trainwreck.engine.ray_cluster import Needs, living_nodes, name_of
from trainwreck.engine.ray_folders import Folders
from trainwreck.engine.ray_task import PICKLE, Done, run_task
from trainwreck.errors import NoPlace, Paused
from trainwreck.interrupts import INTERRUPTS
from trainwreck.model.slot import Slot

REST_SECONDS = 3.0
"""The time for which a slot rests that has lost a task: its node may be about to end."""
PAUSE_SECONDS = 60.0
"""The time for which a node is left out that can make no run."""
STOP_SECONDS = 40.0
"""The time in which a task that is asked to stop ends its processes."""

Nodes = Callable[[], Mapping[str, int]]
"""Return the nodes that may work, each with its number of slots."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A task that a node must do well before it does others.

    Attributes:
        task_for: Returns it for the first of the others and a node; None where none is needed.
        problem_of: Returns why its results show that the node cannot do the others, if so.

    """

    task_for: Callable[[Any, str], Any]
    problem_of: Callable[[list[Any]], str]


@dataclass(frozen=True, slots=True)
class _Place:
    """A slot of one node; ``beside`` is the number of slots there."""

    node: str
    slot: Slot
    beside: int


@dataclass(frozen=True, slots=True)
class _Rest:
    """A slot without work until a time; ``paused`` is why its node can make no run, or None."""

    until: float
    place: _Place
    paused: Paused | None = None


@dataclass(frozen=True, slots=True)
class _Running:
    """A task at work; ``is_rehearsal`` where its place does no other yet."""

    place: _Place
    task: Any
    reference: Any
    is_rehearsal: bool


@dataclass
class _Work:
    """The tasks of one call: those at work by their numbers, and the places without one.

    ``again`` are tasks that a node could not run, ``held`` the places of nodes that rehearse.
    """

    waiting: Iterator[Any]
    free: deque[_Place]
    resting: list[_Rest] = field(default_factory=list)
    held: dict[str, list[_Place]] = field(default_factory=dict)
    again: deque[Any] = field(default_factory=deque)
    running: dict[int, _Running] = field(default_factory=dict)
    ended: "SimpleQueue[tuple[int, Future[Any]]]" = field(default_factory=SimpleQueue)
    number: int = 0

    def next_task(self) -> Any:
        """Return the next task; None where there is none."""
        return self.again.popleft() if self.again else next(self.waiting, None)

    def take_free(self, node: str) -> list[_Place]:
        """Return the places of a node that are free or held; no task gets them."""
        idle = [free for free in self.free if free.node == node]
        self.free = deque(free for free in self.free if free.node != node)
        return [*idle, *self.held.pop(node, ())]


@dataclass(frozen=True, slots=True)
class RayEngine:
    """A pool of slots on the nodes of a cluster that this process is connected to.

    Attributes:
        nodes: Finds the nodes that are there; asked again for each piece of work.
        folder: The folder of the slots, which every node has.
        needs: What a task is declared to need.
        lost: Makes the results of a task that a node has lost, with the reason.
        variables: The environment that tasks have; workers have variables of Ray's.
        say: Shows a sentence.
        folders: The folders of the driver, copied to nodes that lack them; None for no copies.
        rehearsal: What each node but that of the driver does first; None for nothing.

    """

    nodes: Nodes
    folder: Path
    needs: Needs
    lost: Callable[[Any, str], Iterable[Any]]
    variables: Mapping[str, str]
    say: Callable[[str], None]
    folders: Folders | None = None
    rehearsal: Rehearsal | None = None
    _named: set[str] = field(default_factory=set, init=False)
    _rehearsed: dict[str, str] = field(default_factory=dict, init=False)
    """The nodes that have rehearsed, each with the problem that this showed, if any."""

    @property
    def jobs(self) -> int:
        """Return the number of slots, at least one."""
        return max(1, sum(self._usable().values()))

    def _usable(self) -> dict[str, int]:
        nodes = self.nodes()
        return {node: slots for node, slots in nodes.items() if not self._rehearsed.get(node)}

    def map(self, job: Job[Task, Result], tasks: Iterable[Task]) -> Generator[Result, None, None]:
        """Yield results as they come; see `Engine.map`."""
        import ray

        shared = ray.put((job, dict(self.variables)))
        work = _Work(iter(tasks), self._places())
        with INTERRUPTS.deferred():
            try:
                while True:
                    INTERRUPTS.check()
                    _end_rests(work)
                    while work.free and (task := work.next_task()) is not None:
                        self._submit(work, shared, task)
                    if not work.running and self._is_done(work):
                        return
                    yield from self._results(work)
            finally:
                _stop(work)

    def _places(self) -> deque[_Place]:
        """Return the slots of all nodes, those of each node in turn; the driver's node is first.

        The first clean run of a campaign works there wherever the driver's node has slots.
        """
        nodes = self._usable()
        slots = [(index, node) for node, number in nodes.items() for index in range(number)]
        slots.sort(key=lambda slot: (slot[0], not _is_here(slot[1]), slot[1]))
        return deque(
            _Place(node, Slot(index, self.folder / f"{node[:12]}-{index}"), nodes[node])
            for index, node in slots
        )

    def _submit(self, work: _Work, shared: Any, task: Any) -> None:
        place, number = work.free.popleft(), work.number
        first = self._first_for(place.node, task)
        if first is not None:
            work.again.appendleft(task)
            work.held[place.node] = work.take_free(place.node)
        copied = self.folders and place.node in self.folders.nodes
        known = [shared, self.folders.reference()] if self.folders and copied else [shared]
        chosen = task if first is None else first
        reference = _task_on(place.node, self.needs).remote(
            known, pickle.dumps((chosen, place.slot, place.beside, self.needs.cpus), PICKLE)
        )
        work.number += 1
        work.running[number] = _Running(place, chosen, reference, first is not None)
        reference.future().add_done_callback(lambda ended: work.ended.put((number, ended)))

    def _results(self, work: _Work) -> Generator[Any, None, None]:
        """Yield the results of the next task that ends within a short time."""
        from ray.exceptions import RayTaskError

        with suppress(Empty):
            number, ended = work.ended.get(timeout=WAKE_SECONDS)
            at_work = work.running.pop(number)
            place, error = at_work.place, ended.exception()
            if isinstance(error, RayTaskError):
                self._leave_out(work, at_work, _failed(error))
                return
            if error is not None:
                until = time.monotonic() + REST_SECONDS
                if at_work.is_rehearsal:
                    work.resting += [_Rest(until, each) for each in work.take_free(place.node)]
                work.resting.append(_Rest(until, place))
                if not at_work.is_rehearsal:
                    yield from self.lost(at_work.task, f"Ray lost it: {_in_short(error)}")
                return
            done: Done = pickle.loads(ended.result())
            if isinstance(done.error, Paused | NoPlace):
                self._leave_out(work, at_work, done.error)
                return
            if done.error is not None:
                yield from done.results
                raise done.error
            if at_work.is_rehearsal and not self._admit(work, place, done.results):
                return
            work.free.append(place)
            if self.folders:
                self.folders.take(done.made)
            yield from done.results

    def _first_for(self, node: str, task: Any) -> Any:
        """Return the task that a node does before another one, or None."""
        if self.rehearsal is None or node in self._rehearsed or _is_here(node):
            return None
        return self.rehearsal.task_for(task, node)

    def _admit(self, work: _Work, place: _Place, results: list[Any]) -> bool:
        """Let a node work that has rehearsed well, and return whether it has."""
        assert self.rehearsal is not None
        problem = self.rehearsal.problem_of(results)
        self._rehearsed[place.node] = problem
        idle = work.take_free(place.node)
        if problem:
            self.say(f"The node {name_of(place.node)} is left out: {problem}.")
        else:
            work.free.extend(idle)
        return not problem

    def _leave_out(self, work: _Work, at_work: _Running, error: Paused | NoPlace) -> None:
        """Let a node rest that could not run a task, which another one runs from its beginning."""
        place = at_work.place
        name = name_of(place.node)
        paused = Paused(f"the node {name} of the Ray cluster: {error.what}", error.hint)
        until = time.monotonic() + PAUSE_SECONDS
        idle = [place, *work.take_free(place.node)]
        work.resting += [_Rest(until, each, paused) for each in idle]
        if not at_work.is_rehearsal:
            work.again.append(at_work.task)
        if place.node not in self._named:
            self._named.add(place.node)
            self.say(
                f"The node {name} can run no trial, and is asked again each minute: {error.what}."
            )

    def _is_done(self, work: _Work) -> bool:
        """Return whether no task is left, where none is at work.

        Raises Paused where a task is left, and no node that can run it.
        """
        if work.free:
            return True  # They have taken all tasks.
        if any(rest.paused is None for rest in work.resting):
            return False
        if work.next_task() is None:
            return True
        if work.resting and (paused := work.resting[-1].paused):
            raise paused
        if problem := next(filter(None, self._rehearsed.values()), ""):
            raise Paused(
                f"no node of the Ray cluster can run the program: {problem}",
                "Give the nodes what it needs, then repeat the command.",
            )
        raise Paused(
            "no node of the Ray cluster is left that can run a trial",
            "Start nodes again, then repeat the command.",
        )


@cache
def _remote_task() -> Any:
    """Return the function that runs a task on a worker, which Ray sends there once."""
    import ray

    return ray.remote(run_task)


@cache
def _task_on(node: str, needs: Needs) -> Any:
    """Return that function for tasks on one node: to make it takes as long as to call it."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return _remote_task().options(
        num_cpus=needs.cpus,
        num_gpus=needs.gpus,
        memory=needs.memory,
        max_retries=0,
        scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
    )


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
    now = time.monotonic()
    rested = [rest.place for rest in work.resting if rest.until < now]
    if rested:
        alive = living_nodes()
        work.resting = [rest for rest in work.resting if rest.until >= now]
        work.free = deque(place for place in (*work.free, *rested) if place.node in alive)


def _is_here(node: str) -> bool:
    """Return whether a node is that of the driver."""
    import ray

    return bool(ray.get_runtime_context().get_node_id() == node)


def _stop(work: _Work) -> None:
    """Ask the tasks at work to stop, and wait until each has ended its processes."""
    import ray

    references = [at_work.reference for at_work in work.running.values()]
    for reference in references:
        ray.cancel(reference, force=False)
    if references:
        _, left = ray.wait(references, num_returns=len(references), timeout=STOP_SECONDS)
        for reference in left:
            ray.cancel(reference, force=True)
