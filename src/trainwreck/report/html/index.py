"""The index of a page: one row of numbers for each mutant, column by column."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from trainwreck.findings import (
    LEDGER_COLUMNS,
    UNKNOWN_RUNG,
    Fate,
    JudgedCampaign,
    Summary,
    differences_of,
    fate_of,
)
from trainwreck.model import Impact, Judged, Mutant, OwnBug
from trainwreck.report.html.numbers import short
from trainwreck.report.html.strings import Strings

CHUNK = 250
"""The number of mutants whose details are read at once."""

RUNGS = tuple(map(str, LEDGER_COLUMNS))
FATES = tuple(Fate)
IMPACTS = tuple(Impact)


class Numbered:
    """Different keys, each with its number, in the order of their first use."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}

    def number(self, key: Hashable) -> int:
        """Return the number of a key, a new one for a new key."""
        return self.numbers.setdefault(key, len(self.numbers))

    def __iter__(self) -> Any:
        """Return the keys in the order of their numbers."""
        return iter(self.numbers)


@dataclass(frozen=True)
class Index:
    """All mutants of a page at once, with the numbers of their files and texts."""

    study: JudgedCampaign
    summary: Summary
    strings: Strings

    @cached_property
    def items(self) -> list[Judged]:
        """Return every judged mutant: those of the sample, then those that somebody chose."""
        return [*self.study.judged, *self.study.chosen]

    @cached_property
    def files(self) -> Numbered:
        """Return root and path of every mutated file, by number."""
        files = Numbered()
        for item in self.items:
            for part in item.mutant.parts:
                files.number((part.root, part.file))
        return files

    @cached_property
    def metrics(self) -> dict[str, int]:
        """Return the number of each metric by its name."""
        return {metric.name: number for number, metric in enumerate(self.study.metrics)}

    def data(self) -> dict[str, Any]:
        """Return all that the page's script reads when the page is opened."""
        functions, operators, phases, sets = Numbered(), Numbered(), Numbered(), Numbered()
        for phase in self.study.phases if self.study.has_phases else ():
            phases.number((phase,))
        columns = {
            **self._columns_of_mutants(functions, operators),
            **self._columns_of_verdicts(phases, sets),
        }
        number = self.strings.number
        single = sorted({name for names in phases for name in names}, key=self._phase_order)
        return {
            "name": number(self.study.name),
            "sample": len(self.study.judged),
            "chunk": CHUNK,
            "rungs": RUNGS,
            "fates": FATES,
            "impacts": IMPACTS,
            "impactSets": list(sets),
            "phases": _texts(single, number),
            "phaseSets": [[single.index(name) for name in names] for names in phases],
            "files": [[number(root), number(file)] for root, file in self.files],
            "functions": _texts(functions, number),
            "operators": _texts(operators, number),
            "metrics": [[number(metric.name), str(metric.better)] for metric in self.study.metrics],
            "columns": columns,
            "strings": self.strings.texts,
        }

    def _columns_of_mutants(self, functions: Numbered, operators: Numbered) -> dict[str, Any]:
        number = self.strings.number
        mutants = [item.mutant for item in self.items]
        return {
            "id": [number(mutant.id) for mutant in mutants],
            "file": [self.files.number((m.root, m.file)) for m in mutants],
            "function": [functions.number(m.function) for m in mutants],
            "operator": [operators.number(m.operator) for m in mutants],
            "line": [mutant.span.line for mutant in mutants],
            "before": [number(m.original or "") if _has_change(m) else -1 for m in mutants],
            "after": [number(m.replacement or "" if _has_change(m) else m.name) for m in mutants],
        }

    def _columns_of_verdicts(self, phases: Numbered, sets: Numbered) -> dict[str, Any]:
        return {
            "rung": [RUNGS.index(i.verdict.rung_class or UNKNOWN_RUNG) for i in self.items],
            "fate": [FATES.index(fate_of(item.verdict)) for item in self.items],
            "impacts": [
                sets.number(tuple(IMPACTS.index(impact) for impact in item.verdict.impact))
                for item in self.items
            ],
            "phases": [phases.number(self._phases(item)) for item in self.items],
            "effect": [_effect(self.study, item) for item in self.items],
            "rank": self._ranks(),
        }

    def _phases(self, item: Judged) -> tuple[str, ...]:
        """Return the phases in which a mutant runs, none where the program has none."""
        return item.phases if self.study.has_phases else ()

    def _phase_order(self, name: str) -> tuple[int, str]:
        phases = self.study.phases
        return (phases.index(name) if name in phases else len(phases), name)

    def _ranks(self) -> list[int]:
        """Return the position of each mutant by interest: what hurts, what is silent, the rest."""
        ranked = [bug.item.mutant.id for bug in (*self.summary.harmful, *self.summary.silent)]
        order = {mutant: position for position, mutant in enumerate(ranked)}
        return [order.get(i.mutant.id, len(order) + n) for n, i in enumerate(self.items)]


def _texts(keys: Iterable[str], number: Callable[[str], int]) -> list[int]:
    return [number(key) for key in keys]


def _has_change(mutant: Mutant) -> bool:
    """Return whether one known change says what the bug is, rather than a name."""
    is_own = isinstance(mutant, OwnBug)
    return not is_own and not (mutant.original is None and mutant.replacement is None)


def _effect(study: JudgedCampaign, item: Judged) -> float | None:
    """Return the mean difference from clean runs in the first metric, where the result differs."""
    if fate_of(item.verdict) not in (Fate.HURTS, Fate.MAY_HURT, Fate.HARMLESS):
        return None
    first: Sequence[Any] = differences_of(study, item)[:1]
    pairs = first[0].pairs if first else ()
    if not pairs:
        return None
    return short(sum(pair.difference for pair in pairs) / len(pairs))
