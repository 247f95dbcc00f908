"""The values of clean runs step by step: the band that a mutant's curve is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median

from trainwreck.model import FIRST, Outcome, TrialKind
from trainwreck.store.campaign_file import CampaignFile


@dataclass(frozen=True, slots=True)
class CleanCurve:
    """One metric of the clean runs, step by step; None where no run has a finite value.

    ``low``, ``middle`` and ``high`` are minimum, median and maximum over the clean ``runs`` of all
    seeds. ``first`` is the curve of a clean run with the first seed.
    """

    metric: str
    runs: int
    low: tuple[float | None, ...]
    middle: tuple[float | None, ...]
    high: tuple[float | None, ...]
    first: tuple[float | None, ...]


def read_clean_curves(file: CampaignFile) -> tuple[CleanCurve, ...]:
    """Return the curves of all metrics that a clean run reports more than once."""
    curves: dict[str, list[list[float | None]]] = {}
    first: dict[str, list[float | None]] = {}
    for draw, _, outcome in file.outcomes(TrialKind.CLEAN):
        for name, values in curves_of(outcome).items():
            curves.setdefault(name, []).append(values)
            if draw == FIRST:
                first.setdefault(name, values)
    return tuple(_curve(name, runs, first.get(name, [])) for name, runs in curves.items())


def curves_of(outcome: Outcome) -> dict[str, list[float | None]]:
    """Return every metric that a run reports more than once, None for what is not finite."""
    return {
        name: [_finite(value) for value in values]
        for name, values in outcome.steps.items()
        if len(values) > 1
    }


def _finite(printed: str) -> float | None:
    try:
        value = float(printed)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _curve(
    name: str, runs: Sequence[Sequence[float | None]], first: Sequence[float | None]
) -> CleanCurve:
    steps = range(max(map(len, runs)))
    columns = [[run[step] for run in runs if step < len(run)] for step in steps]
    finite = [[value for value in column if value is not None] for column in columns]
    return CleanCurve(
        name,
        len(runs),
        tuple(min(values, default=None) for values in finite),
        tuple(median(values) if values else None for values in finite),
        tuple(max(values, default=None) for values in finite),
        tuple(first),
    )
