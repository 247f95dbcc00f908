"""Shards: the parts of one plan that run apart, each in a campaign of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heapify, heapreplace

from trainwreck.model.mutant import Mutant
from trainwreck.model.usual_shares import NEEDS_NO_RUN, PROPAGATES

FURTHER_RUNS = 4
"""Runs with further seeds that a propagated mutant takes on average (results/keras.jsonl.xz)."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One of ``of`` parts of a plan; ``number`` counts from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        """Write it as on the command line: ``3/8``."""
        return f"{self.number}/{self.of}"


@dataclass(frozen=True, slots=True)
class Shards:
    """The parts of a plan that a campaign holds, of ``of`` parts; ``numbers`` count from 1."""

    of: int
    numbers: frozenset[int]

    @property
    def missing(self) -> list[int]:
        """Return the numbers of the parts that are not here."""
        return [number for number in range(1, self.of + 1) if number not in self.numbers]

    def takes(self, mutants: Iterable[Mutant]) -> Iterator[bool]:
        """Yield for each mutant of a whole plan whether one of these parts has it."""
        return (number in self.numbers for number in shard_numbers(mutants, self.of))


def shard_numbers(mutants: Iterable[Mutant], of: int) -> Iterator[int]:
    """Yield the shard of each mutant of a plan.

    A mutant goes to the shard that has the least to do so far, the lowest number among equals. What
    a mutant takes is expected by its kind of code, in clean runs. So every machine that has the
    plan finds the same shards, whatever it has run, and within a kind of code each shard is as
    random as the plan is.

    Args:
        mutants: The whole plan, in its order.
        of: The number of shards.

    """
    loads = [(0.0, number) for number in range(1, of + 1)]
    heapify(loads)
    for mutant in mutants:
        load, number = loads[0]
        heapreplace(loads, (load + expected_runs(mutant), number))
        yield number


def expected_runs(mutant: Mutant) -> float:
    """Return how many clean runs a mutant is expected to take, by its kind of code."""
    stratum = mutant.stratum
    return (1 - NEEDS_NO_RUN[stratum]) * (1 + PROPAGATES[stratum] * FURTHER_RUNS)
