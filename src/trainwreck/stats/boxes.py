"""Box plots in numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isfinite


@dataclass(frozen=True, slots=True)
class BoxStatistics:
    """A box plot of ``n`` values; ``low`` and ``high`` are the ends of its whiskers.

    ``outside`` are values that are not legal, NaN or infinite, and no part of the box. The
    numbers are None where no value is left.
    """

    n: int
    low: float | None
    q1: float | None
    median: float | None
    q3: float | None
    high: float | None
    below: tuple[float, ...]
    above: tuple[float, ...]
    outside: tuple[float, ...]


def box(values: Iterable[float], legal: tuple[float, float] | None) -> BoxStatistics:
    """Tukey's box plot: whiskers reach the last values within 1.5 interquartile ranges."""
    from numpy import asarray, percentile

    low, high = legal or (-inf, inf)
    inside: list[float] = []
    outside: list[float] = []
    for value in values:
        (inside if isfinite(value) and low <= value <= high else outside).append(value)
    wrong = tuple(sorted(outside, key=lambda value: (value != value, value)))
    if not inside:
        return BoxStatistics(0, None, None, None, None, None, (), (), wrong)
    sample = asarray(sorted(inside))
    q1, median, q3 = (float(value) for value in percentile(sample, (25, 50, 75)))
    reach = 1.5 * (q3 - q1)
    within = sample[(sample >= q1 - reach) & (sample <= q3 + reach)]
    start, end = float(within[0]), float(within[-1])
    return BoxStatistics(
        n=len(sample),
        low=start,
        q1=q1,
        median=median,
        q3=q3,
        high=end,
        below=tuple(sample[sample < start].tolist()),
        above=tuple(sample[sample > end].tolist()),
        outside=wrong,
    )
