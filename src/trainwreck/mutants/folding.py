"""Asks the subject's interpreter whether a stem's text holds exactly the mutants that it should."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwreck.model import Mutant
from trainwreck.mutants.alternatives import HIT_CALL, StemText
from trainwreck.source import SourceText
from trainwreck.subject.interpreter import Interpreter, fold_alternatives

NOT_FOLDED = "with its alternative on, the text is not that of the mutant"


@dataclass(frozen=True, slots=True)
class MarkedFile:
    """A clean file, its text in a stem, and the mutants and points of that text."""

    path: Path
    source: SourceText
    stem: StemText
    mutants: tuple[Mutant, ...]


def not_folding(interpreter: Interpreter, files: Sequence[MarkedFile]) -> dict[str, str]:
    """Return the reason, by mutant id, why a mutant cannot be one of its stem's alternatives.

    With its alternative on, and all others off, the syntax tree must be that of the text which a
    cold run compiles. Raises TrainwreckError where the interpreter does not answer.
    """
    answers = fold_alternatives(interpreter, [_request(file) for file in files])
    reasons: dict[str, str] = {}
    for file, (failing, error) in zip(files, answers, strict=True):
        for mutant_id, number in file.stem.numbers.items():
            if error or number in failing:
                reasons[mutant_id] = error or f"{NOT_FOLDED}: {failing[number]}"
    return reasons


def _request(file: MarkedFile) -> dict[str, Any]:
    by_number = {file.stem.numbers.get(mutant.id): mutant for mutant in file.mutants}
    numbers: Iterable[int] = (entry["number"] for entry in file.stem.alternatives)
    return {
        "path": str(file.path),
        "encoding": file.source.encoding,
        "sha256": file.source.sha,
        "marked": file.stem.text,
        "alternatives": file.stem.alternatives,
        "edits": [_counted_edits(by_number[number]) for number in numbers],
    }


def _counted_edits(mutant: Mutant) -> list[tuple[int, int, str]]:
    """Return the edits that make of the clean text the one that a cold run compiles."""
    assert mutant.evaluated is not None
    start, end = mutant.evaluated
    edits = [((e.span.start, 1), (e.span.start, e.span.end, e.replacement)) for e in mutant.edits]
    edits.append(((start, 0), (start, start, f"({HIT_CALL} and (")))
    edits.append(((end, 2), (end, end, "))")))
    return [edit for _, edit in sorted(edits)]
