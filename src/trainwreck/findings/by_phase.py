"""Findings 8 and 9: what happens in which phase."""

from trainwreck.findings.answer import Answer, between, by_test, percent, unknown, yes_or_no
from trainwreck.findings.by_operator import crashes
from trainwreck.findings.judged_campaign import JudgedCampaign, values_of
from trainwreck.findings.tables import files_of
from trainwreck.model import SHOWN, Impact, Judged
from trainwreck.stats.boxes import box
from trainwreck.stats.groups import chance_model, contingency

THREE = ("preprocessing", "constructing", "learning")
ALIKE = 0.1
"""Shares of crashes that differ by less are largely the same."""

MATTERS = SHOWN | {Impact.SLOWER, Impact.FASTER}
UNKNOWN = f"the program has no phases named {', '.join(THREE)}"


def later_impact_as_published(study: JudgedCampaign) -> Answer:
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


def later_impact(study: JudgedCampaign) -> Answer:
    """Finding 8 by mutants with an impact, each under the last of its phases, robust to files."""
    if not set(THREE) <= set(study.phases):
        return unknown(UNKNOWN)
    members = [item for item in study.normal() if last_phase(study, item) in THREE]
    late = [last_phase(study, item) in THREE[1:] for item in members]
    hits = [not MATTERS.isdisjoint(item.verdict.impact) for item in members]
    groups = [
        [h for h, each in zip(hits, late, strict=True) if each is side] for side in (True, False)
    ]
    counts = [percent(sum(group), len(group)) for group in groups]
    numbers = f"with an impact: constructing and learning {counts[0]}, preprocessing {counts[1]}"
    names = ["late" if each else "early" for each in late]
    model = chance_model(hits, names, files_of(members), study.alpha)
    if model.alike.p is None:
        return unknown(numbers)
    more = model.chances["late"].share > model.chances["early"].share
    return by_test(model.alike.p, study.alpha, more, numbers)


def alike_phases_as_published(study: JudgedCampaign) -> Answer:
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


def alike_phases(study: JudgedCampaign) -> Answer:
    """Finding 9 by a logistic model; each mutant under the last of its phases."""
    if not set(THREE) <= set(study.phases):
        return unknown(UNKNOWN)
    members = [item for item in study.judged if last_phase(study, item) in THREE]
    phases = [last_phase(study, item) for item in members]
    model = chance_model(crashes(members), phases, files_of(members), study.alpha)
    if model.alike.p is None:
        return unknown(model.alike.reason or "")
    chances = [model.chances[phase] for phase in THREE if phase in model.chances]
    numbers = ", ".join(
        f"{phase} {100 * chance.share:.0f} % ({between(chance.low, chance.high)})"
        for phase, chance in model.chances.items()
    )
    numbers = f"chance of a crash: {numbers} (p = {model.alike.p:.2g})"
    extent = max(chance.high for chance in chances) - min(chance.low for chance in chances)
    if extent <= ALIKE and len(chances) == len(THREE):
        return yes_or_no(True, numbers)
    return yes_or_no(False, numbers) if model.alike.p <= study.alpha else unknown(numbers)


def last_phase(study: JudgedCampaign, item: Judged) -> str:
    """The last phase in which a mutant's line runs; empty where none is known."""
    order = {phase: index for index, phase in enumerate(study.phases)}
    return max(item.phases, key=lambda phase: order.get(phase, -1), default="")
