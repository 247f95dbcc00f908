"""The study's tables of symptoms, with the numbers of the selection behind them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trainwreck.model import (
    APP,
    FileFrame,
    Mutant,
    OperatorCode,
    Share,
    Symptom,
    Table,
    Verdict,
)

MOST_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutant with its verdict; ``phases`` are those in which its line runs."""

    mutant: Mutant
    verdict: Verdict
    phases: tuple[str, ...] = ()


def table_four(judged: Sequence[Judged], subject: str, planned: int) -> Table:
    """Table IV: how many mutants are normal, crash or hang, by root and in all."""
    rows = [_symptoms(root, members) for root, members in by_root(judged).items()]
    rows.append(_symptoms("in all", judged))
    left = planned - len(judged)
    return Table(
        "table-4",
        f"Table IV: symptoms of {subject}",
        ("", *_titles(), "Total"),
        tuple(rows),
        f"{planned} mutants planned, {len(judged)} run, {left} left.",
    )


def table_five(judged: Sequence[Judged]) -> Table:
    """Table V: symptoms by operator."""
    rows = [
        _symptoms(code, [item for item in judged if item.mutant.operator is code])
        for code in OperatorCode
    ]
    return Table("table-5", "Table V: symptoms by operator", ("", *_titles(), "Total"), tuple(rows))


def table_frame(frames: Iterable[FileFrame]) -> Table:
    """How the planned mutants were chosen, by root."""
    frames = list(frames)
    rows = []
    for root in sorted({frame.root for frame in frames}, key=lambda root: (root != APP, root)):
        members = [frame for frame in frames if frame.root == root]
        rows.append(
            (
                root,
                len(members),
                *(
                    sum(getattr(frame, name) for frame in members)
                    for name in ("mutants", "dropped", "executed", "planned")
                ),
            )
        )
    problems = [f"{frame.file} ({frame.problem})" for frame in frames if frame.problem]
    more = len(problems) - MOST_PROBLEMS
    problems[MOST_PROBLEMS:] = [f"and {more} more"] if more > 0 else []
    return Table(
        "frame",
        "Selection of mutants",
        ("", "Files", "Compile", "Do not compile", "On executed lines", "Planned"),
        tuple(rows),
        f"Not (wholly) readable: {', '.join(problems)}." if problems else "",
    )


def by_root(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    """The judged mutants of the program itself, then of each library."""
    roots: dict[str, list[Judged]] = {}
    for item in sorted(judged, key=lambda item: (item.mutant.root != APP, item.mutant.root)):
        roots.setdefault(item.mutant.root, []).append(item)
    return roots


def _titles() -> tuple[str, ...]:
    return tuple(symptom.value.capitalize() for symptom in Symptom)


def _symptoms(name: str, judged: Sequence[Judged]) -> tuple[object, ...]:
    total = len(judged)
    counts = [sum(item.verdict.symptom is symptom for item in judged) for symptom in Symptom]
    return (name, *(Share(count, total) for count in counts), total)
