"""Tables in the formats that papers, spreadsheets and programs take."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from math import isfinite
from pathlib import Path

from trainwreck.errors import UsageError, need
from trainwreck.model import Missing, Share, Table
from trainwreck.report.markdown import markdown_tables
from trainwreck.report.mutant_formats import MUTANT_TEXTS
from trainwreck.report.printable import json_text
from trainwreck.report.remarks import note_of
from trainwreck.report.shown_rows import shown_tables, with_phases
from trainwreck.report.text import (
    LEFT,
    WIDTH,
    cell,
    printable_table,
    render_tables,
    tables_for_others,
)
from trainwreck.results.reported_mutants import ReportedMutants
from trainwreck.stats.groups import AtMost, Chance

LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    "±": r"$\pm$",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}

LONG = 30
"""Texts of more characters are set in lines."""
ROOM = 0.7
"""The share of a line's width that such columns have together."""
NUMBERED = re.compile(r"^(Table [IVX]+|Figure \d): ")


def table_json(table: Table) -> str:
    """Return a table as one line of JSON; numbers that JSON has no word for are strings."""
    rows = [[_plain(value) for value in row] for row in table.rows]
    return json_text(
        {
            "name": table.name,
            "title": table.title,
            "columns": table.flat_columns,
            "rows": rows,
            "note": note_of(table),
            "groups": table.groups,
        }
    )


def _plain(value: object) -> object:
    match value:
        case Share(count=count, total=total, weighted=None):
            return {"count": count, "total": total}
        case Share(count=count, total=total, weighted=share):
            return {"count": count, "total": total, "share": share}
        case Missing(why=why):
            return {"missing": why}
        case float():
            return value if isfinite(value) else str(value)
        case AtMost() | Chance():
            return value._asdict()
        case tuple():
            return [_plain(part) for part in value]
    return value


def _json(tables: Iterable[Table]) -> str:
    return "".join(f"{table_json(table)}\n" for table in tables)


