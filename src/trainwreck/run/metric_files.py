"""Reads the metrics that a program writes to files, from its working copy after the run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainwreck.model import Metric
from trainwreck.run.outputs import WrittenFiles, content_of
from trainwreck.run.table_files import Column, read_column


@dataclass(frozen=True, slots=True)
class FileMetrics:
    """The values that one run wrote.

    ``steps`` are the values of each metric by its name, as text, in order. ``found`` says for each
    metric in which files they were: path to number. Where there were none, it has the columns of
    the files, or why they could not be read.
    """

    steps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    found: dict[str, dict[str, Any]] = field(default_factory=dict)


class MetricFiles:
    """The files of a trial's working copy in which its metrics are.

    Only what the run itself wrote counts. What an earlier run left in the program's folder is no
    result of this one, and neither are the rows to which this one appends its own.
    """

    def __init__(self, folder: Path, metrics: Iterable[Metric]) -> None:
        self._folder = folder
        self._metrics = [metric for metric in metrics if metric.file]
        self._files = WrittenFiles(folder, [metric.file for metric in self._metrics])
        self._before: dict[tuple[Path, str], tuple[bytes, int]] = {}

    def begin(self) -> None:
        """Note what is there before the run."""
        self._files.begin()
        for metric in self._metrics:
            for path in self._files.matching(metric.file):
                number = len(read_column(path, metric.column).values)
                self._before[path, metric.column] = content_of(path), number

    def read(self) -> FileMetrics:
        """Read what the run has written, file by file in the order of their names."""
        read = FileMetrics()
        for metric in self._metrics:
            paths = sorted(self._files.written(metric.file), key=_natural)
            columns = {path: self._column(path, metric.column) for path in paths}
            values = [value for column in columns.values() for value in column.values]
            read.steps[metric.name] = tuple(values)
            read.found[metric.name] = self._found(columns)
        return read

    def _column(self, path: Path, name: str) -> Column:
        """Return a column, without the rows that were there before."""
        column = read_column(path, name)
        content, number = self._before.get((path, name), (b"", 0))
        return column.without(number) if number and _begins_with(path, content) else column

    def _found(self, columns: dict[Path, Column]) -> dict[str, Any]:
        files = {
            path.relative_to(self._folder).as_posix(): len(column.values)
            for path, column in columns.items()
        }
        if any(files.values()):
            return {"files": files}
        names = sorted({name for column in columns.values() for name in column.names})
        problems = [column.problem for column in columns.values() if column.problem]
        return {"files": files, "columns": names, "problem": next(iter(problems), "")}


def _begins_with(path: Path, content: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(content)) == content


def _natural(path: Path) -> list[tuple[int, str]]:
    """Return a key by which ``checkpoint-9`` comes before ``checkpoint-10``."""
    parts = re.split(r"(\d+)", path.as_posix())
    return [(int(part) if part.isdecimal() else -1, part) for part in parts]
