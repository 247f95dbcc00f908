"""Findings 8 and 9 of the paper, which compare phases."""

from trainwreck.findings.answer import Answer, between, by_test, share_text, unknown, yes_or_no
from trainwreck.findings.by_operator import crashes, side_of
from trainwreck.findings.judged_campaign import JudgedCampaign, values_of
from trainwreck.findings.tables import files_of, share_of, weights_of
from trainwreck.model import SHOWN, Impact, Judged
from trainwreck.stats.boxes import box
from trainwreck.stats.groups import chance_model, contingency

THREE = ("preprocessing", "constructing", "learning")
ALIKE = 0.1
"""Shares of crashes are alike where they differ by at most this."""

MATTERS = SHOWN | {Impact.SLOWER, Impact.FASTER}
"""Impacts that count for Finding 8."""

UNKNOWN = f"the program has no phases named {', '.join(THREE)}"


def later_impact_as_published(study: JudgedCampaign) -> Answer:
    """Answer Finding 8 as the paper did: by the number of outliers.

    A mutant counts in every phase in which its line runs.
    """
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
    """Answer Finding 8 by the share of mutants with an impact, robust to files.

    Each mutant counts once, under the last of its phases.
    """
    if not set(THREE) <= set(study.phases):
        return unknown(UNKNOWN)
    members = [item for item in study.normal() if last_phase(study, item) in THREE]
    late = [last_phase(study, item) in THREE[1:] for item in members]
    hits = [not MATTERS.isdisjoint(item.verdict.impact) for item in members]
    counts = [share_text(share_of(*side_of(members, hits, late, s))) for s in (True, False)]
    numbers = f"with an impact: constructing and learning {counts[0]}, preprocessing {counts[1]}"
    names = ["late" if is_late else "early" for is_late in late]
    model = chance_model(hits, names, files_of(members), study.alpha, weights_of(members))
    if model.alike.p is None:
        return unknown(numbers)
    more = model.chances["late"].share > model.chances["early"].share
    return by_test(model.alike.p, study.alpha, more, numbers)


def alike_phases_as_published(study: JudgedCampaign) -> Answer:
    """Answer Finding 9 as the paper did: by the observed shares of crashes.

    A mutant counts in every phase in which its line runs.
    """
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
        f"{phase} {100 * share:.0f} %" for phase, share in zip(THREE, shares, strict=True)
    )
    p = contingency(counts).p
    numbers = f"crashes: {numbers}" + ("" if p is None else f" (chi-square: p = {p:.2g})")
    return yes_or_no(max(shares) - min(shares) <= ALIKE, numbers)


def alike_phases(study: JudgedCampaign) -> Answer:
    """Answer Finding 9 by intervals and a score test that are robust to files.

    Each mutant counts once, under the last of its phases.
    """
    if not set(THREE) <= set(study.phases):
        return unknown(UNKNOWN)
    members = [item for item in study.judged if last_phase(study, item) in THREE]
    phases = [last_phase(study, item) for item in members]
    weights = weights_of(members)
    model = chance_model(crashes(members), phases, files_of(members), study.alpha, weights)
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
    """Return the last phase in which a mutant's line runs; empty where none is known."""
    order = {phase: index for index, phase in enumerate(study.phases)}
    return max(item.phases, key=lambda phase: order.get(phase, -1), default="")
