"""Findings 5 to 7 of the paper, which compare operators."""

from collections.abc import Sequence

from trainwreck.findings.answer import (
    PAPER_ALPHA,
    Answer,
    Holds,
    between,
    by_test,
    percent,
    share_text,
    unknown,
    yes_or_no,
)
from trainwreck.findings.heads import operator_heads
from trainwreck.findings.judged_campaign import JudgedCampaign, values_of
from trainwreck.findings.tables import files_of, is_shown, share_of, weights_of
from trainwreck.model import Impact, Judged, OperatorCode, Symptom
from trainwreck.stats.compare import t_test
from trainwreck.stats.groups import Chance, chance_model, pairwise_anova

CONDITIONS = (OperatorCode.ComOR, OperatorCode.MemOR, OperatorCode.LogOR)
LOWER = (OperatorCode.NVR, OperatorCode.LogOR, OperatorCode.ComOR)
EIGHT = frozenset(OperatorCode)
OTHERS = "others"


def more_crashes_as_published(study: JudgedCampaign) -> Answer:
    """Answer Finding 5 as the paper did: by the observed shares of crashes.

    It holds where each of the three operators has a larger share than all others together.
    """
    rest = [item for item in study.judged if item.mutant.operator not in CONDITIONS]
    if not rest:
        return unknown("no mutant of another operator")
    others = _crash_share(rest)
    groups = {code: _of(study, code) for code in CONDITIONS}
    missing = [code for code, members in groups.items() if not members]
    if missing:
        return unknown(f"no mutant of {', '.join(missing)}")
    shares = {code: _crash_share(members) for code, members in groups.items()}
    numbers = ", ".join(f"{code} {100 * own:.0f} %" for code, own in shares.items())
    holds = all(own > others for own in shares.values())
    return yes_or_no(holds, f"{numbers}; all others {100 * others:.0f} %")


def more_crashes(study: JudgedCampaign) -> Answer:
    """Answer Finding 5 by a score test of equal chances that is robust to files."""
    names = [
        "these three" if item.mutant.operator in CONDITIONS else OTHERS for item in study.judged
    ]
    model = chance_model(
        crashes(study.judged),
        names,
        files_of(study.judged),
        study.alpha,
        weights_of(study.judged),
    )
    if model.alike.p is None:
        return unknown(model.alike.reason or "")
    chance, others = model.chances["these three"], model.chances[OTHERS]
    numbers = f"chance of a crash {_chance(chance)}; others {_chance(others)}"
    return by_test(model.alike.p, study.alpha, chance.share > others.share, numbers)


def lower_and_longer_as_published(study: JudgedCampaign) -> Answer:
    """Answer Finding 6 as the paper did: by the extremes that the figures show."""
    groups = operator_heads(study.judged).groups(study.judged)
    values = {head: values_of(members, study.legal_value) for head, members in groups.items()}
    times = {head: values_of(members, study.time) for head, members in groups.items()}
    lows = {head: min(reported) for head, reported in values.items() if reported}
    highs = {head: max(seconds) for head, seconds in times.items() if seconds}
    rest = [value for code, value in lows.items() if code not in LOWER]
    if not rest or not all(code in lows for code in LOWER) or OperatorCode.ComOR not in highs:
        return unknown("an operator has no normal run to its end")
    longest = max(highs, key=lambda code: highs[code])
    numbers = ", ".join(f"{code} {lows[code]:.3g}" for code in LOWER)
    numbers = (
        f"lowest: {numbers}, others {min(rest):.3g}; longest: {longest} {highs[longest]:.3g} s"
    )
    lower = all(lows[code] < min(rest) for code in LOWER)
    return yes_or_no(lower and longest == OperatorCode.ComOR, numbers)


def lower_and_longer(study: JudgedCampaign) -> Answer:
    """Answer Finding 6 by the mutants whose difference is shown, robust to files."""
    lower = _more_of(study, LOWER, (Impact.DEGRADED, Impact.INVALID))
    longer = _more_of(study, (OperatorCode.ComOR,), (Impact.SLOWER,))
    numbers = f"degraded: {lower.numbers}; ComOR slower: {longer.numbers}"
    if Holds.UNKNOWN in (lower.holds, longer.holds):
        return unknown(numbers)
    return yes_or_no(lower.holds is longer.holds is Holds.YES, numbers)


