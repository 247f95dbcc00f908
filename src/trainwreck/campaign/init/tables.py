"""Finds the numbers in the files that a program wrote, and in tables that it printed."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainwreck.campaign.init.numbers import PrintedLine, literal
from trainwreck.run.metric_lines import number_in
from trainwreck.run.scratch import SKIPPED_NAMES
from trainwreck.run.table_files import CSV_NAMES, EVENTS, JSON_NAMES, read_column

MOST_FILES = 200
MOST_COLUMNS = 60
LARGEST = 64 << 20
"""Bytes of a file that is read."""
NO_COLUMN = "\0"
"""A name that no column has, with which all names are read."""
OF_ONE_RUN = re.compile(r"\d{6,}|\d{4}-\d\d-\d\d|\d\d-\d\d-\d\d|[A-Z][a-z]{2}\d\d_\d\d")
"""A part of a path that names a moment, a process or a machine."""
NUMBERED = re.compile(r"(.*(?:version|run|exp|checkpoint|trial|fold)[_-]?)\d+", re.IGNORECASE)
CELLS = re.compile(r"\s*[|│┃]\s*|\t+|\s{2,}")
RULE = re.compile(r"[\s|│┃+\-─━═┼╇┡┩┏┓┳┴└┘├┤╭╮╰╯=:]+")


@dataclass(frozen=True, slots=True)
class WrittenColumn:
    """The numbers of one column of the files that match a pattern, as text."""

    file: str
    column: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """The files that a run wrote into the program's folder, and the numbers in those of tables."""

    names: tuple[str, ...] = ()
    columns: tuple[WrittenColumn, ...] = ()


def read_written(copy: Path, folder: Path) -> WrittenFiles:
    """Read what a run left in its working copy and what the program's folder does not hold."""
    names = sorted(_written(copy, folder))[:MOST_FILES]
    tables = (name for name in names if _is_table(copy / name))
    columns = [column for name in tables for column in _columns(copy, name)]
    return WrittenFiles(tuple(names), tuple(_together(columns)))


def general_name(name: str) -> str:
    """Return a pattern for the name that a file has in another run."""
    parts = []
    for part in name.split("/"):
        numbered = NUMBERED.fullmatch(part)
        if EVENTS in part:
            part = "*tfevents*"
        elif OF_ONE_RUN.search(part):
            ending = part[part.rfind(".") :] if re.fullmatch(r".*\.[a-z]{2,6}", part) else ""
            part = f"*{ending}"
        elif numbered:
            part = f"{numbered[1]}*"
        parts.append(part)
    return "/".join(parts)


def table_numbers(lines: Sequence[PrintedLine]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield name, pattern and numbers of each column of a table that was printed row by row."""
    seen: dict[tuple[str, ...], list[list[str]]] = {}
    header: tuple[str, ...] = ()
    for line in lines:
        cells = _cells(line.text)
        if len(cells) >= 2 and all(re.match(r"[A-Za-z_]", cell) for cell in cells):
            header = tuple(cells)
        elif header and len(cells) == len(header) and sum(map(_is_number, cells)) >= 2:
            seen.setdefault(header, []).append([line.text, *cells])
        elif not RULE.fullmatch(line.text or " "):
            header = ()
    for names, rows in seen.items():
        for index, name in enumerate(names):
            texts = [row[1 + index] for row in rows]
            if all(map(_is_number, texts)):
                yield name, _row_pattern(rows, index), texts


def _row_pattern(rows: Sequence[Sequence[str]], column: int) -> str:
    """Return a pattern for one cell of a row in which all cells are there."""
    text, *cells = rows[0]
    ruled = bool(re.search(r"[|│┃]", text))
    between = r" *[|│┃] *" if ruled else r"[ \t]+"
    parts = [r"(\S+)" if index == column else _cell_pattern(cells[index], rows, index, ruled)
             for index in range(len(cells))]  # fmt: skip
    begin = r"^ *[|│┃] *" if re.match(r"\s*[|│┃]", text) else r"^[ \t]*"
    end = " *[|│┃]" if ruled else "[ \\t]*$"
    return f"{begin}{between.join(parts)}{end}"


def _cell_pattern(cell: str, rows: Sequence[Sequence[str]], index: int, ruled: bool) -> str:
    if _is_number(cell):
        return r"[-+.\de]+"
    if not re.search(r"\d", cell) and all(row[1 + index] == cell for row in rows):
        return literal(cell)
    return "[^|│┃]+?" if ruled else r"\S+"


def _cells(text: str) -> list[str]:
    return [cell for cell in CELLS.split(text.strip(" |│┃\t")) if cell]


def _is_number(text: str) -> bool:
    return number_in(text) is not None


def _written(copy: Path, folder: Path) -> Iterator[str]:
    """Yield the files of a working copy that are new, or not as they were."""
    for path in copy.rglob("*"):
        name = path.relative_to(copy)
        if not SKIPPED_NAMES.isdisjoint(name.parts) or path.is_symlink() or not path.is_file():
            continue
        if any((copy / above).is_symlink() for above in name.parents):
            continue
        if not _is_same(path, folder / name):
            yield name.as_posix()


def _is_same(path: Path, original: Path) -> bool:
    try:
        one, other = path.stat(), original.stat()
        if one.st_size != other.st_size:
            return False
        return one.st_size > LARGEST or path.read_bytes() == original.read_bytes()
    except OSError:
        return False


def _is_table(path: Path) -> bool:
    is_named = path.suffix.lower() in (*JSON_NAMES, *CSV_NAMES) or EVENTS in path.name
    return is_named and path.stat().st_size <= LARGEST


def _columns(copy: Path, name: str) -> Iterator[WrittenColumn]:
    path = copy / name
    names: Mapping[str, None] = dict.fromkeys(read_column(path, NO_COLUMN).names)
    for column in [column for column in names if column][:MOST_COLUMNS]:
        try:
            texts = read_column(path, column).values
        except (OSError, ValueError, csv.Error, json.JSONDecodeError):
            continue
        if texts:
            yield WrittenColumn(general_name(name), column, texts)


def _together(columns: Sequence[WrittenColumn]) -> Iterator[WrittenColumn]:
    """Return one column for each pattern of files and name."""
    texts: dict[tuple[str, str], tuple[str, ...]] = {}
    for column in columns:
        key = column.file, column.column
        texts[key] = texts.get(key, ()) + column.texts
    return (WrittenColumn(file, column, values) for (file, column), values in texts.items())
