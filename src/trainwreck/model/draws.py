"""Seeds and folds: what runs start from, and when comparisons may stop."""

from trainwreck.model.trial import Draw

FIRST_SEED = 0


FIRST = Draw(FIRST_SEED)
"""The seed and fold of every mutant's first run."""


ANALYSIS_POINTS = (3, 5, 10, 20, 30)
"""Numbers of runs after which a propagated mutant is compared with the clean program."""

LEAST_EQUIVALENT = 10
"""With fewer runs no mutant is called equivalent: a rare collapse would go unseen too often."""


def draws(seeds: int, folds: int) -> list[Draw]:
    """List every fold of the first seed, then of the next."""
    return [Draw(FIRST_SEED + seed, fold) for seed in range(seeds) for fold in range(folds)]


def analysis_points(seeds: int, folds: int) -> list[int]:
    """Return the numbers of runs after which propagated mutants are compared.

    The last comparison is final. With several folds only whole seeds are compared, because folds
    differ in difficulty.
    """
    most = seeds * folds
    interim = (
        [point for point in ANALYSIS_POINTS if point < most]
        if folds == 1
        else range(folds, most, folds)
    )
    return [*interim, most] if most > 1 else []
