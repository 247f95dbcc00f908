"""The grounds for impacts: what decided each comparison, as data."""

from trainwreck.judge.comparison import Case, Decision
from trainwreck.model import Ground, Impact
from trainwreck.model.draws import LEAST_EQUIVALENT

SIZES = (Impact.DEGRADED, Impact.IMPROVED)
DIRECTIONS = (Impact.WORSE, Impact.BETTER)


def changed_grounds(case: Case) -> tuple[Ground, ...]:
    """Return the grounds of a program that ignores the seed, so that nothing is tested."""
    return (Ground.SEED_IGNORED, *_missing_values(case))


def metric_grounds(case: Case, impact: Impact, decision: Decision) -> tuple[Ground, ...]:
    """Return the grounds for the impact on a metric."""
    if case.contrast is None:
        return _missing_values(case)
    if impact is Impact.EQUIVALENT:
        return (_same_values(case) or Ground.WITHIN_MARGIN,)
    if impact in SIZES:
        return (Ground.BEYOND_MARGIN,)
    if impact in DIRECTIONS:
        return (Ground.DIFFERENT, _no_margin(case) or Ground.SIZE_OPEN)
    hopeless = (
        decision.analysis_points
        and case.runs < decision.analysis_points[-1]
        and case.is_hopeless(decision)
    )
    grounds = (_no_difference(case, decision), _no_equivalence(case))
    return (*grounds, Ground.HOPELESS) if hopeless else grounds


def time_grounds(case: Case, decision: Decision) -> tuple[Ground, ...]:
    """Return the grounds for the impact on the time; none where no difference is shown."""
    if case.p is None or case.p > decision.alpha:
        return ()
    within = abs(case.ratio - 1) <= decision.time_margin
    return (Ground.DIFFERENT, Ground.WITHIN_MARGIN) if within else (Ground.DIFFERENT,)


def _missing_values(case: Case) -> tuple[Ground, ...]:
    if case.contrast is not None:
        return ()
    return (Ground.NO_MUTANT_VALUE if case.clean else Ground.NO_CLEAN_VALUE,)


def _same_values(case: Case) -> Ground | None:
    """Return in which sense all values are the same, or None where they are not."""
    if case.p is None:
        return Ground.ONE_VALUE if case.all_equal else None
    return Ground.EQUAL_TO_CLEAN if case.all_equal else None


def _no_margin(case: Case) -> Ground | None:
    if case.margin is not None:
        return None
    # A margin may be a share of the clean median, which is no margin where that is 0.
    is_set = case.metric is not None and case.metric.margin is not None
    return Ground.MARGIN_OF_ZERO if is_set else Ground.NO_MARGIN


def _no_difference(case: Case, decision: Decision) -> Ground:
    if case.p is None:
        return Ground.ONE_VALUE
    if case.all_equal:
        return Ground.EQUAL_TO_CLEAN
    if case.attainable(decision) > decision.alpha:
        return Ground.TOO_FEW_RUNS
    if case.p <= decision.alpha:
        return Ground.DIRECTIONS_DISAGREE
    return Ground.NO_DIFFERENCE


def _no_equivalence(case: Case) -> Ground:
    if case.runs < LEAST_EQUIVALENT:
        return Ground.TOO_FEW_TO_BE_EQUIVALENT
    if case.clean < 2:
        return Ground.ONE_CLEAN_RUN
    return _no_margin(case) or Ground.NO_EQUIVALENCE
