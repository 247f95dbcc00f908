"""One judged campaign, from which tables, figures and findings are computed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite

from trainwreck.findings.phases import has_phases
from trainwreck.model import (
    FIRST,
    RUN,
    Gap,
    Judged,
    Measurement,
    Metric,
    Missing,
    Sample,
    Share,
    Symptom,
    Table,
    VerdictSettings,
)


@dataclass(frozen=True, slots=True)
class Completeness:
    """The number of records that state a fact, out of the ``total`` that could.

    ``what`` names the fact for a reader, like ``clean runs: times``.
    """

    what: str
    stated: int
    total: int


@dataclass(frozen=True, repr=False)
class JudgedCampaign:
    """One campaign with its verdicts and measurements.

    - ``planned`` is the number of planned mutants; ``judged`` are those with a verdict.
    - ``metrics``: figures and findings take the first one.
    - ``clean`` has one run for each seed and fold.
    - ``first`` has the first run of each mutant that ran, by the mutant's id.
    - ``runs`` has all normal runs of each propagated mutant, by the mutant's id.
    - ``phases`` are in the program's order.
    - ``phase_lines`` is the number of the program's own executed lines, by phase.
    - ``completeness`` is empty except for imported records.
    - ``endings`` has the first clean run for each final digest, of those with the first seed.
    - ``alpha`` is the level of every test but the paper's own.
    - ``chosen`` are verdicts on mutants and bugs that somebody chose, which are no sample;
      ``chosen_first`` and ``chosen_runs`` have their runs, as ``first`` and ``runs`` have others.
    """

    name: str
    judged: Sequence[Judged]
    planned: int
    metrics: tuple[Metric, ...]
    clean: Sequence[Measurement]
    first: Mapping[str, Measurement]
    runs: Mapping[str, Sample] = field(default_factory=dict)
    phases: tuple[str, ...] = ()
    phase_lines: Mapping[str, int] = field(default_factory=dict)
    completeness: tuple[Completeness, ...] = ()
    endings: Mapping[str, Measurement] = field(default_factory=dict)
    alpha: float = VerdictSettings().alpha
    chosen: Sequence[Judged] = ()
    chosen_first: Mapping[str, Measurement] = field(default_factory=dict)
    chosen_runs: Mapping[str, Sample] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Name the campaign and the number of its verdicts: all that it holds is long."""
        return f"JudgedCampaign({self.name!r}, {len(self.judged)} of {self.planned} judged)"

    @property
    def metric(self) -> Metric | None:
        """Return the metric of figures and findings; None where the campaign has none."""
        return self.metrics[0] if self.metrics else None

    @property
    def has_phases(self) -> bool:
        """Return whether the program names phases."""
        return has_phases(self.phases)

    def clean_values(self) -> list[float]:
        """Return the metric's last value in each clean run that reports it."""
        name = self.metric.name if self.metric else ""
        return [run.metrics[name] for run in self.clean if name in run.metrics]

    def clean_times(self) -> list[float]:
        """Return the processor seconds of the clean runs."""
        return [run.cpu_seconds for run in self.clean if isfinite(run.cpu_seconds)]

    def value(self, item: Judged) -> float | None:
        """Return the metric's last value in the first run of a normal mutant.

        A mutant that a rule settled has the value of the clean run that it would repeat.
        """
        return self._values.get(item.verdict.mutant_id)

    @cached_property
    def _values(self) -> dict[str, float]:
        name = self.metric.name if self.metric else ""
        first_clean = next((clean for clean in self.clean if clean.draw == FIRST), None)
        values = {}
        for item in self._normal():
            run = self.first.get(item.verdict.mutant_id)
            if item.verdict.decided_by != RUN:
                run = self.endings.get(item.verdict.ends_as) or first_clean or run
            if run and name in run.metrics:
                values[item.verdict.mutant_id] = run.metrics[name]
        return values

    def _normal(self) -> Iterable[Judged]:
        return (item for item in self.judged if item.verdict.symptom is Symptom.NORMAL)

    def legal_value(self, item: Judged) -> float | None:
        """Return what `value` does, or None where it lies outside the metric's range."""
        return self._legal.get(item.verdict.mutant_id)

    @cached_property
    def _legal(self) -> dict[str, float]:
        metric = self.metric
        return {m: v for m, v in self._values.items() if metric and metric.allows(v)}

    def time(self, item: Judged) -> float | None:
        """Return the processor seconds of a normal mutant's first run, if it ran to its end."""
        return self._times.get(item.verdict.mutant_id)

    @cached_property
    def _times(self) -> dict[str, float]:
        runs = ((i.verdict.mutant_id, self.first.get(i.verdict.mutant_id)) for i in self._normal())
        return {
            mutant: run.cpu_seconds
            for mutant, run in runs
            if run and run.whole and isfinite(run.cpu_seconds)
        }

    def further(self, item: Judged, name: str) -> list[float]:
        """Return the last values of the metric ``name`` in a propagated mutant's normal runs."""
        sample = self.runs.get(item.verdict.mutant_id)
        return list(sample.numbers(name)) if sample else []

    def normal(self) -> list[Judged]:
        """Return the mutants with the symptom normal."""
        return list(self._normal())


def values_of(judged: Iterable[Judged], value: Callable[[Judged], float | None]) -> list[float]:
    """Return the values that the mutants have, by the function ``value``; None is left out."""
    return [number for number in map(value, judged) if number is not None]


def table_completeness(study: JudgedCampaign) -> Table:
    """Count the records of an imported campaign that state each fact."""
    rows = tuple((fact.what, Share(fact.stated, fact.total)) for fact in study.completeness)
    note = "Every table reports the rest as unknown."
    return Table("records", f"Facts in the records of {study.name}", ("", "Stated"), rows, note)


def side_by_side(
    name: str,
    title: str,
    studies: Sequence[JudgedCampaign],
    heads: Sequence[str],
    columns: Sequence[str],
    cells: Callable[[JudgedCampaign, str], Sequence[object]],
    note: str = "",
) -> Table:
    """Return a table with a row for each head, and a group of columns for each campaign.

    Args:
        name: the table's name in files.
        title: the table's title for a reader.
        studies: the campaigns; with one of them, columns have no group.
        heads: the first cell of each row.
        columns: the columns of each campaign.
        cells: returns as many cells as there are ``columns``, for a campaign and a head.
        note: the note below the table.

    """
    rows = tuple(
        (head, *(cell for study in studies for cell in cells(study, head))) for head in heads
    )
    groups: tuple[tuple[str, int], ...] = ()
    if len(studies) > 1:
        groups = (("", 1), *((study.name, len(columns)) for study in studies))
    return Table(name, title, ("", *(list(columns) * len(studies))), rows, note, groups)


def nothing(why: Gap, number: int) -> tuple[Missing, ...]:
    """Return a number of empty cells, each with the reason."""
    return (Missing(why),) * number
