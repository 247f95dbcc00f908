"""Seeds and folds: what runs start from, and when comparisons may stop."""

from trainwreck.model.trial import Draw

FIRST_SEED = 0


FIRST = Draw(FIRST_SEED)
"""What every mutant's first run starts from."""


ANALYSIS_POINTS = (3, 5, 10, 20, 30)
"""After so many runs a propagated mutant is compared with the clean program."""


def draws(seeds: int, folds: int) -> list[Draw]:
    """Every fold of the first seed, then of the next."""
    return [Draw(FIRST_SEED + seed, fold) for seed in range(seeds) for fold in range(folds)]


def analysis_points(seeds: int, folds: int) -> list[int]:
    """The numbers of runs after which propagated mutants are compared, the last one for good.

    With several folds only whole seeds are compared: folds differ in difficulty.
    """
    most = seeds * folds
    found = (
        [look for look in ANALYSIS_POINTS if look < most]
        if folds == 1
        else range(folds, most, folds)
    )
    return [*found, most] if most > 1 else []
