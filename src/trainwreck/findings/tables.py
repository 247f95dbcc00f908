"""Judged mutants, questions about them, and the table of their selection."""

from collections.abc import Iterable

from trainwreck.model import APP, MASKED_VALUES, SHOWN, FileFrame, Impact, Judged, Rung, Table

MOST_PROBLEMS = 10


def files_of(judged: Iterable[Judged]) -> list[str]:
    """Return the file of each mutant: mutants of one file are not independent."""
    return [f"{item.mutant.root}/{item.mutant.file}" for item in judged]


def leaves_alone(item: Judged) -> bool:
    """Return whether a mutant ends as the clean program, or is shown to be equivalent to it.

    One run with a clean run's printed values shows neither.
    """
    silent = item.verdict.rung_class in (Rung.UNREACHED, Rung.UNINFECTED, Rung.MASKED)
    return silent or Impact.EQUIVALENT in item.verdict.impact


def is_masked_by_values(item: Judged) -> bool:
    """Return whether a mutant is masked as far as printed values show, and no further."""
    return item.verdict.rung_class == MASKED_VALUES


def is_shown(item: Judged) -> bool:
    """Return whether a mutant is shown to change what the program reports."""
    return not SHOWN.isdisjoint(item.verdict.impact)


def table_frame(frames: Iterable[FileFrame]) -> Table:
    """Count the mutants of all files by root, from those of the operators to the planned ones."""
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
    """Group the judged mutants by root: the program itself first, then each library."""
    roots: dict[str, list[Judged]] = {}
    for item in sorted(judged, key=lambda item: (item.mutant.root != APP, item.mutant.root)):
        roots.setdefault(item.mutant.root, []).append(item)
    return roots