def _csv(tables: Iterable[Table]) -> str:
    """Write each table below a line with its name; its last column says why cells are empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for table in tables:
        out.write(f"# {table.name}: {_one_line(table.title)}\n")
        columns, rows = flattened(table)
        writer.writerow([*columns, "missing"])
        writer.writerows([*row, _missing(table, index)] for index, row in enumerate(rows))
        out.write("\n")
    return out.getvalue()


def flattened(table: Table) -> tuple[list[str], list[list[object]]]:
    """Return columns and rows of plain values; a missing value is None.

    A share is two columns, or three where it is weighted.
    """
    widths = [
        max((_width(row[index]) for row in table.rows), default=1)
        for index in range(len(table.columns))
    ]
    columns: list[str] = []
    for index, (name, width) in enumerate(zip(table.flat_columns, widths, strict=True)):
        name = name or f"column {index + 1}"
        columns += [name, f"{name}, of", f"{name}, weighted share"][:width]
    rows = [
        [part for value, width in zip(row, widths, strict=True) for part in _parts(value, width)]
        for row in table.rows
    ]
    return columns, rows


def _width(value: object) -> int:
    match value:
        case Share(weighted=None):
            return 2
        case Share():
            return 3
    return 1


def _parts(value: object, width: int) -> list[object]:
    match value:
        case Share(count=count, total=total, weighted=share):
            return list[object]((count, total, share))[:width]
        case Missing():
            return [None] * width
        case AtMost() | Chance():
            value = cell(value)
        case tuple():
            value = " ".join(p if isinstance(p, str) else f"{p:.6g}" for p in value)
    return [value, *[None] * (width - 1)]


def _missing(table: Table, index: int) -> str:
    return "; ".join(
        f"{name}: {value.why}"
        for name, value in zip(table.flat_columns, table.rows[index], strict=True)
        if isinstance(value, Missing)
    )


def _latex(tables: Iterable[Table]) -> str:
    """Write each table as a float, with rules of the package booktabs."""
    return "\n".join(map(_latex_table, tables))


def _latex_table(table: Table) -> str:
    def line(values: Sequence[object]) -> str:
        return f"  {' & '.join(_escaped(cell(value)) for value in values)} \\\\\n"

    lines = "".join(map(line, table.rows))
    note = note_of(table)
    note = f"  \\par\\smallskip\\footnotesize {_escaped(note)}\n" if note else ""
    return (
        f"\\begin{{table}}\n  \\centering\n  \\caption{{{_caption(table.title)}}}\n"
        f"  \\label{{tab:{table.name.replace(' ', '-')}}}\n"
        f"  \\begin{{tabular}}{{{_alignment(table)}}}\n  \\toprule\n"
        f"{_latex_groups(table)}{line(table.columns)}  \\midrule\n{lines}  \\bottomrule\n"
        f"  \\end{{tabular}}\n{note}\\end{{table}}\n"
    )


def _alignment(table: Table) -> str:
    """Align text columns, and the first, left, long ones in lines; align others right."""
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    texts = [bool(cells) and all(isinstance(c, LEFT) for c in cells) for cells in columns]
    long = [
        text and max(map(len, column)) > LONG for text, column in zip(texts, columns, strict=True)
    ]
    share = ROOM / max(sum(long), 2)
    return "".join(
        f"p{{{share:.2f}\\linewidth}}" if wide else "l" if text or not index else "r"
        for index, (text, wide) in enumerate(zip(texts, long, strict=True))
    )


def _caption(title: str) -> str:
    """Return the title without its number, which the document gives."""
    text = NUMBERED.sub("", title)
    return _escaped(text[:1].upper() + text[1:])


def _latex_groups(table: Table) -> str:
    if not table.groups:
        return ""
    heads = " & ".join(
        f"\\multicolumn{{{span}}}{{c}}{{{_escaped(title)}}}" for title, span in table.groups
    )
    ends = list(accumulate(span for _, span in table.groups))
    rules = "".join(
        f"\\cmidrule(lr){{{end - span + 1}-{end}}}"
        for (title, span), end in zip(table.groups, ends, strict=True)
        if title
    )
    return f"  {heads} \\\\\n  {rules}\n"


def _escaped(text: str) -> str:
    return "".join(LATEX_SPECIAL.get(letter, letter) for letter in _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())


TEXT = "text"
TEXTS: dict[str, Callable[[Iterable[Table]], str]] = {
    TEXT: render_tables,
    "csv": _csv,
    "latex": _latex,
    "markdown": markdown_tables,
    "json": _json,
}
FOR_READERS = ("latex", "markdown")
"""Formats for people, in which a program without phases has no table by phase."""
HTML = "html"
FORMATS = (*TEXTS, "parquet")
"""Those of tables."""
SUMMARY = "summary"
"""The summary as Markdown."""
SQLITE = "sqlite"
ALL_FORMATS = (*FORMATS, HTML, SUMMARY, SQLITE, *MUTANT_TEXTS)


def check_format(format_: str, out: Path | None) -> None:
    """Raise UsageError for an unknown format, and for one that cannot do without ``out``."""
    if format_ not in ALL_FORMATS:
        names = ", ".join(ALL_FORMATS)
        raise UsageError(
            f"reports in the format `{format_}` cannot be made", f"Choose one of {names}."
        )
    if format_ == HTML and out is None:
        raise UsageError("HTML is written to a file", "Name it with `--html FILE`.")
    if format_ == SQLITE and out is None:
        raise UsageError("SQLite is written to a file", "Name it with `--out FILE`.")
    if format_ == "parquet" and out is None:
        raise UsageError("Parquet is written to files", "Name a folder with `--out DIR`.")


def write_report(
    tables: Sequence[Table], format_: str, out: Path | None = None, width: int | None = None
) -> str | None:
    """Return the tables as a text, or write them to ``out``.

    Args:
        tables: tables to be written, in this order.
        format_: one of FORMATS.
        out: file to be written, or the folder for ``parquet``; None returns the text.
        width: columns of the terminal that the text goes to; None for another place.

    Returns:
        The text where ``out`` is None, else None.

    Raises:
        UsageError: for an unknown format, ``parquet`` without a folder, and a failed writing.

    """
    check_format(format_, out)
    tables = tables_for_others(tables)
    if format_ != "json":  # JSON has escapes of its own, and readers get the very text.
        tables = [printable_table(table) for table in tables]
    if format_ == "parquet" and out is not None:
        with _explained(out):
            _write_parquet(tables, out)
        return None
    if format_ == TEXT:
        return write_text(render_tables(shown_tables(tables), width or WIDTH), out)
    if format_ in FOR_READERS:
        tables = with_phases(tables)
    return write_text(TEXTS[format_](tables), out)


def write_mutants(
    reports: Sequence[ReportedMutants], format_: str, out: Path | None = None
) -> str | None:
    """Return a report in which each mutant has an entry, or write it to ``out``.

    Args:
        reports: The mutants of each campaign.
        format_: One of MUTANT_TEXTS.
        out: The file to be written; None returns the text.

    Raises:
        UsageError: The file cannot be written.

    """
    return write_text(MUTANT_TEXTS[format_](reports), out)


def write_text(text: str, out: Path | None) -> str | None:
    """Return a text, or write it to ``out``. Raises UsageError where that fails."""
    if out is None:
        return text
    with _explained(out):
        out.write_text(text, encoding="utf-8")
    return None


@contextmanager
def _explained(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"the report `{out}` cannot be written: {error.strerror}"
        raise UsageError(problem, "Name another file, or free space there.") from error


def _write_parquet(tables: Iterable[Table], folder: Path) -> None:
    """Write one file for each table; columns of several kinds of value become text."""
    need("Parquet files", "frames", "pandas", "pyarrow")
    import pandas

    folder.mkdir(exist_ok=True)
    for table in tables:
        columns, rows = flattened(table)
        columns = [f"{name} {i}" if name in columns[:i] else name for i, name in enumerate(columns)]
        frame = pandas.DataFrame(rows, columns=columns, dtype=object)
        for name in columns:
            kinds = {type(value) for value in frame[name] if value is not None}
            if not kinds <= {int, float} or len(kinds) == 0:
                frame[name] = [None if value is None else str(value) for value in frame[name]]
            else:
                frame[name] = pandas.to_numeric(frame[name])
        frame.to_parquet(folder / f"{table.name.replace('/', '-')}.parquet", index=False)
