"""The details of mutants, in parts that a page reads when somebody asks for one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from trainwreck.findings import Fate, JudgedCampaign, MetricDifferences, differences_of, fate_of
from trainwreck.model import Edit, Judged, Mutant
from trainwreck.report.html.index import CHUNK, Index
from trainwreck.report.html.numbers import drawn_steps, short, shorts
from trainwreck.report.html.source_lines import shown_column
from trainwreck.report.html.strings import Strings
from trainwreck.report.story import LOG_TAIL, fate_lines
from trainwreck.results.clean_curves import curves_of
from trainwreck.results.mutated_files import FileKey, key_of
from trainwreck.results.story import Story

FEW = 20_000
"""Beyond this number of mutants, what their runs printed is left out."""

DIFFERS = (Fate.HURTS, Fate.MAY_HURT, Fate.HARMLESS)
"""The fates of mutants whose result is no clean run's."""


@dataclass(frozen=True)
class Details:
    """Writes the parts; ``lines`` are those of each mutated file whose text is here."""

    index: Index
    lines: Mapping[FileKey, Sequence[str]]

    def parts(self, stories: Iterable[Story]) -> Iterator[dict[str, Any]]:
        """Yield the details of ``CHUNK`` mutants at a time, in the order of the index."""
        items = iter(self.index.items)
        stories = iter(stories)
        while chunk := list(islice(stories, CHUNK)):
            strings = Strings(self.index.strings.redact)
            pairs = zip(chunk, items, strict=False)
            mutants = [self._detail(story, item, strings) for story, item in pairs]
            yield {"mutants": mutants, "strings": strings.texts}

    def _detail(self, story: Story, item: Judged, strings: Strings) -> dict[str, Any]:
        fields = {
            "edits": [self._edits(part, strings) for part in story.mutant.parts],
            "story": [strings.number(line) for line in fate_lines(story)],
            "pairs": self._pairs(self.index.study, item),
            "curves": self._curves(story, item),
            "log": self._log(story, strings),
        }
        return {name: value for name, value in fields.items() if value is not None}

    def _edits(self, part: Mutant, strings: Strings) -> list[Any]:
        """Return the number of the file, and each edit with its place in the shown text."""
        lines = self.lines.get(key_of(part), ())
        edits = [[*place(edit, lines), *_change(part, edit, strings)] for edit in part.edits]
        return [self.index.files.number(key_of(part)), edits]

    def _pairs(self, study: JudgedCampaign, item: Judged) -> list[Any] | None:
        """Return the values of each metric by seed and fold, with those of clean runs."""
        if fate_of(item.verdict) not in DIFFERS:
            return None
        metrics = self.index.metrics
        pairs = [[metrics[d.metric.name], _values(d)] for d in differences_of(study, item)]
        return [pair for pair in pairs if pair[1]] or None

    def _curves(self, story: Story, item: Judged) -> dict[int, Any] | None:
        """Return what the first run reported step by step, where it is no clean run's."""
        if story.outcome is None or fate_of(item.verdict) is Fate.UNNOTICED:
            return None
        curves = {
            self.index.metrics[name]: drawn(values)
            for name, values in curves_of(story.outcome).items()
            if name in self.index.metrics
        }
        return curves or None

    def _log(self, story: Story, strings: Strings) -> list[int] | None:
        """Return the end of what the run printed, where that is known."""
        if story.log is None or len(self.index.items) > FEW:
            return None
        return [strings.number(line) for line in story.log.rstrip().splitlines()[-LOG_TAIL:]]


def place(edit: Edit, lines: Sequence[str]) -> tuple[int, int, int, int]:
    """Return line and column of both ends of an edit, in the text as the page shows it."""
    span = edit.span
    begin, end = ((span.line, span.column), (span.end_line, span.end_column))
    return begin[0], shown_column(lines, *begin), end[0], shown_column(lines, *end)


def _change(part: Mutant, edit: Edit, strings: Strings) -> tuple[int | None, int | None]:
    """Return the numbers of both texts of an edit, None where one is not known."""
    is_first = edit is part.edits[0]
    texts = (part.original, part.replacement) if is_first else (edit.original, edit.replacement)
    before, after = texts
    return (
        None if before is None else strings.number_of_lines(before),
        None if after is None else strings.number_of_lines(after),
    )


def _values(differences: MetricDifferences) -> list[list[Any]]:
    """Return seed, fold, value and clean value of each pair."""
    return [
        [pair.draw.seed, pair.draw.fold, short(pair.value), short(pair.clean)]
        for pair in differences.pairs
    ]


def drawn(values: Sequence[float | None]) -> list[Any]:
    """Return the steps of a curve, from 1, and its values; no steps where none is left out."""
    steps = drawn_steps(values)
    numbers = shorts(values[step] for step in steps)
    return [[] if len(steps) == len(values) else [step + 1 for step in steps], numbers]
