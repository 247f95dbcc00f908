"""Nouns built by hand, with only what a test wants to say spelled out."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from trainwreck.judge.baseline_evidence import DeterminismCheck
from trainwreck.model import (
    APP,
    Better,
    Context,
    Edit,
    Ending,
    Environment,
    Exit,
    Failure,
    Frame,
    Metric,
    Mutant,
    OperatorCode,
    Outcome,
    PhaseTime,
    Rung,
    Span,
    Symptom,
    Verdict,
)
from trainwreck.mutants.listing import Listing, list_mutants
from trainwreck.operators import Operator
from trainwreck.operators.table2 import (
    ARITHMETIC,
    ASSIGNMENT,
    BITWISE,
    BOOLEAN,
    COMPARISON,
    OPERATORS,
)
from trainwreck.source import SourceText, decode


def unseal(connection: sqlite3.Connection) -> None:
    """Make a campaign file one of format 3, which had no seals."""
    connection.execute("DROP TABLE seal")
    connection.execute("PRAGMA user_version = 3")


NEWEST = (3, 13)
STARTS: dict[str, Iterable[str]] = {
    "ArOR": ARITHMETIC,
    "BitOR": BITWISE,
    "ComOR": (*COMPARISON, "is"),
    "LogOR": ("and", "or", "not"),
    "AsOR": ASSIGNMENT,
    "MemOR": ("in", "not"),
    "BVR": BOOLEAN,
    "NVR": (),
}
"""The first words of what each operator replaces; a number may be any."""
ENVIRONMENT = Environment("3.11.7", {"numpy": "2.1.0"})


def source_of(text: str) -> SourceText:
    """A text as if it had been read from a UTF-8 file."""
    return decode(text.encode())


def listing_of(
    text: str,
    operators: Iterable[Operator] = OPERATORS,
    version: tuple[int, int] = NEWEST,
    file: str = "train.py",
) -> Listing:
    """Everything that can be planted in a text."""
    return list_mutants(source_of(text), APP, file, "train", version, operators)


def mutants_of(text: str, *codes: str) -> tuple[Mutant, ...]:
    """The mutants of a text, of all operators or of some."""
    found = listing_of(text).mutants
    return tuple(mutant for mutant in found if not codes or mutant.operator in codes)


def span_at(start: int, length: int = 1, line: int = 1) -> Span:
    """A span of one line whose columns count from ``start``."""
    return Span(start, start + length, line, start, line, start + length)


def edit_at(start: int, original: str, replacement: str, line: int = 1) -> Edit:
    """An edit within one line."""
    return Edit(span_at(start, len(original), line), original, replacement)


def mutant(**changes: Any) -> Mutant:
    """`a + b` with `-` for `+`, or whatever the changes make of it."""
    values: dict[str, Any] = {
        "root": APP,
        "file": "train.py",
        "module": "train",
        "function": "fit",
        "operator": OperatorCode.ArOR,
        "edits": (edit_at(2, "+", "-"),),
        "source_sha": "0" * 64,
        "context": Context.ASSIGNED,
        "anchor": "a.0+2",
        "lines": (1, 1),
        "evaluated": (0, 5),
    }
    return Mutant(**{**values, **changes})


def many_mutants(number: int, root: str = APP, file: str = "train.py") -> list[Mutant]:
    """Mutants of as many nodes."""
    return [
        mutant(root=root, file=file, anchor=f"a.{index}+0", edits=(edit_at(index, "+", "-"),))
        for index in range(number)
    ]


def outcome(**changes: Any) -> Outcome:
    """A run that ended by itself with an accuracy of 0.7 and one hit."""
    values: dict[str, Any] = {
        "trial_id": "trial",
        "exit": Exit(Ending.EXITED, 0),
        "seconds": 2.5,
        "cpu_seconds": 2.25,
        "peak_rss": 1 << 20,
        "hits": 1,
        "steps": {"accuracy": ("0.5", "0.7")},
        "parameters": "abc",
        "error": None,
        "phases": (PhaseTime("learning", 1.0, 0.5, 0),),
        "planted": True,
    }
    return Outcome(**{**values, **changes})


def failure(
    kind: str = "ValueError", message: str = "no shape", frames: Iterable[Frame] | None = None
) -> Failure:
    """An exception that was raised in ``train.py``."""
    if frames is None:
        frames = (Frame("train.py", 1, "<module>"), Frame("layers.py", 40, "build"))
    return Failure(kind, message, tuple(frames))


def determinism(*digests: str, runs: int = 5, without_news: int = 4) -> DeterminismCheck:
    """Clean runs of seed 0 that ended in these digests."""
    return DeterminismCheck(0, runs, frozenset(digests), without_news)


def verdict(
    symptom: Symptom = Symptom.NORMAL,
    rung: Rung | None = Rung.MASKED,
    mutant_id: str = "m",
    **known: Any,
) -> Verdict:
    """A verdict without evidence unless some is given."""
    return Verdict(mutant_id, symptom, rung, **known)


def metric(name: str = "accuracy", pattern: str = r"accuracy: (\S+)") -> Metric:
    """A metric that is better when higher."""
    return Metric(name, pattern, Better.HIGHER, None)


def executed(text: str, names: Mapping[str, object]) -> dict[str, object]:
    """The names that a text leaves behind when it runs with ``names`` there before."""
    space = dict(names)
    exec(compile(text, "<text>", "exec", dont_inherit=True), space)
    return {name: value for name, value in space.items() if name not in names}
