"""Reads the metrics that a program writes to files, from its working copy after the run."""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from trainwreck.model import Metric
from trainwreck.run.agent_events import METRIC_FILES
from trainwreck.run.table_files import LARGEST, Column, read_column
from trainwreck.run.written_files import WrittenFiles
from trainwreck.temporary import temporary_folder

FOUND = METRIC_FILES
"""The observation that says in which files a run's metrics were."""
MOST_OTHERS = 50


@dataclass(frozen=True, slots=True)
class FileMetrics:
    """The values that one run wrote.

    ``steps`` are the values of each metric by its name, as text, in order. ``listings`` says for
    each metric in which files they were: path to number. Where there were none, it has the columns
    of the files, or why they could not be read.
    """

    steps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    listings: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def observations(self) -> dict[str, Any]:
        """Return ``listings`` as an observation of the run, if there is anything to say."""
        return {FOUND: self.listings} if self.listings else {}


class MetricFiles:
    """The files of a trial's working copy in which its metrics are.

    Only what the run itself wrote counts. What an earlier run left in the program's folder is no
    result of this one, and neither are the rows to which this one appends its own.
    """

    def __init__(self, folder: Path, metrics: Iterable[Metric]) -> None:
        self._metrics = [metric for metric in metrics if metric.file]
        self._files = WrittenFiles(folder, [metric.file for metric in self._metrics])
        self._before: dict[Path, bytes] = {}
        self._began = 0.0

    def begin(self) -> None:
        """Note what is there before the run."""
        paths = self._files.begin() if self._metrics else ()
        self._before = {path: path.read_bytes() for path in paths if _is_small(path)}
        self._began = time.time()

    def read(self) -> FileMetrics:
        """Read what the run has written, file by file in the order of their names."""
        read = FileMetrics()
        for metric in self._metrics:
            paths = sorted(self._files.written(metric.file), key=_natural)
            columns = {path: self._column(path, metric.column) for path in paths}
            values = [value for column in columns.values() for value in column.values]
            read.steps[metric.name] = tuple(values)
            read.listings[metric.name] = self._found(columns)
        return read

    def _column(self, path: Path, name: str) -> Column:
        """Return a column, without the rows that were there before."""
        before, column = self._before.get(path, b""), read_column(path, name)
        if not before or not _begins_with(path, before):
            return column
        with temporary_folder() as folder:
            earlier = folder / path.name
            earlier.write_bytes(before)
            return column.without(len(read_column(earlier, name).values))

    def _found(self, columns: dict[Path, Column]) -> dict[str, Any]:
        files = {
            path.relative_to(self._files.folder).as_posix(): len(column.values)
            for path, column in columns.items()
        }
        if any(files.values()):
            return {"files": files}
        names = sorted({name for column in columns.values() for name in column.names})
        problems = [column.problem for column in columns.values() if column.problem]
        listing = {"files": files, "columns": names, "problem": next(iter(problems), "")}
        return listing if files else {**listing, "written": self._others()}

    def _others(self) -> list[str]:
        """Return some of the files that were written since the run began, whatever their names."""
        folder = self._files.folder
        paths = (path for path in folder.rglob("*") if _is_since(path, self._began))
        names = (path.relative_to(folder).as_posix() for path in paths)
        return sorted(islice(names, MOST_OTHERS))


def _is_small(path: Path) -> bool:
    return path.stat().st_size <= LARGEST


def _is_since(path: Path, began: float) -> bool:
    try:
        return path.is_file() and path.stat().st_mtime > began
    except OSError:
        return False


def _begins_with(path: Path, content: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(content)) == content


def _natural(path: Path) -> list[tuple[int, str]]:
    """Return a key by which ``checkpoint-9`` comes before ``checkpoint-10``."""
    parts = re.split(r"(\d+)", path.as_posix())
    return [(int(part) if part.isdecimal() else -1, part) for part in parts]
