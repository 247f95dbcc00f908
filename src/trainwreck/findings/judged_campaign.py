"""One campaign, judged: what the answers of the study are computed from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite

from trainwreck.judge.comparison import is_legal
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
class Known:
    """Of how many records something is known, of how many it could be."""

    what: str
    known: int
    total: int


@dataclass(frozen=True)
class JudgedCampaign:
    """A campaign by name, with verdicts and measurements.

    ``clean`` has one run for each seed and fold, ``first`` the first run of each mutant that has
    one, by its id, and ``runs`` all normal ones of propagated mutants. ``phases`` are in the
    program's order; ``phase_lines`` are its own executed lines in each. The first of the
    ``metrics`` is the one of figures and findings. ``known`` is empty but for records that were
    made elsewhere. ``endings`` has the first clean run for each final digest, of those with the
    first seed. ``alpha`` is the level of every test but the paper's own.
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
    known: tuple[Known, ...] = ()
    endings: Mapping[str, Measurement] = field(default_factory=dict)
    alpha: float = VerdictSettings().alpha

    @property
    def metric(self) -> Metric | None:
        """The metric of figures and findings."""
        return self.metrics[0] if self.metrics else None

    def clean_values(self) -> list[float]:
        """The metric's last value in each clean run that reports it."""
        name = self.metric.name if self.metric else ""
        return [run.metrics[name] for run in self.clean if name in run.metrics]

    def clean_times(self) -> list[float]:
        """Processor seconds of the clean runs."""
        return [run.cpu_seconds for run in self.clean if isfinite(run.cpu_seconds)]

    def value(self, item: Judged) -> float | None:
        """What a normal mutant reports in its first run.

        One that a rule settled reports what the clean run does whose course it shares.
        """
        return self._values.get(item.verdict.mutant_id)

    @cached_property
    def _values(self) -> dict[str, float]:
        name = self.metric.name if self.metric else ""
        settled = next((clean for clean in self.clean if clean.draw == FIRST), None)
        found = {}
        for item in self._normal():
            run = self.first.get(item.verdict.mutant_id)
            if item.verdict.decided_by != RUN:
                run = self.endings.get(item.verdict.ends_as) or settled or run
            if run and name in run.metrics:
                found[item.verdict.mutant_id] = run.metrics[name]
        return found

    def _normal(self) -> Iterable[Judged]:
        return (item for item in self.judged if item.verdict.symptom is Symptom.NORMAL)

    def legal_value(self, item: Judged) -> float | None:
        """The same, where it is a possible value of the metric."""
        return self._legal.get(item.verdict.mutant_id)

    @cached_property
    def _legal(self) -> dict[str, float]:
        metric = self.metric
        return {m: v for m, v in self._values.items() if metric and is_legal(v, metric)}

    def time(self, item: Judged) -> float | None:
        """Processor seconds of a normal mutant's first run, if it ran to its end."""
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
        """The metric's last value in each normal run of a propagated mutant."""
        sample = self.runs.get(item.verdict.mutant_id)
        return list(sample.numbers(name)) if sample else []

    def normal(self) -> list[Judged]:
        """Return the mutants that finish."""
        return list(self._normal())


def values_of(judged: Iterable[Judged], value: Callable[[Judged], float | None]) -> list[float]:
    """The values that are known."""
    return [found for found in map(value, judged) if found is not None]


def table_known(study: JudgedCampaign) -> Table:
    """What the records of a study tell."""
    rows = tuple((each.what, Share(each.known, each.total)) for each in study.known)
    note = "What they do not tell is unknown in every table."
    return Table("records", f"What the records of {study.name} tell", ("", "Known"), rows, note)


def side_by_side(
    name: str,
    title: str,
    studies: Sequence[JudgedCampaign],
    heads: Sequence[str],
    columns: Sequence[str],
    cells: Callable[[JudgedCampaign, str], Sequence[object]],
    note: str = "",
) -> Table:
    """A table with one row for each head, and one group of columns for each study."""
    many = len(studies) > 1
    rows = tuple(
        (head, *(cell for study in studies for cell in cells(study, head))) for head in heads
    )
    groups = (("", 1), *((study.name, len(columns)) for study in studies)) if many else ()
    return Table(name, title, ("", *(list(columns) * len(studies))), rows, note, groups)


def nothing(why: Gap, cells: int) -> tuple[Missing, ...]:
    """Cells that cannot be filled."""
    return (Missing(why),) * cells
