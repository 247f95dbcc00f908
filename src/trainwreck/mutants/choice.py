"""The mutants that somebody wants to see or to run."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from trainwreck.model import APP, Context, PlannedMutant


@dataclass(frozen=True, slots=True)
class Choice:
    """The mutants that meet every condition; an empty one holds for all.

    Attributes:
        file: A part of the path.
        function: A function or class, or the end of its dotted name; all in it belong to it.
        operators: The names of operators.
        contexts: Positions in the syntax.
        phase: A phase in which the line runs.
        changed: The changed lines of each file of the program; None for any line. Libraries have
            none.

    """

    file: str = ""
    function: str = ""
    operators: frozenset[str] = frozenset()
    contexts: frozenset[Context] = frozenset()
    phase: str = ""
    changed: Mapping[str, Collection[int]] | None = field(default=None, hash=False)

    def accepts(self, planned: PlannedMutant) -> bool:
        """Return whether a mutant meets every condition."""
        mutant = planned.mutant
        return (
            (not self.operators or mutant.operator in self.operators)
            and (not self.contexts or mutant.context in self.contexts)
            and self.file in mutant.file
            and (not self.function or f".{self.function}." in f".{mutant.function}.")
            and (not self.phase or self.phase in planned.phases)
            and self._is_changed(planned)
        )

    def _is_changed(self, planned: PlannedMutant) -> bool:
        if self.changed is None:
            return True
        mutant, span = planned.mutant, planned.mutant.span
        lines = self.changed.get(mutant.file, ()) if mutant.root == APP else ()
        return any(line in lines for line in range(span.line, span.end_line + 1))
