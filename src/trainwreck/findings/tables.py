"""Judged mutants, questions about them, and the table of their selection."""

from collections import Counter
from collections.abc import Iterable, Sequence

from trainwreck.findings.judged_campaign import JudgedCampaign
from trainwreck.model import (
    APP,
    MASKED_VALUES,
    SHOWN,
    FileFrame,
    Gap,
    Impact,
    Judged,
    Missing,
    Rung,
    Share,
    Stratum,
    StratumFrame,
    Table,
)
from trainwreck.stats.groups import weighted_share

MOST_PROBLEMS = 10
WEIGHTED = "Percentages count each mutant with its weight:"
UNWEIGHTED = "Percentages are of the drawn mutants, without weights, as in the paper."
WEIGHT = "Weight: the mutants on executed lines that one judged mutant stands for in percentages."
UNSEEN = "{} mutants are of kinds of code without a judged one: no percentage covers them."


def files_of(judged: Iterable[Judged]) -> list[str]:
    """Return the file of each mutant: mutants of one file are not independent."""
    return [f"{item.mutant.root}/{item.mutant.file}" for item in judged]


def weights_of(judged: Iterable[Judged]) -> list[float]:
    """Return the weight of each mutant; nothing where each stands for itself."""
    weights = [item.weight for item in judged]
    return weights if any(weight != 1 for weight in weights) else []


def share_of(judged: Sequence[Judged], hits: Sequence[bool]) -> Share:
    """Return the number of hits, and their share of all mutants that these stand for."""
    weights = weights_of(judged)
    share = weighted_share(hits, weights) if weights else None
    return Share(sum(hits), len(judged), share)


def weighting(judged: Sequence[Judged]) -> str:
    """Return the note of a table whose shares are weighted; empty where they are not."""
    if not weights_of(judged):
        return ""
    frame = round(sum(item.weight for item in judged))
    return f"{WEIGHTED} the {len(judged):,} judged ones stand for {frame:,} on executed lines."


def no_weighting(studies: Iterable[JudgedCampaign]) -> str:
    """Return the note of a table in the paper's form, where others are weighted."""
    return UNWEIGHTED if any(weights_of(study.judged) for study in studies) else ""


def table_strata(strata: Sequence[StratumFrame], judged: Iterable[Judged]) -> Table:
    """Count the mutants on executed lines by root and kind of code, and those that are judged."""
    done = Counter((item.mutant.root, item.mutant.stratum) for item in judged)
    keys = sorted(
        {(s.root, s.stratum) for s in strata},
        key=lambda key: (key[0] != APP, key[0], list(Stratum).index(key[1])),
    )
    rows: list[tuple[object, ...]] = []
    unseen = 0
    for root, kind in keys:
        members = [s for s in strata if (s.root, s.stratum) == (root, kind)]
        number = sum(stratum.mutants for stratum in members)
        planned = sum(stratum.planned for stratum in members)
        if not any(stratum.chance for stratum in members):
            rows.append((root, kind.value, number, *(Missing(Gap.LEFT_OUT),) * 3))
            continue
        judged_here = done[root, kind]
        unseen += 0 if judged_here else number
        weighted_share = number / judged_here if judged_here else Missing(Gap.NO_MUTANT)
        rows.append((root, kind.value, number, planned, judged_here, weighted_share))
    return Table(
        "strata",
        "Mutants on executed lines by kind of code",
        ("", "Kind", "On executed lines", "Planned", "Judged", "Weight"),
        tuple(rows),
        f"{WEIGHT} {UNSEEN.format(unseen)}" if unseen else WEIGHT,
    )


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
