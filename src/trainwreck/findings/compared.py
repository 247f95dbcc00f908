"""Operators, or phases, compared with the clean runs and with one another."""

from collections.abc import Mapping, Sequence

from trainwreck.findings.by_operator import crashes, files
from trainwreck.findings.study import Study, values_of
from trainwreck.findings.tables import Judged
from trainwreck.model import Missing, Table
from trainwreck.stats import (
    ClusterModel,
    anova,
    benjamini_hochberg,
    crash_model,
    kruskal,
    mann_whitney,
    t_test,
    vargha_delaney,
)

COLUMNS = ("", "Normal", "Mean", "t-test p", "Rank test p", "A12", "Chance of a crash")


def table_compared(study: Study, by: str, groups: Mapping[str, Sequence[Judged]]) -> Table:
    """Each group of mutants against the clean runs, and all groups against one another."""
    clean = study.clean_values()
    values = {name: values_of(group, study.legal_value) for name, group in groups.items()}
    ranks = benjamini_hochberg(
        [mann_whitney(clean, found) if clean and found else None for found in values.values()]
    )
    model = _model(groups)
    rows = tuple(
        (name, *_against_clean(clean, found, rank), _chance(model, name))
        for (name, found), rank in zip(values.items(), ranks, strict=True)
    )
    metric = study.metric.name if study.metric else "no metric"
    tests = {
        "analysis of variance": anova(values),
        "Kruskal-Wallis": kruskal(values),
        "chance of a crash, robust to files": model.wald,
    }
    among = "; ".join(
        f"{name}: {test.reason or f'p = {test.p:.2g}'}" for name, test in tests.items()
    )
    note = f"Each group against the clean runs, rank tests corrected. Among the groups: {among}."
    title = f"Mutants of {study.name} by {by}: {metric} and crashes"
    return Table(f"compared-{by}", title, COLUMNS, rows, note)


def _model(groups: Mapping[str, Sequence[Judged]]) -> ClusterModel:
    judged = [item for group in groups.values() for item in group]
    names = [name for name, group in groups.items() for _ in group]
    return crash_model(crashes(judged), names, files(judged))


def _against_clean(
    clean: Sequence[float], found: Sequence[float], rank: float | None
) -> tuple[object, ...]:
    if not found or not clean:
        why = Missing("no normal run" if not found else "no clean run")
        return len(found), why, why, why, why
    test = t_test(clean, found)
    return (
        len(found),
        sum(found) / len(found),
        Missing(test.reason) if test.p is None else test.p,
        rank,
        vargha_delaney(clean, found),
    )


def _chance(model: ClusterModel, name: str) -> object:
    if name not in model.chances:
        return Missing("all crash, or none" if name in model.left_out else "no model")
    chance, low, high = (100 * each for each in model.chances[name])
    return f"{chance:.0f} % ({low:.0f} to {high:.0f})"
