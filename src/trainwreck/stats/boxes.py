"""Box plots as numbers, without drawing."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isfinite


@dataclass(frozen=True, slots=True)
class BoxStatistics:
    """A box plot of ``n`` values; all numbers are in the unit of the values.

    ``low`` and ``high`` are the ends of the whiskers. ``below`` and ``above`` are the outliers, in
    ascending order. ``outside`` holds the values that are not legal, NaN or infinite; they do not
    count in ``n`` or in the box. The numbers are None where no value is left.
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
    """Return the box plot of Tukey ("Exploratory Data Analysis", 1977).

    Whiskers reach the last values within 1.5 interquartile ranges of the quartiles. Quartiles are
    interpolated linearly: definition 7 of Hyndman and Fan (The American Statistician 50, 1996).

    Args:
        values: any numbers, NaN and infinite ones included.
        legal: the lowest and the highest possible value; None where every finite value is possible.

    """
    from numpy import asarray, percentile

    low, high = legal or (-inf, inf)
    inside: list[float] = []
    outside: list[float] = []
    for value in values:
        (inside if isfinite(value) and low <= value <= high else outside).append(value)
    illegal = tuple(sorted(outside, key=lambda value: (value != value, value)))
    if not inside:
        return BoxStatistics(0, None, None, None, None, None, (), (), illegal)
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
        outside=illegal,
    )
