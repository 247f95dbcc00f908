"""Findings 8 and 9: what happens in which phase."""

from trainwreck.findings.answer import Answer, by_test, percent, unknown, yes_or_no
from trainwreck.findings.by_operator import crashes, files
from trainwreck.findings.study import Study, values_of
from trainwreck.findings.tables import Judged
from trainwreck.model import Impact, Symptom
from trainwreck.stats import box, contingency, crash_model, fisher

THREE = ("preprocessing", "constructing", "learning")
ALIKE = 0.1
"""Shares of crashes that differ by less are largely the same."""

MATTERS = frozenset(
    [Impact.INVALID, Impact.DEGRADED, Impact.IMPROVED, Impact.SLOWER, Impact.FASTER]
)
UNKNOWN = f"the program has no phases named {', '.join(THREE)}"


def later_impact_as_published(study: Study) -> Answer:
    """Finding 8 by the number of outliers; a bug counts in every phase in which its line runs."""
    if not set(THREE) <= set(study.phases):
        return unknown(UNKNOWN)
    legal = study.metric.range if study.metric else None
    counts = {}
    for phase in THREE:
        members = [item for item in study.judged if phase in item.phases]
        boxes = [box(values_of(members, study.value), legal)]
        boxes.append(box(values_of(members, study.time), None))
        counts[phase] = sum(len((*b.below, *b.above, *b.outside)) for b in boxes)
    if not any(counts.values()):
        return unknown("there is no outlier")
    numbers = ", ".join(f"{phase} {number}" for phase, number in counts.items())
    first, second, third = (counts[phase] for phase in THREE)
    return yes_or_no(first < min(second, third), f"outliers: {numbers}")


def later_impact(study: Study) -> Answer:
    """Finding 8 by shares of mutants with an impact, each under the last of its phases."""
    if not set(THREE) <= set(study.phases):
        return unknown(UNKNOWN)
    early = [i for i in _normal(study) if last_phase(study, i) == THREE[0]]
    late = [i for i in _normal(study) if last_phase(study, i) in THREE[1:]]
    hits = [sum(not MATTERS.isdisjoint(i.verdict.impact) for i in group) for group in (late, early)]
    p = fisher(hits[0], len(late), hits[1], len(early))
    numbers = (
        f"with an impact: constructing and learning {percent(hits[0], len(late))}, "
        f"preprocessing {percent(hits[1], len(early))}"
    )
    return by_test(p, hits[0] * len(early) > hits[1] * len(late), numbers)


def alike_phases_as_published(study: Study) -> Answer:
    """Finding 9 by shares; a bug counts in every phase in which its line runs."""
    if not set(THREE) <= set(study.phases):
        return unknown(UNKNOWN)
    counts = []
    for phase in THREE:
        members = [item for item in study.judged if phase in item.phases]
        crashed = sum(crashes(members))
        counts.append((crashed, len(members) - crashed))
    if not all(sum(row) for row in counts):
        return unknown("a phase has no mutant")
    shares = [row[0] / sum(row) for row in counts]
    numbers = ", ".join(
        f"{phase} {100 * each:.0f} %" for phase, each in zip(THREE, shares, strict=True)
    )
    p = contingency(counts).p
    numbers = f"crashes: {numbers}" + ("" if p is None else f" (chi-square: p = {p:.2g})")
    return yes_or_no(max(shares) - min(shares) <= ALIKE, numbers)


def alike_phases(study: Study) -> Answer:
    """Finding 9 by a logistic model; each mutant under the last of its phases."""
    if not set(THREE) <= set(study.phases):
        return unknown(UNKNOWN)
    members = [item for item in study.judged if last_phase(study, item) in THREE]
    phases = [last_phase(study, item) for item in members]
    model = crash_model(crashes(members), phases, files(members))
    if model.wald.p is None:
        return unknown(model.wald.reason)
    numbers = ", ".join(
        f"{phase} {100 * c:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
        for phase, (c, low, high) in model.chances.items()
    )
    numbers = f"chance of a crash: {numbers} (p = {model.wald.p:.2g})"
    if model.left_out:
        numbers += f"; no crash, or nothing else, in {', '.join(model.left_out)}"
    lows, highs = zip(*((low, high) for _, low, high in model.chances.values()), strict=True)
    if max(highs) - min(lows) <= ALIKE and not model.left_out:
        return yes_or_no(True, numbers)
    return yes_or_no(False, numbers) if model.wald.p <= 0.05 else unknown(numbers)


def last_phase(study: Study, item: Judged) -> str:
    """The last phase in which a mutant's line runs; empty where none is known."""
    order = {phase: index for index, phase in enumerate(study.phases)}
    return max(item.phases, key=lambda phase: order.get(phase, -1), default="")


def _normal(study: Study) -> list[Judged]:
    return [item for item in study.judged if item.verdict.symptom is Symptom.NORMAL]
