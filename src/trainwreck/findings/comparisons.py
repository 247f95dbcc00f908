"""Checks that compare what a run reported with clean runs, as people write them in their tests.

Each asks whether a run is as it should be, and raises an alarm where it is not. Everything they
need was stored with the runs, so that no run is needed to learn what they would have noticed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf, isnan, sqrt

Series = Mapping[str, Sequence[float]]
"""The values of each metric in the order in which a run reported them."""


class Needs(StrEnum):
    """The clean runs that a check needs."""

    GOLDEN = "a clean run with the same seed"
    SEEDS = "clean runs with other seeds"


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One run as a check sees it: all reported values, and the counts of work."""

    values: Series
    work: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Usual:
    """The values of one metric in clean runs: mean, sample deviation and their number."""

    mean: float
    deviation: float
    number: int


@dataclass(frozen=True, slots=True)
class Reference:
    """The knowledge about the clean program: one run, and values over seeds, by metric.

    ``usual`` are the final values, ``starts`` the first ones.
    """

    golden: Trajectory
    usual: Mapping[str, Usual]
    starts: Mapping[str, Usual] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One check.

    Attributes:
        name: What it compares, for people.
        needs: What it is compared with.
        cost: The share of a training that it takes; the golden run is kept, and costs nothing.
        alarm: Whether a run raises an alarm.
        form: What it compares, for files that make the same comparison; empty where none can.
        limits: The numbers of the form.
        report: The index of the report that a check over seeds compares: the last, or the first.

    """

    name: str
    needs: Needs
    cost: float
    alarm: Callable[[Trajectory, Reference], bool]
    form: str = ""
    limits: tuple[float, ...] = ()
    report: int = -1


def distance(run: Series, golden: Series, first: int = 0, last: int | None = None) -> float:
    """Return the largest difference of a value to that of the golden run, over all metrics.

    Reports count from ``first`` up to ``last``; a value that only one of them has, or that is not a
    number in one of them, is infinitely far.
    """
    largest = 0.0
    for metric in golden:
        mine, its = run.get(metric, ())[first:last], golden[metric][first:last]
        if len(mine) != len(its):
            return inf
        largest = max([largest, *map(_apart, mine, its)])
    return largest


def mean_residual(run: Series, golden: Series) -> float:
    """Return how far a run's values have drifted: their mean difference, of the worst metric.

    Differences keep their sign, so that chance to both sides cancels.
    """
    means = [0.0]
    for metric, its in golden.items():
        mine = run.get(metric, ())
        if len(mine) != len(its):
            return inf
        drift = abs(sum(map(_signed, mine, its)) / len(its)) if its else 0.0
        means.append(inf if isnan(drift) else drift)
    return max(means)


def _apart(mine: float, golden: float) -> float:
    return abs(_signed(mine, golden))


def _signed(mine: float, golden: float) -> float:
    if mine == golden or (isnan(mine) and isnan(golden)):
        return 0.0
    difference = mine - golden
    return inf if isnan(difference) else difference


def first_report(tolerance: float, reports: int) -> Comparison:
    """Return the check that the first reported values are those of the golden run."""
    return Comparison(
        f"first report within {tolerance:g}" if tolerance else "first report equal",
        Needs.GOLDEN,
        1 / max(reports, 1),
        lambda run, known: distance(run.values, known.golden.values, 0, 1) > tolerance,
        "first report",
        (tolerance,),
    )


def first_reports(number: int, tolerance: float, reports: int) -> Comparison:
    """Return the check that the first ``number`` values are those of the golden run."""
    return Comparison(
        f"first {number} reports within {tolerance:g}",
        Needs.GOLDEN,
        number / max(reports, 1),
        lambda run, known: distance(run.values, known.golden.values, 0, number) > tolerance,
    )


def one_report(number: int, tolerance: float, reports: int) -> Comparison:
    """Return the check that the values of the report ``number`` are those of the golden run."""
    return Comparison(
        f"report {number} within {tolerance:g}",
        Needs.GOLDEN,
        number / max(reports, 1),
        lambda run, known: (
            distance(run.values, known.golden.values, number - 1, number) > tolerance
        ),
    )


def every_report(tolerance: float) -> Comparison:
    """Return the check that all reported values are those of the golden run."""
    name = "every report equal" if not tolerance else f"every report within {tolerance:g}"
    return Comparison(
        name,
        Needs.GOLDEN,
        1.0,
        lambda run, known: distance(run.values, known.golden.values) > tolerance,
        "every report",
        (tolerance,),
    )


def last_report(tolerance: float) -> Comparison:
    """Return the check that the last reported values are those of the golden run."""
    return Comparison(
        f"last report within {tolerance:g}",
        Needs.GOLDEN,
        1.0,
        lambda run, known: distance(run.values, known.golden.values, -1) > tolerance,
        "last report",
        (tolerance,),
    )


def tolerance_and_residual(tolerance: float, residual: float) -> Comparison:
    """Return the check of every value and of their mean difference, which shows a drift.

    TRL's tests of invariants compare losses and norms of gradients so (``compare_scalars`` in
    ``tests/invariant/test_invariant.py``).
    """
    return Comparison(
        f"every report within {tolerance:g}, {residual:g} in the mean",
        Needs.GOLDEN,
        1.0,
        lambda run, known: (
            distance(run.values, known.golden.values) > tolerance
            or mean_residual(run.values, known.golden.values) > residual
        ),
        "every report",
        (tolerance, residual),
    )


def work_counts() -> Comparison:
    """Return the check that a run made as many batches, steps and calls as the golden one."""
    return Comparison(
        "counts of work equal",
        Needs.GOLDEN,
        1.0,
        lambda run, known: dict(run.work) != dict(known.golden.work),
    )


def final_value(deviations: float) -> Comparison:
    """Return the check that no final value is further from the mean over seeds."""
    return Comparison(
        f"final value within {deviations:g} deviations",
        Needs.SEEDS,
        1.0,
        lambda run, known: any(
            _is_far(run.values.get(metric, ())[-1:], usual, deviations)
            for metric, usual in known.usual.items()
        ),
        "final value",
        (deviations,),
    )


def first_value(deviations: float, reports: int) -> Comparison:
    """Return the check that no first value is further from the mean over seeds.

    Where a program reports before its first step, this is the check of the loss at initialisation
    (Karpathy, A Recipe for Training Neural Networks, 2019), with the value that clean runs have.
    """
    return Comparison(
        f"first value within {deviations:g} deviations",
        Needs.SEEDS,
        1 / max(reports, 1),
        lambda run, known: any(
            _is_far(run.values.get(metric, ())[:1], usual, deviations)
            for metric, usual in known.starts.items()
        ),
        report=0,
    )


def mean_over_seeds(seeds: int, deviations: float = 2.0) -> Comparison:
    """Return the check that a mean final value over seeds is near that of clean runs.

    Its run is a trajectory with one value of each metric for each seed. The limit is that of a
    difference of two means, in standard errors.
    """

    def alarm(run: Trajectory, known: Reference) -> bool:
        for metric, usual in known.usual.items():
            values = run.values.get(metric, ())[:seeds]
            error = usual.deviation * sqrt(1 / seeds + 1 / usual.number)
            mean = Usual(usual.mean, error, usual.number)
            if len(values) == seeds and _is_far([sum(values) / seeds], mean, deviations):
                return True
        return False

    name = f"mean of {seeds} seeds within {deviations:g} standard errors"
    return Comparison(name, Needs.SEEDS, float(seeds), alarm)


def _is_far(values: Sequence[float], usual: Usual, deviations: float) -> bool:
    """Return whether a value is missing, no number, or further from the mean than allowed."""
    near = [abs(value - usual.mean) <= deviations * usual.deviation for value in values]
    return not (near and all(near))
