"""The use that the program makes of the seed, from clean runs with several seeds."""

from collections.abc import Sequence

from trainwreck.judge.baseline_evidence import DeterminismCheck
from trainwreck.judge.comparison import ignores_seed
from trainwreck.model import FIRST, VALUES_ALONE, Measurement, Outcome, SeedUse

FEW_SEEDS = 3
"""Seeds that must end alike where a result holds much: equal ones are no chance then."""

MANY_SEEDS = 10
"""Seeds that must end alike where a result is a few printed values, which may agree by chance."""

MANY_VALUES = 5
"""A run that reports this number of different values holds much."""


def seed_use(clean: Sequence[Measurement], first: DeterminismCheck) -> SeedUse:
    """Return whether results depend on the seed.

    Args:
        clean: clean runs, one for each seed and fold.
        first: the results of all clean runs with the first seed.

    """
    if ignores_seed(clean):
        return SeedUse.IGNORED
    others = {run.digest for run in clean if run.draw.seed != FIRST.seed}
    if not first.repeats or not others - first.digests:
        return SeedUse.UNKNOWN
    return SeedUse.USED


def seeds_to_ask(first: Outcome) -> int:
    """Return the number of seeds that must end alike before the program is said to ignore them.

    Args:
        first: the outcome of a clean run.

    """
    values = {value for reported in first.steps.values() for value in reported}
    holds_much = first.result.parts != VALUES_ALONE or len(values) >= MANY_VALUES
    return FEW_SEEDS if holds_much else MANY_SEEDS
