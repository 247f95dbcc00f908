"""The reasons that are given for impacts, in words."""

from trainwreck.judge.comparison import LEAST_EQUIVALENT, Case, Decision
from trainwreck.model import Compared, Impact
from trainwreck.stats import rate_not_excluded

SIZES = (Impact.DEGRADED, Impact.IMPROVED)
DIRECTIONS = (Impact.WORSE, Impact.BETTER)


def invalid_reason(case: Case) -> str:
    """Say how many runs report an impossible value."""
    wrong, runs = case.illegal, case.compared.runs
    return f"{_number(len(wrong), runs)} reported an impossible value ({wrong[0]:g})"


def changed_reason(compared: Compared) -> str:
    """Say that there is nothing to test, and what the only difference is."""
    if compared.difference is None:
        return "the program ignores the seed, and one side does not report this metric"
    if not compared.difference:
        return "the program ignores the seed; the mutant reports the clean value"
    return f"the program ignores the seed; the mutant reports {compared.difference:+.4g}"


def metric_reason(case: Case, impact: Impact, decision: Decision) -> str:
    """Say why a metric has this impact."""
    each = case.compared
    if each.difference is None:
        return _missing(each)
    if impact is Impact.EQUIVALENT:
        return f"{_alike(case)}; {_not_excluded(each, decision.alpha)}"
    side = "higher" if case.rises else "lower"
    if impact in SIZES:
        return f"{side} by more than the margin of {each.margin:g} ({_p(each.beyond)})"
    if impact in DIRECTIONS:
        return f"{side} ({_p(each.p)}); {_open_size(case)}"
    parts = [_no_difference(case, decision), _no_equivalence(case)]
    if case.is_hopeless and decision.looks and each.runs < decision.looks[-1]:
        parts.append("more runs would hardly decide it")
    return "; ".join(parts)


def _missing(each: Compared) -> str:
    if not each.clean:
        return "no clean run reports it"
    return "no run of the mutant reports it"


def _alike(case: Case) -> str:
    each = case.compared
    if not case.all_equal:
        return (
            f"the difference is smaller than the margin of {each.margin:g} ({_p(each.equivalence)})"
        )
    if each.p is None:
        return "every run of the mutant and of the clean program reports the same value"
    return f"each of {each.runs} runs reports what the clean run with the same seed does"


def _not_excluded(each: Compared, alpha: float) -> str:
    """Name what so few runs cannot see: a collapse in some of them."""
    share = rate_not_excluded(each.runs, alpha)
    return f"{each.runs} runs do not exclude a collapse in up to {100 * share:.0f} % of runs"


def _open_size(case: Case) -> str:
    margin = case.compared.margin
    if margin is None:
        return f"{_no_margin(case)}, so that nothing says whether this matters"
    return f"whether by more than the margin of {margin:g} is open"


def _no_margin(case: Case) -> str:
    margin = case.metric.margin if case.metric else None
    if margin:
        return f"the margin of {margin} is a share of a clean median of 0"
    return "the settings give no margin"


def _no_difference(case: Case, decision: Decision) -> str:
    each = case.compared
    if each.p is None:
        return "every run of the mutant and of the clean program reports the same value"
    if case.all_equal:
        return f"{_runs(each.runs)} reported what the clean run with the same seed does"
    if each.attainable > decision.alpha:
        clean = f"{each.clean} clean one{'s' if each.clean != 1 else ''}"
        return f"{_runs(each.runs)} and {clean} are too few to show a difference"
    if each.p <= decision.alpha:
        return "ranks and means point in different directions"
    return f"no difference is shown ({_p(each.p)})"


def _no_equivalence(case: Case) -> str:
    each = case.compared
    if each.runs < LEAST_EQUIVALENT:
        return f"a verdict of equivalence needs {LEAST_EQUIVALENT} runs"
    if each.clean < 2:
        return "a single clean run shows no variance"
    if each.margin is None:
        return f"{_no_margin(case)}, so that nothing is shown to be equivalent"
    return (
        f"nor is it shown to be smaller than the margin of {each.margin:g} ({_p(each.equivalence)})"
    )


def time_reason(case: Case, decision: Decision) -> str:
    """Say how the time compares, where a difference is shown."""
    each = case.compared
    if each.p is None or each.p > decision.alpha:
        return ""
    ratio = f"{case.ratio:.2f} times the clean median ({_p(each.p)})"
    if abs(case.ratio - 1) <= decision.time_margin:
        return f"{ratio}: less than the margin of {100 * decision.time_margin:g} %"
    return ratio


def _p(p: float | None) -> str:
    if p is None:
        return "not tested"
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"


def _runs(number: int) -> str:
    return f"{number} run{'s' if number != 1 else ''}"


def _number(count: int, total: int) -> str:
    return f"{count} of {_runs(total)}"
