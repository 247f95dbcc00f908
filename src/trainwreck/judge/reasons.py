"""The reasons that are given for impacts, in words."""

from trainwreck.judge.comparison import LEAST_EQUIVALENT, Case, Decision
from trainwreck.model import Impact
from trainwreck.stats.describe import rate_not_excluded

SIZES = (Impact.DEGRADED, Impact.IMPROVED)
DIRECTIONS = (Impact.WORSE, Impact.BETTER)
ONE_VALUE = "every run of the mutant and of the clean program reports the same value"


def invalid_reason(case: Case) -> str:
    """Say how many runs report an impossible value."""
    wrong = case.illegal
    return f"{len(wrong)} of {_runs(case.runs)} reported an impossible value ({wrong[0]:g})"


def changed_reason(case: Case) -> str:
    """Say that there is nothing to test, and what the only difference is."""
    if case.contrast is None:
        return "the program ignores the seed, and one side does not report this metric"
    if not case.contrast.difference:
        return "the program ignores the seed; the mutant reports the clean value"
    return f"the program ignores the seed; the mutant reports {case.contrast.difference:+.4g}"


def metric_reason(case: Case, impact: Impact, decision: Decision) -> str:
    """Say why a metric has this impact."""
    if case.contrast is None:
        return "no run of the mutant reports it" if case.clean else "no clean run reports it"
    if impact is Impact.EQUIVALENT:
        return f"{_alike(case)}; {_not_excluded(case, decision.alpha)}"
    side = "higher" if case.rises else "lower"
    if impact in SIZES:
        return f"{side} by more than the margin of {case.margin:g} ({_p(case.beyond)})"
    if impact in DIRECTIONS:
        return f"{side} ({_p(case.p)}); {_open_size(case)}"
    parts = [_no_difference(case, decision), _no_equivalence(case)]
    if (
        decision.analysis_points
        and case.runs < decision.analysis_points[-1]
        and case.is_hopeless(decision)
    ):
        parts.append("more runs would hardly decide it")
    return "; ".join(parts)


def _alike(case: Case) -> str:
    if not case.all_equal:
        return f"the difference is smaller than the margin of {case.margin:g} ({_p(case.within)})"
    if case.p is None:
        return ONE_VALUE
    return f"each of {case.runs} runs reports what the clean run with the same seed does"


def _not_excluded(case: Case, alpha: float) -> str:
    """Name what so few runs cannot see: a collapse in some of them."""
    share = rate_not_excluded(case.runs, alpha)
    return f"{case.runs} runs do not exclude a collapse in up to {100 * share:.0f} % of runs"


def _open_size(case: Case) -> str:
    if case.margin is None:
        return f"{_no_margin(case)}, so that nothing says whether this matters"
    return f"whether by more than the margin of {case.margin:g} is open"


def _no_margin(case: Case) -> str:
    margin = case.metric.margin if case.metric else None
    if margin:
        return f"the margin of {margin} is a share of a clean median of 0"
    return "the settings give no margin"


def _no_difference(case: Case, decision: Decision) -> str:
    if case.p is None:
        return ONE_VALUE
    if case.all_equal:
        return f"{_runs(case.runs)} reported what the clean run with the same seed does"
    if case.attainable(decision) > decision.alpha:
        clean = f"{case.clean} clean one{'s' if case.clean != 1 else ''}"
        return f"{_runs(case.runs)} and {clean} are too few to show a difference"
    if case.p <= decision.alpha:
        return "ranks and means point in different directions"
    return f"no difference is shown ({_p(case.p)})"


def _no_equivalence(case: Case) -> str:
    if case.runs < LEAST_EQUIVALENT:
        return f"a verdict of equivalence needs {LEAST_EQUIVALENT} runs"
    if case.clean < 2:
        return "a single clean run shows no variance"
    if case.margin is None:
        return f"{_no_margin(case)}, so that nothing is shown to be equivalent"
    return f"nor is it shown to be smaller than the margin of {case.margin:g} ({_p(case.within)})"


def time_reason(case: Case, decision: Decision) -> str:
    """Say how the time compares, where a difference is shown."""
    if case.p is None or case.p > decision.alpha:
        return ""
    ratio = f"{case.ratio:.2f} times the clean median ({_p(case.p)})"
    if abs(case.ratio - 1) <= decision.time_margin:
        return f"{ratio}: less than the margin of {100 * decision.time_margin:g} %"
    return ratio


def _p(p: float | None) -> str:
    if p is None:
        return "not tested"
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"


def _runs(number: int) -> str:
    return f"{number} run{'s' if number != 1 else ''}"
