"""Turns what a run shows of its training into lines of the program at which phases begin."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from trainwreck.model import PhaseMark
from trainwreck.model.proposal import SeenPhase

MODEL, TRAINING = "model", "training"
PREPROCESSING, CONSTRUCTING, LEARNING = "preprocessing", "constructing", "learning"
LONGEST_STATEMENT = 70

Body = Sequence[ast.stmt]


@dataclass(frozen=True, slots=True)
class Place:
    """One frame of the program; ``first`` is the first line of its function."""

    file: str
    line: int
    function: str
    first: int

    def is_within(self, other: "Place") -> bool:
        """Return whether both are in one function."""
        return (self.file, self.function, self.first) == (other.file, other.function, other.first)


def places_of(landmarks: object) -> dict[str, list[Place]]:
    """Return the frames that led to each landmark, outermost first; nothing of what is damaged."""
    found: dict[str, list[Place]] = {}
    try:
        for name, frames in landmarks:  # type: ignore[attr-defined]
            found[str(name)] = [_place(frame) for frame in frames]
    except (TypeError, ValueError):
        return {}
    return found


def _place(frame: Sequence[Any]) -> Place:
    file, line, function, first = frame
    return Place(str(file), int(line), str(function), int(first))


def find_phases(places: Mapping[str, list[Place]], texts: Mapping[str, str]) -> list[SeenPhase]:
    """Return the phases of a program, in order; none where no training was seen.

    Args:
        places: The frames that led to the first model and to training.
        texts: The program's files by name.

    """
    model, training = places.get(MODEL, []), places.get(TRAINING, [])
    if model and _is_import(texts.get(model[-1].file, ""), model[-1].line):
        model = []  # A library makes one for itself.
    if not training:
        model, training = [], model
    at_model, at_training = _split(model, training) or (None, _outermost(training, texts))
    if at_training is None or at_training.file not in texts:
        return []
    body = _body(texts[at_training.file], at_training)
    learning = _statement(body, at_training.line, at_model.line if at_model else None)
    building = _statement(body, at_model.line, at_training.line) if at_model else None
    if learning is None:
        return []
    if building is not None and building.lineno >= learning.lineno:
        building = None
    first = _first(body, (building or learning).lineno)
    marks = ((PREPROCESSING, first), (CONSTRUCTING, building), (LEARNING, learning))
    lines = texts[at_training.file].splitlines()
    return [
        SeenPhase(PhaseMark(name, at_training.file, node.lineno), _shown(lines, node.lineno))
        for name, node in marks
        if node is not None
    ]


def _split(model: Sequence[Place], training: Sequence[Place]) -> tuple[Place, Place] | None:
    """Return the frame of one function that led to both, at its line for each."""
    for at_model, at_training in zip(model, training, strict=False):
        if not at_model.is_within(at_training):
            return None
        if at_model.line != at_training.line:
            return at_model, at_training
    return None


def _is_import(text: str, line: int) -> bool:
    """Return whether a line of a file is part of an import."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError):
        return False
    imports = (node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))
    return any(_holds(node, line) for node in imports)


def _outermost(frames: Sequence[Place], texts: Mapping[str, str]) -> Place | None:
    """Return the first frame that does more than start the next one, as ``main()`` does."""
    for frame, after in pairwise(frames):
        statement = _statement(_body(texts.get(frame.file, ""), frame), frame.line, None)
        if not _only_calls(statement, after.function):
            return frame
    return frames[-1] if frames else None


def _only_calls(statement: ast.stmt | None, function: str) -> bool:
    """Return whether a statement does no more than call the program's main function."""
    if statement is None:
        return False
    if isinstance(statement, ast.If) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(statement.test)
    ):
        return True
    is_call = isinstance(statement, ast.Expr | ast.Assign | ast.Return)
    named = [n.id for n in ast.walk(statement) if isinstance(n, ast.Name)] if is_call else []
    return function in named and function in ("main", "run", "cli", "app")


def _body(text: str, place: Place) -> Body:
    """Return the statements of the function of a place, or of the module."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == place.function:
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            if first == place.first:
                return node.body
    return tree.body


def _statement(body: Body, line: int, other: int | None) -> ast.stmt | None:
    """Return the outermost statement that holds a line, and not the other one."""
    found = next((node for node in body if _holds(node, line)), None)
    if found is None or other is None or not _holds(found, other):
        return found
    inner = [_statement(block, line, other) for block in _blocks(found)]
    return next((statement for statement in inner if statement is not None), found)


def _holds(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _blocks(node: ast.stmt) -> Iterator[Body]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(node, name, [])
    for handler in getattr(node, "handlers", []):
        yield handler.body


def _first(body: Body, before: int) -> ast.stmt | None:
    """Return the first statement after imports and definitions, in front of a line."""
    earlier = [node for node in body if (node.end_lineno or node.lineno) < before]
    imports = [
        index for index, node in enumerate(earlier) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    for node in earlier[imports[-1] + 1 if imports else 0 :]:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text and not isinstance(node, ast.FunctionDef | ast.ClassDef):
            return node
    return None


def _shown(lines: Sequence[str], line: int) -> str:
    return lines[line - 1].strip()[:LONGEST_STATEMENT] if line <= len(lines) else ""
