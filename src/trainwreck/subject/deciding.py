"""The numbers of runs that can decide something, asked of the statistics before anything runs."""

from collections.abc import Iterable

from trainwreck.model.draws import LEAST_EQUIVALENT, analysis_points
from trainwreck.stats.sequential import can_reject

USUAL_SEEDS = 10
"""The most seeds of a mutant where the settings name none."""

MOST = 1000
"""No larger number of seeds is tried."""


def can_decide(clean: int, seeds: int, folds: int, alpha: float) -> bool:
    """Return whether comparisons with these numbers of seeds can have a result.

    Args:
        clean: number of seeds of the clean program.
        seeds: the most seeds of a mutant.
        folds: number of folds for each seed.
        alpha: level of each test.

    """
    points = analysis_points(seeds, folds)
    if points and points[-1] >= LEAST_EQUIVALENT:
        return True
    return can_reject(clean * folds, tuple(points), alpha)


def least_seeds(clean: int, seeds: int, folds: int, alpha: float) -> int | None:
    """Return the least number above ``seeds`` that can decide, or None; see `can_decide`."""
    more = range(seeds + 1, min(clean, MOST) + 1)
    return _first(number for number in more if can_decide(clean, number, folds, alpha))


def least_clean(clean: int, seeds: int | None, folds: int, alpha: float) -> int | None:
    """Return the least number above ``clean`` that can decide, or None.

    ``seeds`` is None where it follows from ``clean``.
    """
    more = range(clean + 1, MOST + 1)
    return _first(
        number
        for number in more
        if can_decide(number, seeds or min(USUAL_SEEDS, number), folds, alpha)
    )


def _first(numbers: Iterable[int]) -> int | None:
    return next(iter(numbers), None)
