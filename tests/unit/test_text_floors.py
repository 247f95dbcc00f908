"""Sentences for people are written in report and cli, not in the rooms below them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import trainwreck

ROOMS = ("judge", "model", "results", "stats")
"""Rooms that compute, conclude and read: their results are data."""

MOST_WORDS = 3


def sentences_in(text: str) -> list[str]:
    """Return every string of many words, but for docstrings, errors and the values of enums."""
    tree = ast.parse(text)
    exempt = {id(node) for parent in ast.walk(tree) for node in exempt_in(parent)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [
        node.value
        for node in strings
        if isinstance(node.value, str)
        and id(node) not in exempt
        and len(node.value.split()) > MOST_WORDS
    ]


def exempt_in(parent: ast.AST) -> Iterator[ast.AST]:
    match parent:
        case ast.Raise() | ast.Assert():
            yield from ast.walk(parent)
        case ast.Expr(value=ast.Constant() as docstring):
            yield docstring
        case ast.ClassDef(bases=[ast.Name(id="StrEnum")], body=body):
            values = (statement.value for statement in body if isinstance(statement, ast.Assign))
            yield from values


PATTERNS = {
    "Traceback (most recent call last)",
    "During handling of the above exception",
    "The above exception was the direct cause",
    r'^\s*File "(?P<file>[^"]*)", line (?P<line>\d+), in (?P<function>.*)$',
}
"""What judge/crash_causes.py looks for in the output of programs."""


@pytest.mark.parametrize("room", ROOMS)
def test_no_sentence_is_written_in_a_room_below_report(room: str) -> None:
    files = sorted((Path(trainwreck.__file__).parent / room).rglob("*.py"))
    assert len(files) > 3
    written = {
        f"{file.name}: {sentence}"
        for file in files
        for sentence in sentences_in(file.read_text(encoding="utf-8"))
        if sentence not in PATTERNS
    }
    assert not written, "facts belong here, and their words in trainwreck.report"


def test_the_check_of_sentences_sees_them_and_knows_its_exceptions() -> None:
    assert sentences_in("def f(n):\n    return f'it ran {n} times and it ended'")
    assert sentences_in("why = 'a reason of four words'")
    assert not sentences_in('"""A docstring of many more words."""\nx = "three words only"')
    assert not sentences_in("raise ValueError('a message of many more words')")
    assert not sentences_in("class A(StrEnum):\n    B = 'a term of many words'")


EDGE = Path("cli/printing.py")
WRITERS = re.compile(r"(?<![\w.])print\(|sys\.std(out|err)\.|sys\.__std|traceback\.print")


def test_commands_print_only_at_the_edge_that_escapes_text_of_others() -> None:
    package = Path(trainwreck.__file__).parent
    files = [
        file for floor in ("cli", "report", "campaign") for file in package.glob(f"{floor}/**/*.py")
    ]
    assert package / EDGE in files
    found = {file.relative_to(package) for file in files if WRITERS.search(file.read_text())}
    assert found - {Path("cli/listing.py")} == {EDGE}  # The table asks how wide the terminal is.
