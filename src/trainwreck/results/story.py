"""Everything that is known of one mutant."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.model import Metric, Mutant, MutantCost, Outcome, PlannedMutant, Verdict
from trainwreck.results.baseline import Noise
from trainwreck.results.clean_curves import CleanCurve
from trainwreck.source import UnreadableSource, decode


class NoDiff(StrEnum):
    """A reason why the change of a mutant cannot be shown in its source."""

    RECORD = "record"
    IMPORTED = "imported"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, repr=False)
class Story:
    """One mutant: its change, its verdict, what clean runs report, and what was printed.

    ``diff`` is the change as a text, or why there is none. ``source`` is the path of the file that
    it changes, None where that is not here. ``log`` is None where that is not known: an export
    leaves out what most runs printed. ``cost`` is None where no run of its own is here.
    ``clean_curves`` are what clean runs reported step by step. ``has_phases`` is whether the
    program names phases.
    """

    planned: PlannedMutant
    diff: str | NoDiff
    verdict: Verdict | None
    outcome: Outcome | None
    clean: tuple[Noise, ...]
    log: str | None
    source: Path | None = None
    metrics: tuple[Metric, ...] = ()
    cost: MutantCost | None = None
    clean_curves: tuple[CleanCurve, ...] = ()
    has_phases: bool = True

    def __repr__(self) -> str:
        """Name the mutant and what came of it: its run and its log are long."""
        fate = self.verdict.rung_class if self.verdict else "not judged"
        return f"Story({self.mutant.name!r}, {fate or 'rung unknown'})"

    @property
    def mutant(self) -> Mutant:
        """Return the mutant without its phases."""
        return self.planned.mutant

    @property
    def phases(self) -> tuple[str, ...]:
        """Return the phases in which its line runs."""
        return self.planned.phases


def only_one(mutants: Sequence[PlannedMutant], prefix: str) -> PlannedMutant:
    """Return the only mutant. Raises UsageError where there are none, or several."""
    if len(mutants) != 1:
        raise UsageError(
            f"{len(mutants) or 'no'} mutants have an id that begins with `{prefix}`",
            "Choose one from `trainwreck list`.",
        )
    return mutants[0]


def diff_of(mutant: Mutant, sources: Sequence[Path | None]) -> str | NoDiff:
    """Return the change with its neighbouring lines, file by file, or why there is none."""
    diffs = [_diff_of(part, source) for part, source in zip(mutant.parts, sources, strict=True)]
    missing = [diff for diff in diffs if isinstance(diff, NoDiff)]
    return missing[0] if missing else "".join(diffs)


def _diff_of(mutant: Mutant, source: Path | None) -> str | NoDiff:
    if source is None:
        return NoDiff.IMPORTED
    try:
        text = decode(source.read_bytes())
    except (OSError, UnreadableSource):
        return NoDiff.CHANGED
    return mutant.diff(text.text) if text.sha == mutant.source_sha else NoDiff.CHANGED
