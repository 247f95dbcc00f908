"""Runs a program with one bug, planted without the tool, and says how the run ended.

The verdicts of a campaign are compared with these runs. Nothing here uses the tool's own way to
plant, to count, to seed, to read metrics or to compare: only its records say which bug it was.
"""

import ast
import hashlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOOK = Path(__file__).parent / "planting"


@dataclass(frozen=True)
class Program:
    """A program to run: ``added`` is a statement behind the line of ``anchor`` that saves its end.

    ``patterns`` find the printed values, ``files`` are globs of files with further values.
    """

    folder: Path
    command: tuple[str, ...]
    python: Path
    environment: Mapping[str, str]
    patterns: tuple[str, ...]
    files: tuple[str, ...] = ()
    main: str = "train.py"
    anchor: str = ""
    added: str = ""
    seeded: bool = False


@dataclass(frozen=True)
class Run:
    """How a run ended: ``end`` is ``normal``, ``crash`` or ``hang``; ``result`` is a hash."""

    end: str
    seconds: float
    reached: bool
    result: str
    values: tuple[str, ...]


def plant_and_run(
    program: Program, record: Mapping[str, Any] | None, scratch: Path, limit: float
) -> Run:
    """Run a copy of the program with the bug of a record of ``list --json``, or with none."""
    copy = scratch / "program"
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(program.folder, copy, ignore=shutil.ignore_patterns(".trainwreck*"))
    reached = scratch / "reached"
    reached.touch()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        **program.environment,
        "PYTHONPATH": str(HOOK),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PLANTER_REACHED": str(reached),
        **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    }
    if program.seeded:
        environment["PLANTER_SEED"] = "17"
    if record is not None and record["root"] == "app":
        _edit(copy / record["file"], record)
    elif record is not None:
        source = _library_file(program.python, record["file"])
        text = scratch / "planted.py"
        text.write_bytes(source.read_bytes())
        _edit(text, record)
        environment |= {"PLANTER_FILE": str(source.resolve()), "PLANTER_TEXT": str(text)}
    if program.added:
        _add(copy / program.main, program)
    began = time.monotonic()
    output, end = _run([str(program.python), *program.command], copy, environment, limit)
    values = tuple(
        value for pattern in program.patterns for value in re.findall(pattern, output, re.MULTILINE)
    )
    if end == "normal" and not _has_metrics(program, output, copy):
        end = "crash"
    seconds = time.monotonic() - began
    result = _result(values, copy, program.files)
    return Run(end, seconds, bool(reached.read_bytes()), result, values)


def _has_metrics(program: Program, output: str, folder: Path) -> bool:
    """Return whether all metrics were printed, or else the first file, which has them, written."""
    if program.patterns:
        return all(re.search(pattern, output, re.MULTILINE) for pattern in program.patterns)
    return any(folder.glob(program.files[0])) if program.files else True


def _library_file(python: Path, file: str) -> Path:
    (found,) = python.parent.parent.glob(f"lib/python*/site-packages/{file}")
    return found


def _edit(path: Path, record: Mapping[str, Any]) -> None:
    """Replace the span, and call ``__reached__`` in the innermost expression around it."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = _offset(lines, record["line"], record["column"])
    end = _offset(lines, record["end_line"], record["end_column"])
    text = "".join(lines)
    assert text[start:end] == record["original"], (record["name"], text[start:end])
    mutated = text[:start] + record["replacement"] + text[end:]
    ends = start + len(record["replacement"])
    path.write_text(_marked(mutated, start, max(ends, start + 1)), encoding="utf-8")


def _offset(lines: Sequence[str], line: int, column: int) -> int:
    return sum(map(len, lines[: line - 1])) + column


def _marked(text: str, start: int, end: int) -> str:
    """Return the text with a call that is true around the smallest expression of the span."""
    lines = text.splitlines(keepends=True)

    def offset(line: int, byte: int) -> int:
        column = len(lines[line - 1].encode()[:byte].decode())
        return sum(map(len, lines[: line - 1])) + column

    smallest: tuple[int, int] | None = None
    for node in _expressions(ast.parse(text)):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        span = offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)
        within = span[0] <= start and end <= span[1]
        if within and (smallest is None or span[1] - span[0] <= smallest[1] - smallest[0]):
            smallest = span
    if smallest is None:
        return _marked_before(text, start)
    first, last = smallest
    marked = f"{text[:first]}(__reached__() and ({text[first:last]})){text[last:]}"
    try:
        compile(marked, "planted", "exec")
    except SyntaxError:
        return _marked_before(text, start)
    return marked


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    """Yield every expression that may stand in parentheses; those in f-strings have no position."""
    is_value = isinstance(node, ast.expr) and not isinstance(node, ast.Slice | ast.Starred)
    if is_value and not isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        assert isinstance(node, ast.expr)
        yield node
    if not isinstance(node, ast.JoinedStr):
        for child in ast.iter_child_nodes(node):
            yield from _expressions(child)


def _marked_before(text: str, start: int) -> str:
    """Return the text with the call before the statement around the place."""
    line = text.count("\n", 0, start) + 1
    statements = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    statement = max(statements, key=lambda node: (node.lineno, node.col_offset))
    lines = text.splitlines(keepends=True)
    place = statement.lineno - 1
    column = len(lines[place].encode()[: statement.col_offset].decode())
    lines[place] = f"{lines[place][:column]}__reached__(); {lines[place][column:]}"
    return "".join(lines)


def _add(path: Path, program: Program) -> None:
    """Add the statement behind its line; the bug has changed no line's number."""
    clean = (program.folder / program.main).read_text(encoding="utf-8").splitlines()
    (place,) = [number for number, line in enumerate(clean) if program.anchor in line]
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[place] = f"{lines[place].rstrip()}; {program.added}\n"
    path.write_text("".join(lines), encoding="utf-8")


def _run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], limit: float
) -> tuple[str, str]:
    log = folder.parent / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            end = "normal" if process.wait(limit) == 0 else "crash"
        except subprocess.TimeoutExpired:
            end = "hang"
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return log.read_text(encoding="utf-8", errors="replace"), end


def _result(values: Sequence[str], folder: Path, globs: Sequence[str]) -> str:
    total = hashlib.sha256(repr(list(values)).encode())
    for pattern in globs:
        for path in sorted(folder.glob(pattern)):
            total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()
