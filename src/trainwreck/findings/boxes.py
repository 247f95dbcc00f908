"""Figures 1 to 6 as tables of ``BoxRow``: clean and buggy runs, by operator and by phase."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from trainwreck.findings.heads import operator_heads
from trainwreck.findings.judged_campaign import JudgedCampaign, values_of
from trainwreck.findings.symptoms import phases_of
from trainwreck.model import Judged, Table
from trainwreck.stats.boxes import BoxStatistics, box

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


class BoxRow(NamedTuple):
    """One box of a figure: a group of runs of one study. See ``BoxStatistics``."""

    study: str
    group: str
    runs: int
    low: float | None
    q1: float | None
    median: float | None
    q3: float | None
    high: float | None
    below: tuple[float, ...]
    above: tuple[float, ...]
    outside: tuple[float, ...]


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


def _value_rows(study: JudgedCampaign, groups: Groups) -> list[BoxRow]:
    legal = study.metric.range if study.metric else None
    rows = [_row(study, CLEAN, box(study.clean_values(), legal))]
    for group, members in groups(study):
        rows.append(_row(study, group, box(values_of(members, study.value), legal)))
    return rows


def _time_rows(study: JudgedCampaign, groups: Groups) -> list[BoxRow]:
    rows = [_row(study, CLEAN, box(study.clean_times(), None))]
    for group, members in groups(study):
        rows.append(_row(study, group, box(values_of(members, study.time), None)))
    return rows


def _row(study: JudgedCampaign, group: str, plot: BoxStatistics) -> BoxRow:
    return BoxRow(
        study=study.name,
        group=group,
        runs=plot.n,
        low=plot.low,
        q1=plot.q1,
        median=plot.median,
        q3=plot.q3,
        high=plot.high,
        below=plot.below,
        above=plot.above,
        outside=plot.outside,
    )
