"""Findings 5 to 7: what operators do."""

from collections.abc import Sequence
from typing import Any

from trainwreck.findings.answer import ALPHA, Answer, by_test, percent, unknown, yes_or_no
from trainwreck.findings.heads import operator_heads
from trainwreck.findings.study import Study, values_of
from trainwreck.findings.tables import Judged
from trainwreck.model import Impact, OperatorCode, Symptom
from trainwreck.stats import (
    benjamini_hochberg,
    crash_model,
    fisher,
    kruskal,
    mann_whitney,
    pairwise_anova,
    t_test,
)

CONDITIONS = (OperatorCode.ComOR, OperatorCode.MemOR, OperatorCode.LogOR)
LOWER = (OperatorCode.NVR, OperatorCode.LogOR, OperatorCode.ComOR)
OTHERS = "others"


def more_crashes_as_published(study: Study) -> Answer:
    """Finding 5 by the shares alone: each of the three above all others together."""
    rest = [item for item in study.judged if item.mutant.operator not in CONDITIONS]
    if not rest:
        return unknown("no mutant of another operator")
    share = _crash_share(rest)
    groups = {code: _of(study, code) for code in CONDITIONS}
    missing = [code for code, members in groups.items() if not members]
    if missing:
        return unknown(f"no mutant of {', '.join(missing)}")
    shares = {code: _crash_share(members) for code, members in groups.items()}
    numbers = ", ".join(f"{code} {100 * each:.0f} %" for code, each in shares.items())
    holds = all(each > share for each in shares.values())
    return yes_or_no(holds, f"{numbers}; all others {100 * share:.0f} %")


def more_crashes(study: Study) -> Answer:
    """Finding 5 by a logistic model with errors that are robust to files."""
    names = [
        "these three" if item.mutant.operator in CONDITIONS else OTHERS for item in study.judged
    ]
    model = crash_model(crashes(study.judged), names, files(study.judged))
    if len(model.chances) < 2:
        return unknown(model.wald.reason)
    chance, others = model.chances["these three"], model.chances[OTHERS]
    numbers = f"chance of a crash {_chance(chance)}; others {_chance(others)}"
    return by_test(model.wald.p, chance[0] > others[0], numbers)


def lower_and_longer_as_published(study: Study) -> Answer:
    """Finding 6 by the extremes that the figures show."""
    groups = operator_heads(study.judged).groups(study.judged)
    values = {head: values_of(members, study.legal_value) for head, members in groups.items()}
    times = {head: values_of(members, study.time) for head, members in groups.items()}
    lows = {code: min(found) for code, found in values.items() if found}
    highs = {code: max(found) for code, found in times.items() if found}
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


def lower_and_longer(study: Study) -> Answer:
    """Finding 6 by the mutants whose difference is shown: Fisher's exact tests."""
    lower = _rates(study, LOWER, (Impact.DEGRADED, Impact.INVALID))
    longer = _rates(study, (OperatorCode.ComOR,), (Impact.SLOWER,))
    p, p_longer = fisher(*lower), fisher(*longer)
    if p is None or p_longer is None:
        return unknown("one side has no normal mutant")
    numbers = (
        f"degraded {percent(*lower[:2])} against {percent(*lower[2:])} (p = {p:.2g}); "
        f"ComOR slower {percent(*longer[:2])} against {percent(*longer[2:])} (p = {p_longer:.2g})"
    )
    if p > ALPHA or p_longer > ALPHA:
        return unknown(numbers)
    return yes_or_no(_is_more(lower) and _is_more(longer), numbers)


def _rates(
    study: Study, codes: Sequence[OperatorCode], impacts: Sequence[Impact]
) -> tuple[int, int, int, int]:
    """How many of how many normal mutants of these operators have the impact, then of others."""
    counts = []
    for inside in (True, False):
        members = [
            item
            for item in study.judged
            if item.verdict.symptom is Symptom.NORMAL and (item.mutant.operator in codes) is inside
        ]
        hit = sum(not set(impacts).isdisjoint(item.verdict.impact) for item in members)
        counts += [hit, len(members)]
    return counts[0], counts[1], counts[2], counts[3]


def _is_more(rates: tuple[int, int, int, int]) -> bool:
    return rates[0] * rates[3] > rates[2] * rates[1]


def operators_differ_as_published(study: Study) -> Answer:
    """Finding 7 by pairwise analyses of variance, and t-tests against the clean runs."""
    groups = operator_values(study)
    pairs = [pair.test.p for pair in pairwise_anova(groups) if pair.test.p is not None]
    clean = study.clean_values()
    tests = {name: t_test(clean, found).p for name, found in groups.items()}
    known = {name: p for name, p in tests.items() if p is not None}
    if not pairs or not known:
        return unknown("too few normal runs for a test")
    different = sum(p <= ALPHA for p in pairs)
    deviating = [name for name, p in known.items() if p <= ALPHA]
    numbers = (
        f"{percent(different, len(pairs))} pairs differ; "
        f"{', '.join(deviating) or 'none'} from the clean runs"
    )
    return yes_or_no(different > 0 and bool(deviating), numbers)


def operators_differ(study: Study) -> Answer:
    """Finding 7 by rank tests, corrected over the operators."""
    groups = operator_values(study)
    test = kruskal(groups)
    if test.p is None:
        return unknown(test.reason)
    clean = study.clean_values()
    if not clean:
        return unknown("no clean run")
    names = [name for name, found in groups.items() if found]
    corrected = benjamini_hochberg([mann_whitney(clean, groups[name]) for name in names])
    deviating = [n for n, p in zip(names, corrected, strict=True) if p is not None and p <= ALPHA]
    numbers = (
        f"Kruskal-Wallis p = {test.p:.2g}; {', '.join(deviating) or 'none'} from the clean runs"
    )
    if test.p <= ALPHA and deviating:
        return yes_or_no(True, numbers)
    missing = "among operators" if test.p > ALPHA else "from the clean runs"
    return unknown(f"{numbers}; no difference {missing} is shown")


def operator_values(study: Study) -> dict[str, list[float]]:
    """The legal values of normal mutants by operator."""
    return {code.value: values_of(_of(study, code), study.legal_value) for code in OperatorCode}


def crashes(judged: Sequence[Judged]) -> list[bool]:
    """Whether each crashed."""
    return [item.verdict.symptom is Symptom.CRASH for item in judged]


def files(judged: Sequence[Judged]) -> list[str]:
    """The file of each: bugs in one file are not independent."""
    return [f"{item.mutant.root}/{item.mutant.file}" for item in judged]


def _of(study: Study, code: OperatorCode) -> list[Judged]:
    return [item for item in study.judged if item.mutant.operator == code]


def _crash_share(judged: Sequence[Judged]) -> float:
    return sum(crashes(judged)) / len(judged)


def _chance(found: Any) -> str:
    chance, low, high = found
    return f"{100 * chance:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
