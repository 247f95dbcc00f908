"""Hints of errors in src/trainwreck: one imperative sentence each."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from guest import ROOT
from words import Docstring, opens_well

SOURCE = ROOT / "src" / "trainwreck"
ERRORS = frozenset(
    ["AuditError", "CleanProgramError", "ControlError", "TrainwreckError", "UsageError"]
)
MOST_WORDS = 25
FUNCTION = ast.parse("def f(): ...").body[0]


def hints_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of every hint that is written where an error is raised."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(ast.Name(name), [_, ast.Constant(str(hint))]) if name in ERRORS:
                yield node.lineno, hint
            case ast.Call(ast.Name(name), [_, ast.JoinedStr(parts)]) if name in ERRORS:
                yield (
                    node.lineno,
                    "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts
                    ),
                )


def is_good(hint: str) -> bool:
    """Return whether a hint is one imperative sentence."""
    imperative = opens_well(Docstring(FUNCTION, hint, 1))
    return imperative and hint.endswith(".") and len(hint.split()) <= MOST_WORDS


def modules() -> list[Path]:
    """Return the modules that raise errors with hints."""
    paths = [path for path in sorted(SOURCE.rglob("*.py")) if "agent" not in path.parts]
    return [path for path in paths if any(hints_of(path.read_text(encoding="utf-8")))]


def test_hints_are_found() -> None:
    assert len(modules()) > 15


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_hints_are_imperative_sentences(path: Path) -> None:
    hints = hints_of(path.read_text(encoding="utf-8"))
    assert [(line, hint) for line, hint in hints if not is_good(hint)] == []


@pytest.mark.parametrize(
    "hint", ["run it first", "Run it first", "see `list`.", "formats: csv", "--out FILE."]
)
def test_hints_that_are_none(hint: str) -> None:
    assert not is_good(hint)
    (found,) = hints_of(f"raise UsageError('a', {hint!r})")
    assert found == (1, hint)
