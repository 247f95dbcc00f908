"""The data that Stryker's viewer needs beside those that a page has anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from trainwreck.model import MODULE_LEVEL, Mutant
from trainwreck.report.html.details import place
from trainwreck.report.html.index import Index
from trainwreck.report.html.strings import Strings
from trainwreck.report.stryker import (
    LANGUAGE,
    WAITING,
    WAITING_REASON,
    empty_lines,
    file_names,
    frame,
    milliseconds,
    mutant_fields,
    status,
)
from trainwreck.results.mutated_files import FileKey, key_of
from trainwreck.results.reported_mutants import ReportedMutants

MOST_MUTANTS = 20_000
"""Planned mutants beyond which a page has no such view."""

UNKNOWN = -1
"""The number of a text, or of a file of the index, that is not there."""


@dataclass(frozen=True)
class StrykerData:
    """Writes what the page's script needs to make Stryker's report of the page's own data.

    - ``index`` has the judged mutants of ``report``, in the same order.
    - ``lines`` are those of each file whose text the page has.
    """

    report: ReportedMutants
    index: Index
    lines: Mapping[FileKey, Sequence[str]]

    def data(self) -> dict[str, Any]:
        """Return columns of the judged mutants, of those that wait, and of files."""
        judged = self.report.judged
        statuses = [status(item.verdict) for item in judged]
        names = sorted(set(statuses))
        return {
            "frame": frame([self.index.strings.shown(self.report.name)]),
            "language": LANGUAGE,
            "waits": {"status": WAITING, "statusReason": WAITING_REASON},
            "statuses": names,
            "status": [names.index(name) for name in statuses],
            "duration": [milliseconds(item, self.report.seconds) for item in judged],
            "files": self._files(),
            "waiting": self._waiting(),
            "names": self._own_names(),
            "strings": self._strings.texts,
        }

    @cached_property
    def _strings(self) -> Strings:
        return Strings(self.index.strings.redact)

    @cached_property
    def _mutants(self) -> list[Mutant]:
        """Return every mutant, the judged ones first."""
        waiting = [planned.mutant for planned in self.report.waiting]
        return [*(item.mutant for item in self.report.judged), *waiting]

    @cached_property
    def _members(self) -> dict[FileKey, list[Mutant]]:
        members: dict[FileKey, list[Mutant]] = {}
        for mutant in self._mutants:
            members.setdefault(key_of(mutant), []).append(mutant)
        return members

    def _files(self) -> list[list[int]]:
        """Return name, path, number in the index, and empty lines in place of a text, by file."""
        number, names = self._strings.number, file_names(self._members)
        return [
            [
                number(names[root, path]),
                number(path),
                self.index.files.numbers.get((root, path), UNKNOWN),
                len(empty_lines(mutants)),
            ]
            for (root, path), mutants in self._members.items()
        ]

    def _waiting(self) -> dict[str, list[Any]]:
        """Return the columns of the mutants that have not run."""
        number, numbers = self._strings.number, {key: n for n, key in enumerate(self._members)}
        mutants = [planned.mutant for planned in self.report.waiting]
        texts = self.report.texts
        fields = [mutant_fields(mutant, texts.get(key_of(mutant))) for mutant in mutants]
        return {
            "id": [number(mutant.id) for mutant in mutants],
            "file": [numbers[key_of(mutant)] for mutant in mutants],
            "function": [number(mutant.function) for mutant in mutants],
            "operator": [number(mutant.operator) for mutant in mutants],
            "place": list(map(self._place, mutants, fields)),
            "before": [self._lines(mutant.original) for mutant in mutants],
            "after": [self._lines(entry.get("replacement")) for entry in fields],
        }

    def _place(self, mutant: Mutant, fields: Mapping[str, Any]) -> list[int]:
        """Return line and column of both ends; columns count from 0, in the shown text if any."""
        if lines := self.lines.get(key_of(mutant)):
            return [*place(mutant.edits[0], lines)[:2], *place(mutant.edits[-1], lines)[2:]]
        start, end = fields["location"]["start"], fields["location"]["end"]
        return [start["line"], start["column"] - 1, end["line"], end["column"] - 1]

    def _lines(self, text: str | None) -> int:
        return UNKNOWN if text is None else self._strings.number_of_lines(text)

    def _own_names(self) -> dict[int, int]:
        """Return the names that do not follow from the other columns, by position."""
        return {
            position: self._strings.number_of_lines(mutant.name)
            for position, mutant in enumerate(self._mutants)
            if mutant.name != _plain_name(mutant)
        }


def _plain_name(mutant: Mutant) -> str:
    """Return the name of a mutant that is one change of a known text, as the script makes it."""
    before, after = mutant.original or "", mutant.replacement
    change = f"replace `{before}` with `{after}`" if after else f"delete `{before.strip()}`"
    where = "at module level" if mutant.function == MODULE_LEVEL else f"in {mutant.function}"
    return f"{mutant.file}:{mutant.span.line}: {change} {where} [{mutant.operator}]"
