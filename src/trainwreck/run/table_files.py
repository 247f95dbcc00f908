"""Reads one column of a file that a program writes: CSV, JSON, JSON lines, TensorBoard's events."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from trainwreck.run.event_files import read_scalars
from trainwreck.run.metric_lines import number_in

LARGEST = 256 << 20
"""Bytes of a JSON file that is read; it is held as a whole."""
DELIMITERS = ",\t;|"
MOST_NAMES = 200
"""Columns that are named where the right one is missing."""
JSON_NAMES = (".json", ".jsonl", ".ndjson")
CSV_NAMES = (".csv", ".tsv")
EVENTS = "tfevents"


@dataclass(frozen=True, slots=True)
class Column:
    """The numbers in one column of a file, as text, in the file's order.

    ``names`` are the columns that the file has, where this one is missing. ``problem`` is why the
    file could not be read to its end.
    """

    values: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    problem: str = ""

    def without(self, number: int) -> "Column":
        """Return it without its first values."""
        return replace(self, values=self.values[number:])


def read_column(path: Path, column: str) -> Column:
    """Return what a file holds of a column; cells without a number are no values."""
    values: list[str] = []
    names: dict[str, None] = {}
    problem = ""
    try:
        for name, text in _cells(path, column):
            number = number_in(text) if name == column else None
            if number is not None:
                values.append(number)
            elif len(names) < MOST_NAMES:
                names[name] = None
    except (OSError, ValueError, csv.Error, RecursionError) as error:
        # A buggy program may write anything; what was read before it counts.
        problem = str(error) or type(error).__name__
    return Column(tuple(values), () if column in names or values else tuple(names), problem)


def _cells(path: Path, column: str) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of cells: all of the column, and at least one of each other one."""
    if EVENTS in path.name:
        return read_scalars(path)
    return _cells_of_json(path, column) if _is_json(path) else _cells_of_csv(path, column)


def _is_json(path: Path) -> bool:
    if path.suffix.lower() in (*JSON_NAMES, *CSV_NAMES):
        return path.suffix.lower() in JSON_NAMES
    with path.open("rb") as file:
        return file.read(256).lstrip()[:1] in (b"{", b"[")


def _cells_of_csv(path: Path, column: str) -> Iterator[tuple[str, str]]:
    """Yield the cells of a column below the header, and the names in the header."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        header = file.readline()
        delimiter = _delimiter(header, column)
        rows = csv.reader(chain([header], file), delimiter=delimiter)
        names = [name.strip() for name in next(rows, [])]
        yield from ((name, "") for name in names)
        if column not in names:
            return
        index = names.index(column)
        yield from ((column, row[index]) for row in rows if index < len(row))


def _delimiter(header: str, column: str) -> str:
    """Return the character with which the header has the column, or else the most names."""

    def names(delimiter: str) -> Sequence[str]:
        return [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]

    with_column = (delimiter for delimiter in DELIMITERS if column in names(delimiter))
    return next(with_column, max(DELIMITERS, key=lambda delimiter: len(names(delimiter))))


def _cells_of_json(path: Path, column: str) -> Iterator[tuple[str, str]]:
    """Yield the values of a key, and the names of the other keys with a number.

    A file is one document, or has a document on each line. A key is ``a.b`` for ``b`` inside
    ``a``; a list on the way stands for all of its members. The lists of a document are searched as
    well where the key is not found from its top.
    """
    for document in _documents(path):
        values = list(_values(document, column.split(".")))
        if not values and isinstance(document, dict):
            lists = [value for value in document.values() if isinstance(value, list)]
            values = list(_values(lists, column.split(".")))
        yield from ((column, value) for value in values)
        if not values:
            yield from ((name, "") for name in islice(_names(document), MOST_NAMES))


def _documents(path: Path) -> Iterable[Any]:
    if path.stat().st_size > LARGEST:
        raise ValueError(f"larger than {LARGEST >> 20} MiB")
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        return [_loads(text)]
    except ValueError as error:
        whole = error
    documents = list(filter(None, map(_loads_line, text.splitlines())))
    if not documents and text.strip():
        raise whole
    return documents


def _loads(text: str) -> Any:
    """Read JSON with numbers as they are written."""
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _loads_line(line: str) -> Any:
    try:
        return _loads(line)
    except ValueError:
        return None


def _values(value: Any, keys: Sequence[str]) -> Iterator[str]:
    """Yield the texts that these keys lead to."""
    if isinstance(value, list):
        for member in value:
            yield from _values(member, keys)
    elif not keys:
        if isinstance(value, str):
            yield value
    elif isinstance(value, dict):
        # A name may itself have a point in it: the longest one wins.
        for length in range(len(keys), 0, -1):
            name = ".".join(keys[:length])
            if name in value:
                yield from _values(value[name], keys[length:])
                return


def _names(value: Any, before: str = "") -> Iterator[str]:
    """Yield the keys that lead to a number."""
    if isinstance(value, list):
        for member in value:
            yield from _names(member, before)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _names(member, f"{before}.{name}" if before else name)
    elif before and isinstance(value, str) and number_in(value) is not None:
        yield before
