"""The interface of engines, which run many tasks at once on this machine or on others.

To add an engine: write one module with a class that has the methods of `Engine`.
"""

from collections.abc import Callable, Generator, Iterable
from typing import Protocol, TypeVar

from trainwreck.model.slot import MustStop, Slot

Task = TypeVar("Task")
Result = TypeVar("Result")

Job = Callable[[Task, Slot, MustStop], Iterable[Result]]
"""Works on one task in a slot: yields results as they come, and raises where it must stop.

An engine that uses several processes pickles it.
"""


NOT_THERE = "not there"
"""A fact about a machine that lacks something which others must have."""


class Engine(Protocol):
    """A way to run a job for many tasks, each in a slot of its own."""

    @property
    def jobs(self) -> int:
        """Return the number of tasks that run at once."""

    def map(self, job: Job[Task, Result], tasks: Iterable[Task]) -> Generator[Result, None, None]:
        """Yield the results of all tasks as they come.

        Tasks are taken from the iterable only when a slot is free. When the consumer stops, or an
        exception leaves the iterator, running tasks are asked to stop and waited for.
        """
