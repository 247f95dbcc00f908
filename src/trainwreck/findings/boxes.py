"""Figures 1 to 6 as tables: box plots of clean and buggy runs, by operator and by phase."""

from collections.abc import Callable, Iterable, Sequence

from trainwreck.findings.heads import operator_heads
from trainwreck.findings.judged_campaign import JudgedCampaign, values_of
from trainwreck.findings.symptoms import phases_of
from trainwreck.findings.tables import Judged
from trainwreck.model import Table
from trainwreck.stats import BoxStatistics, box

COLUMNS = (
    "Study",
    "Group",
    "Runs",
    "Low",
    "Lower quartile",
    "Median",
    "Upper quartile",
    "High",
    "Below",
    "Above",
    "Outside",
)
CLEAN, BUGGY = "clean", "buggy"
VALUE_NOTE = (
    "Normal mutants by their first run; one that a rule settled counts with the value of the clean "
    "run with the same seed. Low and High are the last values within 1.5 interquartile ranges."
)
TIME_NOTE = (
    "Processor seconds of first runs to the end: of mutants that a rule settled, or whose run was "
    "ended early, there is none."
)

Groups = Callable[[JudgedCampaign], Iterable[tuple[str, Sequence[Judged]]]]


def figures(studies: Sequence[JudgedCampaign]) -> list[Table]:
    """Return Figures 1 to 6: metric and time of all runs, by operator and by phase."""
    metric = next((study.metric.name for study in studies if study.metric), "the metric")
    tables = []
    splits: list[tuple[str, Groups]] = [
        ("clean and buggy runs", _all),
        ("buggy runs by operator", _by_operator),
        ("buggy runs by phase", _by_phase),
    ]
    for number, (what, groups) in enumerate(splits):
        first, second = 2 * number + 1, 2 * number + 2
        rows = [row for study in studies for row in _value_rows(study, groups)]
        title = f"Figure {first}: {metric} of {what}"
        tables.append(Table(f"figure-{first}", title, COLUMNS, tuple(rows), VALUE_NOTE))
        rows = [row for study in studies for row in _time_rows(study, groups)]
        title = f"Figure {second}: processor time of {what}"
        tables.append(Table(f"figure-{second}", title, COLUMNS, tuple(rows), TIME_NOTE))
    return tables


def _all(study: JudgedCampaign) -> list[tuple[str, Sequence[Judged]]]:
    return [(BUGGY, study.judged)]


def _by_operator(study: JudgedCampaign) -> list[tuple[str, Sequence[Judged]]]:
    return list(operator_heads(study.judged).groups(study.judged).items())


def _by_phase(study: JudgedCampaign) -> list[tuple[str, Sequence[Judged]]]:
    return [
        (phase, [item for item in study.judged if phase in item.phases])
        for phase in phases_of([study])
    ]


def _value_rows(study: JudgedCampaign, groups: Groups) -> list[tuple[object, ...]]:
    legal = study.metric.range if study.metric else None
    rows = [(study.name, CLEAN, *_cells(box(study.clean_values(), legal)))]
    for group, members in groups(study):
        rows.append((study.name, group, *_cells(box(values_of(members, study.value), legal))))
    return rows


def _time_rows(study: JudgedCampaign, groups: Groups) -> list[tuple[object, ...]]:
    rows = [(study.name, CLEAN, *_cells(box(study.clean_times(), None)))]
    for group, members in groups(study):
        rows.append((study.name, group, *_cells(box(values_of(members, study.time), None))))
    return rows


def _cells(plot: BoxStatistics) -> tuple[object, ...]:
    numbers = (plot.low, plot.q1, plot.median, plot.q3, plot.high)
    return (plot.n, *numbers, plot.below, plot.above, plot.outside)
