"""Findings 1 to 4: symptoms, outliers, and the accuracy of all bugs together."""

from statistics import median

from trainwreck.findings.answer import ALPHA, Answer, by_test, percent, unknown, yes_or_no
from trainwreck.findings.study import Study, values_of
from trainwreck.model import Impact, Rung, Symptom
from trainwreck.stats import (
    bootstrap_interval,
    box,
    equivalence,
    mann_whitney,
    t_test,
    wilson_interval,
)

FEW = 0.05
"""Hangs are few below this share; the study saw at most 0.6 %."""

NO_RUN = "no mutant has run"


def symptoms_as_published(study: Study) -> Answer:
    """Finding 1 by the shares alone."""
    total = len(study.judged)
    if not total:
        return unknown(NO_RUN)
    normal, crash, hang = (_count(study, symptom) for symptom in Symptom)
    holds = 2 * normal > total > 2 * crash and hang < FEW * total
    return yes_or_no(holds, _shares(study))


def symptoms(study: Study) -> Answer:
    """Finding 1 by 95 % intervals of the shares."""
    total = len(study.judged)
    if not total:
        return unknown(NO_RUN)
    lows, highs = zip(*(wilson_interval(_count(study, s), total) for s in Symptom), strict=True)
    numbers = (
        f"normal {_range(lows[0], highs[0])}, crash {_range(lows[1], highs[1])}, "
        f"hang {_range(lows[2], highs[2])}"
    )
    if lows[0] > 0.5 > highs[1] and highs[2] < FEW:
        return yes_or_no(True, numbers)
    if highs[0] < 0.5 or lows[1] > 0.5 or lows[2] > FEW:
        return yes_or_no(False, numbers)
    return unknown(numbers)


def _count(study: Study, symptom: Symptom) -> int:
    return sum(item.verdict.symptom is symptom for item in study.judged)


def _shares(study: Study) -> str:
    total = len(study.judged)
    return ", ".join(f"{s.value} {percent(_count(study, s), total)}" for s in Symptom)


def _range(low: float, high: float) -> str:
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def low_values_as_published(study: Study) -> Answer:
    """Finding 2 by the outliers of the box of all buggy runs."""
    if study.metric is None:
        return unknown("there is no metric")
    found = box(values_of(study.judged, study.value), study.metric.range)
    outside = f", {len(found.outside)} impossible values left out" if found.outside else ""
    return _outliers(len(found.below), len(found.above), found.n, outside, True)


def low_values(study: Study) -> Answer:
    """Finding 2 by the mutants whose difference is shown."""
    worse, better = (_impacts(study, impact) for impact in (Impact.DEGRADED, Impact.IMPROVED))
    return _sign_test(worse, better, "degraded", "improved", _undecided(study))


def long_times_as_published(study: Study) -> Answer:
    """Finding 3 by the outliers of the box of all buggy runs."""
    found = box(values_of(study.judged, study.time), None)
    return _outliers(len(found.below), len(found.above), found.n, "", False)


def long_times(study: Study) -> Answer:
    """Finding 3 by the mutants whose difference is shown."""
    slower, faster = (_impacts(study, impact) for impact in (Impact.SLOWER, Impact.FASTER))
    return _sign_test(slower, faster, "slower", "faster", "")


def _outliers(below: int, above: int, runs: int, more: str, below_is_claimed: bool) -> Answer:
    numbers = f"{below} outliers below and {above} above, of {runs} runs{more}"
    if below == above == 0:
        return unknown(f"no outlier among {runs} runs{more}")
    return yes_or_no(below > above if below_is_claimed else above > below, numbers)


def _impacts(study: Study, impact: Impact) -> int:
    return sum(impact in item.verdict.impact for item in study.judged)


def _undecided(study: Study) -> str:
    number = _impacts(study, Impact.UNDECIDED)
    return f", {number} undecided" if number else ""


def _sign_test(claimed: int, other: int, name: str, name_of_other: str, more: str) -> Answer:
    from scipy.stats import binomtest

    numbers = f"{claimed} mutants {name}, {other} {name_of_other}{more}"
    if not claimed + other:
        return unknown(numbers)
    return by_test(float(binomtest(claimed, claimed + other).pvalue), claimed > other, numbers)


def alike_as_published(study: Study) -> Answer:
    """Finding 4 by a t-test in which anything above .05 counts as no difference."""
    clean, buggy = study.clean_values(), values_of(study.judged, study.legal_value)
    if not clean or not buggy:
        return unknown("no clean run" if not clean else "no normal run")
    numbers = f"medians {median(clean):.4g} clean, {median(buggy):.4g} buggy"
    test = t_test(clean, buggy)
    if test.p is None:
        return unknown(f"{numbers}; {test.reason}")
    return yes_or_no(test.p > ALPHA, f"{numbers} (t-test: p = {test.p:.2g})")


def alike(study: Study) -> Answer:
    """Finding 4 by equivalence within the margin that the settings fix."""
    clean, buggy = study.clean_values(), values_of(study.judged, study.legal_value)
    if not clean or not buggy or study.metric is None:
        return unknown("no clean run" if not clean else "no normal run")
    silent = sum(i.verdict.rung in (Rung.UNREACHED, Rung.UNINFECTED, Rung.MASKED)
                 for i in study.judged)  # fmt: skip
    normal = _count(study, Symptom.NORMAL)
    interval = bootstrap_interval(clean, buggy)
    between = (
        ""
        if interval is None
        else (f"difference of means between {interval[0]:.2g} and {interval[1]:.2g}; ")
    )
    numbers = f"{between}{percent(silent, normal)} normal ones end exactly as clean runs"
    margin = study.metric.margin
    if margin is None:
        return unknown(f"{numbers}; the settings give `{study.metric.name}` no margin")
    near = equivalence(clean, buggy, margin)
    if near is None:
        return unknown(f"{numbers}; fewer than two values on a side")
    if near <= ALPHA:
        return yes_or_no(True, f"{numbers}; within {margin:g} (p = {near:.2g})")
    p = mann_whitney(clean, buggy)
    differs = p <= ALPHA and abs(median(buggy) - median(clean)) > margin
    numbers += f"; not shown to lie within {margin:g} (p = {near:.2g})"
    return yes_or_no(False, numbers) if differs else unknown(numbers)
