"""Findings 1 to 4 of the paper: symptoms, outliers, and the accuracy of all mutants together."""

from collections.abc import Sequence
from statistics import median

from trainwreck.findings.answer import (
    PAPER_ALPHA,
    Answer,
    between,
    percent,
    share_text,
    unknown,
    yes_or_no,
)
from trainwreck.findings.judged_campaign import JudgedCampaign, values_of
from trainwreck.findings.tables import (
    files_of,
    is_masked_by_values,
    is_shown,
    leaves_alone,
    share_of,
    weights_of,
)
from trainwreck.model import MASKED_VALUES, Impact, Symptom
from trainwreck.stats.boxes import box
from trainwreck.stats.compare import t_test
from trainwreck.stats.groups import share_interval

FEW = 0.05
"""Hangs are few below this share; the paper reports at most 0.6 %."""

NO_RUN = "no mutant has run"


def symptoms_as_published(study: JudgedCampaign) -> Answer:
    """Answer Finding 1 as the paper did: by the observed shares of symptoms."""
    total = len(study.judged)
    if not total:
        return unknown(NO_RUN)
    normal, crash, hang = (_count(study, symptom) for symptom in Symptom)
    holds = 2 * normal > total > 2 * crash and hang < FEW * total
    return yes_or_no(holds, _shares(study))


def symptoms(study: JudgedCampaign) -> Answer:
    """Answer Finding 1 by intervals of the shares that are robust to files."""
    total = len(study.judged)
    if not total:
        return unknown(NO_RUN)
    files = files_of(study.judged)
    normal, crash, hang = (
        share_interval(
            [i.verdict.symptom is symptom for i in study.judged],
            files,
            study.alpha,
            weights_of(study.judged),
        )
        for symptom in Symptom
    )
    numbers = f"normal {between(*normal)}, crash {between(*crash)}, hang {between(*hang)}"
    if normal[0] > 0.5 > crash[1] and hang[1] < FEW:
        return yes_or_no(True, numbers)
    if normal[1] < 0.5 or crash[0] > 0.5 or hang[0] > FEW:
        return yes_or_no(False, numbers)
    return unknown(numbers)


def _count(study: JudgedCampaign, symptom: Symptom) -> int:
    return sum(item.verdict.symptom is symptom for item in study.judged)


def _shares(study: JudgedCampaign) -> str:
    total = len(study.judged)
    return ", ".join(f"{s.value} {percent(_count(study, s), total)}" for s in Symptom)


def low_values_as_published(study: JudgedCampaign) -> Answer:
    """Answer Finding 2 as the paper did: by the outliers of the box plot of all buggy runs."""
    if study.metric is None:
        return unknown("there is no metric")
    plot = box(values_of(study.judged, study.value), study.metric.range)
    outside = f", {len(plot.outside)} impossible values left out" if plot.outside else ""
    return _outliers(len(plot.below), len(plot.above), plot.n, outside, True)


def low_values(study: JudgedCampaign) -> Answer:
    """Answer Finding 2 by the mutants whose difference is shown."""
    worse = (Impact.DEGRADED, Impact.WORSE)
    better = (Impact.IMPROVED, Impact.BETTER)
    number = _impacts(study, (Impact.UNDECIDED,))
    undecided = f", {number} undecided" if number else ""
    return _mostly(study, worse, better, ("worse", "better"), undecided)


def long_times_as_published(study: JudgedCampaign) -> Answer:
    """Answer Finding 3 as the paper did: by the outliers of the box plot of all buggy runs."""
    plot = box(values_of(study.judged, study.time), None)
    return _outliers(len(plot.below), len(plot.above), plot.n, "", False)


def long_times(study: JudgedCampaign) -> Answer:
    """Answer Finding 3 by the mutants whose difference is shown."""
    return _mostly(study, (Impact.SLOWER,), (Impact.FASTER,), ("slower", "faster"), "")


def _outliers(below: int, above: int, runs: int, more: str, below_is_claimed: bool) -> Answer:
    numbers = f"{below} outliers below and {above} above, of {runs} runs{more}"
    if below == above == 0:
        return unknown(f"no outlier among {runs} runs{more}")
    return yes_or_no(below > above if below_is_claimed else above > below, numbers)


def _impacts(study: JudgedCampaign, impacts: Sequence[Impact]) -> int:
    return sum(not set(impacts).isdisjoint(item.verdict.impact) for item in study.judged)


def _mostly(
    study: JudgedCampaign,
    claimed: Sequence[Impact],
    other: Sequence[Impact],
    names: tuple[str, str],
    more: str,
) -> Answer:
    """Ask whether most mutants with either impact have the claimed one, robust to files."""
    either = {*claimed, *other}
    members = [item for item in study.judged if not either.isdisjoint(item.verdict.impact)]
    hits = [not set(claimed).isdisjoint(item.verdict.impact) for item in members]
    numbers = f"{sum(hits)} mutants {names[0]}, {len(hits) - sum(hits)} {names[1]}{more}"
    if not members:
        return unknown(numbers)
    low, high = share_interval(hits, files_of(members), study.alpha, weights_of(members))
    numbers += f"; {names[0]}: {between(low, high)}"
    if low <= 0.5 <= high:
        return unknown(numbers)
    return yes_or_no(low > 0.5, numbers)


def alike_as_published(study: JudgedCampaign) -> Answer:
    """Answer Finding 4 as the paper did: a t-test with p above .05 counts as no difference."""
    clean, buggy = study.clean_values(), values_of(study.judged, study.legal_value)
    if not clean or not buggy:
        return unknown("no clean run" if not clean else "no normal run")
    numbers = f"medians {median(clean):.4g} clean, {median(buggy):.4g} buggy"
    test = t_test(clean, buggy)
    if test.p is None:
        return unknown(f"{numbers}; {test.reason}")
    return yes_or_no(test.p > PAPER_ALPHA, f"{numbers} (t-test: p = {test.p:.2g})")


def alike(study: JudgedCampaign) -> Answer:
    """Answer Finding 4 by the share of normal mutants that leave the metric alone."""
    normal = study.normal()
    if not normal or study.metric is None:
        return unknown("no normal run" if study.metric else "there is no metric")
    files, weights = files_of(normal), weights_of(normal)
    alone, shown = [leaves_alone(item) for item in normal], [is_shown(item) for item in normal]
    low, high = share_interval(alone, files, study.alpha, weights)
    printed = sum(map(is_masked_by_values, normal))
    numbers = (
        f"{share_text(share_of(normal, alone))} of the normal ones end as clean runs do, or are "
        f"shown to be equivalent ({between(low, high)}); {sum(shown)} are shown to differ, "
        f"{len(normal) - sum(alone) - sum(shown) - printed} are undecided"
    )
    numbers += f", {printed} are {MASKED_VALUES}" if printed else ""
    if low > 0.5:
        return yes_or_no(True, numbers)
    low, _ = share_interval(shown, files, study.alpha, weights)
    return yes_or_no(False, numbers) if low > 0.5 else unknown(numbers)
