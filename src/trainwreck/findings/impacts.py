"""What propagated mutants did, one by one and counted; and what DeepCrime's rule says of them."""

from collections.abc import Sequence

from trainwreck.findings.heads import operator_heads
from trainwreck.findings.study import Study, nothing, side_by_side
from trainwreck.findings.symptoms import IN_ALL
from trainwreck.findings.tables import Judged
from trainwreck.model import (
    Better,
    Compared,
    Impact,
    Missing,
    Rung,
    Share,
    Table,
    Verdict,
)
from trainwreck.stats import bootstrap_interval, deepcrime_killed

MOST = 40
IMPACT_NOTE = (
    "Of propagated mutants; a mutant may have one in the metrics and one in time. undecided: "
    "neither a difference nor its absence within the margin is shown by its runs."
)
NOT_TOLD_NOTE = " Records that do not tell whether a bug propagated count here."
VERDICT_NOTE = (
    "p: exact Mann-Whitney, two-sided, times the number of looks, corrected over all mutants "
    "(Benjamini-Hochberg); interval: 95 %, of the difference of means (bootstrap); A12: the chance "
    "that a buggy run has the higher value; margin: p of equivalence, corrected alike."
)


def table_impacts(studies: Sequence[Study]) -> Table:
    """How many propagated mutants had which impact, by operator."""
    operators = operator_heads(item for study in studies for item in study.judged)
    groups = {id(study): operators.groups(propagated(study)) for study in studies}

    def cells(study: Study, head: str) -> Sequence[object]:
        members = propagated(study) if head == IN_ALL else groups[id(study)][head]
        if not members:
            return nothing("none propagated", len(Impact) + 1)
        counts = [sum(impact in i.verdict.impact for i in members) for impact in Impact]
        return (*(Share(count, len(members)) for count in counts), len(members))

    columns = (*(impact.value for impact in Impact), "Propagated")
    heads = [*operators.heads, IN_ALL]
    title = "What propagated mutants did"
    open_ = any(item.verdict.rung is None for study in studies for item in propagated(study))
    note = IMPACT_NOTE + NOT_TOLD_NOTE * open_
    return side_by_side("impacts", title, studies, heads, columns, cells, note)


def propagated(study: Study) -> list[Judged]:
    """The mutants whose result differs, or may differ where records do not tell."""
    return [item for item in study.judged if _may_differ(item.verdict)]


def _may_differ(verdict: Verdict) -> bool:
    return verdict.rung is Rung.PROPAGATED or (verdict.rung is None and bool(verdict.compared))


def table_verdicts(study: Study) -> Table:
    """Every comparison of propagated mutants in the metric, the largest differences first."""
    name = study.metric.name if study.metric else ""
    found = [
        (item, compared)
        for item in propagated(study)
        for compared in item.verdict.compared
        if compared.measure == name
    ]
    found.sort(key=lambda pair: (-abs(pair[1].difference or 0), pair[0].mutant.id))
    clean = study.clean_values()
    rows = tuple(_verdict_row(study, clean, *pair) for pair in found[:MOST])
    left = len(found) - len(rows)
    note = VERDICT_NOTE + (f" {left} smaller differences are not shown." if left > 0 else "")
    columns = ("", "Impact", "Runs", "Difference", "Interval", "p", "A12", "Margin")
    return Table("verdicts", f"Propagated mutants of {study.name}: {name}", columns, rows, note)


def _verdict_row(
    study: Study, clean: Sequence[float], item: Judged, compared: Compared
) -> tuple[object, ...]:
    interval = bootstrap_interval(clean, study.further(item, compared.measure))
    return (
        item.mutant.name,
        ", ".join(item.verdict.impact),
        compared.runs,
        Missing("no value") if compared.difference is None else compared.difference,
        interval or Missing("too few runs"),
        Missing("not tested") if compared.p is None else compared.p,
        Missing("no value") if compared.a12 is None else compared.a12,
        Missing("not tested") if compared.equivalence is None else compared.equivalence,
    )


def table_deepcrime(study: Study) -> Table:
    """The verdicts here against those of DeepCrime's rule, on the same runs."""
    name = study.metric.name if study.metric else ""
    higher = study.metric is None or study.metric.better is Better.HIGHER
    clean = study.clean_values()
    counts: dict[Impact, list[int]] = {}
    for item in propagated(study):
        runs = study.further(item, name)
        rules = [deepcrime_killed(clean, runs, sided, higher) for sided in (False, True)]
        impact = item.verdict.impact[0] if item.verdict.impact else Impact.UNDECIDED
        row = counts.setdefault(impact, [0, 0, 0, 0])
        row[0] += bool(rules[0].killed)
        row[1] += bool(rules[1].killed)
        row[2] += rules[0].killed is None
        row[3] += 1
    return Table(
        "deepcrime",
        f"Propagated mutants of {study.name}: DeepCrime's rule on the same runs",
        ("Verdict here", "Killed", "Killed, two-sided", "Cannot be asked", "Mutants"),
        tuple((impact.value, *counts[impact]) for impact in Impact if impact in counts),
        "Killed: p < .05 of a generalised linear model and Cohen's d of at least .5, worse than "
        "clean; two-sided: in any direction. No correction for many mutants.",
    )
