"""Tables of propagated mutants: their impacts, every comparison, and DeepCrime's rule."""

from collections.abc import Sequence

from trainwreck.findings.heads import operator_heads
from trainwreck.findings.judged_campaign import JudgedCampaign, nothing, side_by_side
from trainwreck.findings.symptoms import IN_ALL
from trainwreck.findings.tables import share_of, weights_of
from trainwreck.model import (
    TIME,
    Better,
    Compared,
    Gap,
    Impact,
    Judged,
    Missing,
    Rung,
    Table,
    Verdict,
)
from trainwreck.stats.deepcrime import deepcrime_killed

MOST = 40
RARE = (Impact.WORSE, Impact.BETTER, Impact.CHANGED)
"""Impacts that have a column only where they occur."""

IMPACT_NOTE = (
    "Of propagated mutants; a mutant may have one in the metrics and one in time. degraded, "
    "improved: shown to lie beyond the margin; worse, better: shown to differ, and the size is "
    "open; equivalent: shown to lie within the margin; undecided: none of these is shown."
)
UNKNOWN_RUNG_NOTE = " Records that do not tell whether a bug propagated count here."
WEIGHTED_SHARES = "Percentages count each mutant with its weight."
VERDICT_NOTE = (
    "Difference: of the means, with its {level:g} % interval (Welch's or Student's, whichever is "
    "wider); Same draws: mean difference between runs with the same seed and fold; A12: the chance "
    "that a buggy run has the higher value. p: that there is a difference, beyond: that it is "
    "larger than the margin, within: that it is smaller. These count every planned analysis and "
    "are corrected over all mutants and metrics (Benjamini-Hochberg)."
)
APPROXIMATE = " {} of the mutants have too many runs for an exact rank test; theirs is approximate."


def table_impacts(studies: Sequence[JudgedCampaign]) -> Table:
    """Count the propagated mutants by operator and impact."""
    impacts = [impact for impact in Impact if impact not in RARE or _occurs(studies, impact)]
    operators = operator_heads(item for study in studies for item in study.judged)
    groups = {id(study): operators.groups(propagated(study)) for study in studies}

    def cells(study: JudgedCampaign, head: str) -> Sequence[object]:
        members = propagated(study) if head == IN_ALL else groups[id(study)][head]
        if not members:
            return nothing(Gap.NONE_PROPAGATED, len(impacts) + 1)
        hits = ([impact in i.verdict.impact for i in members] for impact in impacts)
        return (*(share_of(members, impact) for impact in hits), len(members))

    columns = (*(impact.value for impact in impacts), "Propagated")
    heads = [*operators.heads, IN_ALL]
    title = "What propagated mutants did"
    has_unknown = any(item.verdict.rung is None for study in studies for item in propagated(study))
    note = IMPACT_NOTE + UNKNOWN_RUNG_NOTE * has_unknown
    note += f" {WEIGHTED_SHARES}" if any(weights_of(study.judged) for study in studies) else ""
    return side_by_side("impacts", title, studies, heads, columns, cells, note)


def _occurs(studies: Sequence[JudgedCampaign], impact: Impact) -> bool:
    return any(impact in item.verdict.impact for study in studies for item in propagated(study))


def propagated(study: JudgedCampaign) -> list[Judged]:
    """Return the mutants whose result differs, and those whose records leave it open."""
    return [item for item in study.judged if _may_differ(item.verdict)]


def _may_differ(verdict: Verdict) -> bool:
    return verdict.rung is Rung.PROPAGATED or (verdict.rung is None and bool(verdict.compared))


def table_verdicts(study: JudgedCampaign) -> Table:
    """List the comparisons of propagated mutants in the metric, the largest differences first."""
    name = study.metric.name if study.metric else ""
    comparisons = [
        (item, compared)
        for item in propagated(study)
        for compared in item.verdict.compared
        if compared.measure == name
    ]
    comparisons.sort(key=lambda pair: (-abs(pair[1].difference or 0), pair[0].mutant.id))
    rows = tuple(_verdict_row(*pair) for pair in comparisons[:MOST])
    left = len(comparisons) - len(rows)
    note = VERDICT_NOTE.format(level=100 * (1 - study.alpha))
    approximate = sum(not compared.exact for _, compared in comparisons)
    note += APPROXIMATE.format(approximate) if approximate else ""
    note += f" {left} smaller differences are not shown." if left > 0 else ""
    columns = (
        "",
        "Impact",
        "Runs",
        "Difference",
        "Interval",
        "Same draws",
        "A12",
        "p",
        "beyond",
        "within",
    )
    return Table("verdicts", f"Propagated mutants of {study.name}: {name}", columns, rows, note)


def _verdict_row(item: Judged, compared: Compared) -> tuple[object, ...]:
    def cell(value: object, why: Gap) -> object:
        return Missing(why) if value is None else value

    return (
        item.mutant.name,
        _impacts(item.verdict, compared),
        compared.runs,
        cell(compared.difference, Gap.NO_VALUE),
        cell(compared.interval, Gap.TOO_FEW_RUNS),
        cell(compared.shared, Gap.NONE),
        cell(compared.a12, Gap.NO_VALUE),
        cell(compared.p, Gap.NOT_TESTED),
        cell(compared.beyond, Gap.NOT_TESTED),
        cell(compared.equivalence, Gap.NOT_TESTED),
    )


def _impacts(verdict: Verdict, compared: Compared) -> str:
    """Return the impacts of a mutant, those in another metric with its name."""
    named = {
        other.impact: other.measure
        for other in verdict.compared
        if other.impact not in (None, compared.impact) and other.measure != TIME
    }
    return ", ".join(
        f"{impact} ({named[impact]})" if impact in named else impact for impact in verdict.impact
    )


def table_deepcrime(study: JudgedCampaign) -> Table:
    """Count our verdicts against those of DeepCrime's rule, on the same runs."""
    name = study.metric.name if study.metric else ""
    higher = study.metric is None or study.metric.better is Better.HIGHER
    clean = study.clean_values()
    counts: dict[Impact, list[int]] = {}
    for item in propagated(study):
        runs = study.further(item, name)
        rules = [
            deepcrime_killed(clean, runs, two_sided=two_sided, better_higher=higher, by_t=by_t)
            for two_sided, by_t in ((False, False), (False, True), (True, False))
        ]
        impact = item.verdict.impact[0] if item.verdict.impact else Impact.UNDECIDED
        row = counts.setdefault(impact, [0] * (len(rules) + 2))
        for index, rule in enumerate(rules):
            row[index] += bool(rule.killed)
        row[-2] += rules[0].killed is None
        row[-1] += 1
    return Table(
        "deepcrime",
        f"Propagated mutants of {study.name}: DeepCrime's rule on the same runs",
        ("Verdict here", "Killed (z)", "Killed (t)", "Two-sided (z)", "Cannot be asked", "Mutants"),
        tuple((impact.value, *counts[impact]) for impact in Impact if impact in counts),
        "Killed: p < .05 of a generalised linear model and Cohen's d of at least .5, worse than "
        "clean; two-sided: in any direction. DeepCrime (2021) takes p from the normal distribution "
        "(z), studies before it from Student's (t). No correction for many mutants.",
    )
