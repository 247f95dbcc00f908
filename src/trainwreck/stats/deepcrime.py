"""The rule by which DeepCrime calls a mutant killed, for comparison with our verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import copysign, erfc, frexp, fsum, inf, ldexp, sqrt
from statistics import fmean

from trainwreck.stats.compare import Untestable, finite

ALPHA, EFFECT = 0.05, 0.5


@dataclass(frozen=True, slots=True)
class Killed:
    """The result of the rule for one mutant.

    ``effect`` is Cohen's d, positive where the mutant is worse. ``killed`` is None where the rule
    does not apply; then ``reason`` says why.
    """

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
    """Return whether a generalised linear model has p < .05 and Cohen's d is at least .5.

    The rule is that of Humbatova, Jahangirova and Tonella, "DeepCrime" (ISSTA 2021). It requires
    that the mutant is worse, and compares the model's coefficient with the normal distribution
    (z). An earlier study (Jahangirova and Tonella, ICST 2020) compared it with Student's (t).

    Args:
        clean: values of the clean program, one for each run.
        buggy: values of the mutant, one for each run.
        two_sided: whether an effect in any direction counts.
        better_higher: whether high values are good.
        by_t: whether p is Student's.

    Returns:
        The two-sided p, the effect in pooled standard deviations, and the decision.

    """
    from scipy.special import stdtr

    clean, buggy = finite(clean), finite(buggy)
    if len(clean) < 2 or len(buggy) < 2:
        return Killed(None, None, None, Untestable.TOO_FEW_RUNS)
    if len(set(clean)) == len(set(buggy)) == 1:
        return Killed(None, None, None, Untestable.NO_RUN_VARIES)
    freedom = len(clean) + len(buggy) - 2
    effect = _cohens_d(tuple(clean), tuple(buggy))
    # In a Gaussian model of two groups the coefficient over its error is this function of d.
    ratio = abs(effect) / sqrt(1 / len(clean) + 1 / len(buggy))
    p = float(2 * stdtr(freedom, -ratio)) if by_t else erfc(ratio / sqrt(2))
    effect = effect if better_higher else -effect
    size = abs(effect) if two_sided else effect
    return Killed(p, effect, p < ALPHA and size >= EFFECT)


# The forms of the rule ask one after the other for the effect of one mutant.
@lru_cache(maxsize=1)
def _cohens_d(clean: tuple[float, ...], buggy: tuple[float, ...]) -> float:
    """Return the difference of means in pooled standard deviations, positive where clean is higher.

    Cohen, "Statistical Power Analysis for the Behavioral Sciences" (1988), section 2.5.
    """
    # Losses of diverged runs may be so large that their squares overflow. A power of two rescales
    # all values without a rounding error, and the effect has no unit.
    exponent = frexp(max(map(abs, (*clean, *buggy))))[1]
    usual = [ldexp(value, -exponent) for value in clean]
    own = [ldexp(value, -exponent) for value in buggy]
    means = fmean(usual), fmean(own)
    squares = fsum((value - means[0]) ** 2 for value in usual)
    squares += fsum((value - means[1]) ** 2 for value in own)
    if not squares:  # Beside one diverged run, how the others vary may be too little for a float.
        return copysign(inf, means[0] - means[1])
    return (means[0] - means[1]) / sqrt(squares / (len(clean) + len(buggy) - 2))