def _more_of(study: JudgedCampaign, codes: Sequence[str], impacts: Sequence[Impact]) -> Answer:
    """Ask whether normal mutants of these operators have an impact more often than the others."""
    normal = study.normal()
    inside = [item.mutant.operator in codes for item in normal]
    hits = [not set(impacts).isdisjoint(item.verdict.impact) for item in normal]
    counts = [share_text(share_of(*side_of(normal, hits, inside, side))) for side in (True, False)]
    names = ["these" if is_inside else OTHERS for is_inside in inside]
    model = chance_model(hits, names, files_of(normal), study.alpha, weights_of(normal))
    numbers = f"{counts[0]} against {counts[1]}"
    if model.alike.p is None:
        return unknown(numbers)
    more = model.chances["these"].share > model.chances[OTHERS].share
    return by_test(model.alike.p, study.alpha, more, numbers)


def side_of(
    judged: Sequence[Judged], hits: Sequence[bool], inside: Sequence[bool], side: bool
) -> tuple[list[Judged], list[bool]]:
    """Return the mutants of one side of a comparison, and whether each is a hit."""
    triples = zip(judged, hits, inside, strict=True)
    pairs = [(item, hit) for item, hit, is_inside in triples if is_inside is side]
    return [item for item, _ in pairs], [hit for _, hit in pairs]


def operators_differ_as_published(study: JudgedCampaign) -> Answer:
    """Answer Finding 7 as the paper did.

    It made pairwise analyses of variance, and t-tests against the clean runs.
    """
    groups = operator_values(study)
    pairs = [pair.test.p for pair in pairwise_anova(groups) if pair.test.p is not None]
    clean = study.clean_values()
    tests = {name: t_test(clean, values).p for name, values in groups.items()}
    against_clean = {name: p for name, p in tests.items() if p is not None}
    if not pairs or not against_clean:
        return unknown("too few normal runs for a test")
    different = sum(p <= PAPER_ALPHA for p in pairs)
    deviating = [name for name, p in against_clean.items() if p <= PAPER_ALPHA]
    numbers = (
        f"{percent(different, len(pairs))} pairs differ; "
        f"{', '.join(deviating) or 'none'} from the clean runs"
    )
    return yes_or_no(different > 0 and bool(deviating), numbers)


def operators_differ(study: JudgedCampaign) -> Answer:
    """Answer Finding 7 by the mutants that are shown to differ, robust to files."""
    normal = [item for item in study.normal() if item.mutant.operator in EIGHT]
    shown = [is_shown(item) for item in normal]
    if not any(shown):
        return unknown(f"none of {len(normal)} normal mutants is shown to differ from clean runs")
    operators = [str(item.mutant.operator) for item in normal]
    model = chance_model(shown, operators, files_of(normal), study.alpha, weights_of(normal))
    differing = {name for name, differs in zip(operators, shown, strict=True) if differs}
    numbers = (
        f"{share_text(share_of(normal, shown))} normal mutants are shown to differ from clean "
        f"runs, of {', '.join(sorted(differing))}"
    )
    if model.alike.p is None:
        return unknown(f"{numbers}; among operators: {model.alike.reason}")
    if model.alike.p > study.alpha:
        return unknown(
            f"{numbers}; no difference among operators is shown (p = {model.alike.p:.2g})"
        )
    return yes_or_no(True, f"{numbers}; operators differ (p = {model.alike.p:.2g})")


def operator_values(study: JudgedCampaign) -> dict[str, list[float]]:
    """Return the legal values of normal mutants by the code of their operator."""
    return {code.value: values_of(_of(study, code), study.legal_value) for code in OperatorCode}


def crashes(judged: Sequence[Judged]) -> list[bool]:
    """Return, for each mutant, whether it crashed."""
    return [item.verdict.symptom is Symptom.CRASH for item in judged]


def _of(study: JudgedCampaign, code: OperatorCode) -> list[Judged]:
    return [item for item in study.judged if item.mutant.operator == code]


def _crash_share(judged: Sequence[Judged]) -> float:
    return sum(crashes(judged)) / len(judged)


def _chance(chance: Chance) -> str:
    return f"{100 * chance.share:.0f} % ({between(chance.low, chance.high)})"
