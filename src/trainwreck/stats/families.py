"""Many tests at once."""

from collections.abc import Sequence


def benjamini_hochberg(ps: Sequence[float | None]) -> list[float | None]:
    """Each p corrected over the family (Benjamini and Hochberg, JRSS B 57, 1995); None stays."""
    from scipy.stats import false_discovery_control

    known = [p for p in ps if p is not None]
    if not known:
        return list(ps)
    corrected = iter(false_discovery_control(known, method="bh").tolist())
    return [None if p is None else next(corrected) for p in ps]
