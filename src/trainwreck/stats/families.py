"""Correction of p values for the number of tests."""

from collections.abc import Sequence


def benjamini_hochberg(ps: Sequence[float | None]) -> list[float | None]:
    """Return each p adjusted for the false discovery rate over all of ``ps``, in the same order.

    The step-up procedure is that of Benjamini and Hochberg (JRSS B 57, 1995). None stands for a
    test that was not made: it stays None and does not count.
    """
    from scipy.stats import false_discovery_control

    tested = [p for p in ps if p is not None]
    if not tested:
        return list(ps)
    corrected = iter(false_discovery_control(tested, method="bh").tolist())
    return [None if p is None else next(corrected) for p in ps]
