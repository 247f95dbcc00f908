"""DeepCrime's rule for a killed mutant, for comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, fsum, sqrt
from statistics import fmean

from trainwreck.stats.compare import Untestable, finite

ALPHA, EFFECT = 0.05, 0.5


@dataclass(frozen=True, slots=True)
class Killed:
    """The answer of the rule; ``killed`` is None where it cannot be asked for a ``reason``."""

    p: float | None
    effect: float | None
    killed: bool | None
    reason: Untestable | None = None


def deepcrime_killed(
    clean: Sequence[float],
    buggy: Sequence[float],
    two_sided: bool = False,
    better_higher: bool = True,
    by_t: bool = False,
) -> Killed:
    """P < .05 in a generalised linear model and Cohen's d of at least .5.

    Humbatova, Jahangirova and Tonella, "DeepCrime" (ISSTA 2021). Theirs asks for a worse buggy
    side and holds the model's coefficient against the normal distribution (z); earlier studies
    (Jahangirova and Tonella, ICST 2020) held it against Student's (t).

    Args:
        clean: values of the clean program.
        buggy: values of the mutant.
        two_sided: whether an effect in any direction counts.
        better_higher: whether high values are good.
        by_t: whether p is Student's.

    """
    from scipy.special import stdtr

    clean, buggy = finite(clean), finite(buggy)
    if len(clean) < 2 or len(buggy) < 2:
        return Killed(None, None, None, Untestable.TOO_FEW_RUNS)
    if len(set(clean)) == len(set(buggy)) == 1:
        return Killed(None, None, None, Untestable.NO_RUN_VARIES)
    freedom = len(clean) + len(buggy) - 2
    means = fmean(clean), fmean(buggy)
    squares = fsum((value - means[0]) ** 2 for value in clean)
    squares += fsum((value - means[1]) ** 2 for value in buggy)
    effect = (means[0] - means[1]) / sqrt(squares / freedom)
    # The Gaussian model's coefficient over its error.
    ratio = abs(effect) / sqrt(1 / len(clean) + 1 / len(buggy))
    p = float(2 * stdtr(freedom, -ratio)) if by_t else erfc(ratio / sqrt(2))
    effect = effect if better_higher else -effect
    size = abs(effect) if two_sided else effect
    return Killed(p, effect, p < ALPHA and size >= EFFECT)
