"""A model of many slots and one driver, simulated outcome by outcome from measured costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapify, heapreplace
from random import Random

LOOK_SECONDS = 0.1
"""The pause between two looks of a slot of this machine at its running training."""
SPREAD = 0.5
"""Trainings take from this share less than usual to this share more."""


@dataclass(frozen=True)
class Costs:
    """What outcomes and running trainings cost.

    ``outcome`` are seconds of the driver's processor for each outcome, ``store`` the part of them
    in which it is stored. ``watch`` are those for each second of a running training: on this
    machine the driver watches all, on Ray none. ``start`` are the seconds from the moment a slot
    has a trial to that in which the program begins.
    """

    outcome: float
    store: float
    watch: float
    start: float


@dataclass(frozen=True)
class Simulated:
    """A simulated campaign: its wall-clock seconds, and the share of them the driver was busy."""

    seconds: float
    busy: float


def simulate(
    costs: Costs, slots: int, training: float, outcomes: int, spread: float = SPREAD
) -> Simulated:
    """Run a campaign of ``outcomes`` in a simulation.

    Each slot waits for its start, trains, and then waits until the driver has taken its outcome,
    which takes those of all slots one by one in the order of their ends.

    Args:
        costs: What things cost.
        slots: The number of slots.
        training: The mean seconds of a training.
        outcomes: The number of trainings.
        spread: The largest difference of a training from the mean, as a share of it.

    """
    lengths = _lengths(training, spread, slots)

    def ends(begins: float) -> float:
        return begins + costs.start + next(lengths)

    at_work = min(slots, outcomes)
    waiting = [ends(0.0) for _ in range(at_work)]
    heapify(waiting)
    is_free_at, worked = 0.0, 0.0
    service = costs.outcome + delay_by_watching(costs.watch, at_work)
    for number in range(outcomes):
        taken = max(is_free_at, waiting[0])
        is_free_at = taken + service
        worked += costs.outcome
        # A slot without a further training is out of the way.
        follows = number + at_work < outcomes
        heapreplace(waiting, ends(is_free_at) if follows else float("inf"))
    watched = min(1.0, costs.watch * at_work)
    return Simulated(is_free_at, min(1.0, worked / is_free_at + watched))


def _lengths(training: float, spread: float, seed: int) -> Iterator[float]:
    """Yield lengths of trainings in pairs around the mean, so that theirs is exactly that."""
    random = Random(seed)
    while True:
        away = spread * random.uniform(-1, 1)
        yield training * (1 + away)
        yield training * (1 - away)


def delay_by_watching(watch: float, slots: int) -> float:
    """Return the seconds for which an outcome waits while the driver looks at running trainings.

    Each of the slots looks, which takes ``watch`` times the pause, and pauses. The looks queue for
    one processor (Python's lock): below its limit as in an M/M/1 queue, above it as in a closed
    one, in which all that do not pause wait (Kleinrock, Queueing Systems, 1976).
    """
    look = watch * LOOK_SECONDS
    load = slots * watch / (1 + watch)
    if load >= 1:
        return max(0.0, slots * look - LOOK_SECONDS)
    return min(load / (1 - load), slots) * look


def share_of_training(costs: Costs, slots: int, training: float) -> float:
    """Return the share of the slots' time in which they train, in a long campaign."""
    outcomes = 20 * slots
    simulated = simulate(costs, slots, training, outcomes)
    return training * outcomes / (slots * simulated.seconds)


def most_slots(seconds: float, training: float, start: float) -> int:
    """Return the slots that keep a processor busy which takes these seconds for each outcome."""
    return int((training + start) / seconds)
