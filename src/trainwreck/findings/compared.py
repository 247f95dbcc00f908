"""The table that compares operators, or phases, by the verdicts of their mutants."""

from collections.abc import Mapping, Sequence

from trainwreck.findings.by_operator import crashes
from trainwreck.findings.judged_campaign import JudgedCampaign, values_of
from trainwreck.findings.tables import (
    files_of,
    is_masked_by_values,
    is_shown,
    leaves_alone,
    share_of,
    weights_of,
)
from trainwreck.model import MASKED_VALUES, Gap, Judged, Missing, Symptom, Table
from trainwreck.stats.compare import t_test
from trainwreck.stats.groups import ClusterModel, anova, chance_model, pairwise_anova

WEIGHTS = " Chances and percentages count each mutant with its weight; the paper's form does not."
COLUMNS = ("", "Normal", "Silent or equivalent", "Shown to differ")
PRINTED = MASKED_VALUES.capitalize()
"""A column where such mutants occur."""
TESTED = (
    "Chance to differ",
    "Chance of a crash",
    "Paper: mean",
    "Paper: t-test p",
)


def table_compared(study: JudgedCampaign, by: str, groups: Mapping[str, Sequence[Judged]]) -> Table:
    """Compare groups of mutants by their verdicts, with chances that are robust to files.

    The last two columns have the paper's form: means of first runs against the clean runs. They
    include mutants that a rule settled, with the value of a clean run.

    Args:
        study: the judged campaign.
        by: the name of the grouping, for title and table name.
        groups: the mutants of each group, under the group's name.

    """
    normal = {
        name: [item for item in group if item.verdict.symptom is Symptom.NORMAL]
        for name, group in groups.items()
    }
    values = {name: values_of(group, study.legal_value) for name, group in groups.items()}
    differ = _model(normal, study.alpha, [is_shown(i) for group in normal.values() for i in group])
    crash = _model(groups, study.alpha, crashes([i for group in groups.values() for i in group]))
    clean = study.clean_values()
    printed = any(is_masked_by_values(item) for group in normal.values() for item in group)
    rows = tuple(
        (
            name,
            *_verdicts(normal[name], printed),
            _chance(differ, name),
            _chance(crash, name),
            *_as_in_the_paper(clean, values[name]),
        )
        for name in groups
    )
    metric = study.metric.name if study.metric else "no metric"
    title = f"Mutants of {study.name} by {by}: {metric} and crashes"
    columns = (*COLUMNS, *((PRINTED,) if printed else ()), *TESTED)
    return Table(f"compared-{by}", title, columns, rows, _note(study, values, differ, crash))


def _note(
    study: JudgedCampaign,
    values: Mapping[str, Sequence[float]],
    differ: ClusterModel,
    crash: ClusterModel,
) -> str:
    paper = anova(values)
    pairs = [pair.test.p for pair in pairwise_anova(values) if pair.test.p is not None]
    different = sum(p <= 0.05 for p in pairs)
    tests = {
        "chance to differ": differ.alike,
        "chance of a crash": crash.alike,
        "in the paper's form, analysis of variance": paper,
    }
    among = "; ".join(
        f"{name}: {test.reason or f'p = {test.p:.2g}'}" for name, test in tests.items()
    )
    return (
        f"Chances with their {100 * (1 - study.alpha):g} % intervals, robust to files; of normal "
        f"mutants, and of all. Tests that all groups are alike: {among} ({different} of "
        f"{len(pairs)} pairs differ). The paper's form counts each mutant by one run, and a "
        "settled one by a clean run."
        f"{WEIGHTS if weights_of(study.judged) else ''}"
    )


def _model(groups: Mapping[str, Sequence[Judged]], alpha: float, hits: list[bool]) -> ClusterModel:
    members = [item for group in groups.values() for item in group]
    names = [name for name, group in groups.items() for _ in group]
    return chance_model(hits, names, files_of(members), alpha, weights_of(members))


def _verdicts(normal: Sequence[Judged], printed: bool) -> tuple[object, ...]:
    """Return the number of normal mutants, and how many of them get each verdict."""
    questions = [leaves_alone, is_shown, *([is_masked_by_values] if printed else [])]
    total = len(normal)
    if not total:
        return (0, *(Missing(Gap.NO_NORMAL_RUN),) * len(questions))
    return (total, *(share_of(normal, list(map(ask, normal))) for ask in questions))


def _as_in_the_paper(clean: Sequence[float], values: Sequence[float]) -> tuple[object, ...]:
    if not values:
        return (Missing(Gap.NO_NORMAL_RUN),) * 2
    test = t_test(clean, values)
    p = Missing(test.reason) if test.reason else test.p
    return sum(values) / len(values), p


def _chance(model: ClusterModel, name: str) -> object:
    chance = model.chances.get(name)
    if chance is None:
        return Missing(Gap.NO_MUTANT)
    return chance
