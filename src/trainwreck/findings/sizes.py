"""The study's tables of subjects: how large they are and how they are set."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trainwreck.findings.judged_campaign import nothing
from trainwreck.model import APP, Gap, Share, SourceSize, Table

SETTING = re.compile(r"(?:^|\r)trainwreck: setting ([^=\n]+)=([^\r\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sized:
    """The sources of one study; ``versions`` maps each library to the version that is installed."""

    study: str
    versions: Mapping[str, str]
    sources: Sequence[SourceSize]


def table_one(studies: Iterable[Sized]) -> Table:
    """Table I: files and statements of program and library, and how many of them run.

    The study's "LoC" are the statements of coverage.py: for Keras 2.3.1 both are 18,299.
    """
    rows = []
    unread = 0
    for study in studies:
        roots = sorted({s.root for s in study.sources}, key=lambda root: (root != APP, root))
        for root in roots:
            sources = [source for source in study.sources if source.root == root]
            name = "application" if root == APP else f"{root} {study.versions.get(root, '')}"
            rows.append((study.study, name.strip(), *_sizes(sources)))
            unread += sum(source.statements is None for source in sources)
        if not roots:
            rows.append((study.study, *nothing(Gap.NOT_KNOWN, 5)))
    note = "LoC: statements, as coverage.py counts them."
    if unread:
        note += f" {unread} files that this Python cannot compile count as files only."
    columns = ("", "", "Files", "LoC", "Covered files", "Covered LoC")
    return Table("table-1", "Table I: programs and libraries", columns, tuple(rows), note)


def _sizes(sources: Sequence[SourceSize]) -> tuple[object, ...]:
    statements = sum(source.statements or 0 for source in sources)
    executed = sum(source.executed or 0 for source in sources)
    covered = sum(bool(source.executed) for source in sources)
    return len(sources), statements, covered, Share(executed, statements)


def table_three(studies: Iterable[tuple[str, Mapping[str, str]]]) -> Table:
    """Table III: the settings, as each program itself reported them in a clean run."""
    studies = list(studies)
    names = list(dict.fromkeys(name for _, settings in studies for name in settings))
    rows = tuple((name, *(settings.get(name) for _, settings in studies)) for name in names)
    columns = ("", *(study for study, _ in studies))
    note = (
        "" if names else "The program reports none: it may print `trainwreck: setting NAME=VALUE`."
    )
    return Table("table-3", "Table III: settings", columns, rows, note)


def reported_settings(log: str) -> dict[str, str]:
    """What a program printed as ``trainwreck: setting NAME=VALUE``; the last value counts."""
    return {name.strip(): value.strip() for name, value in SETTING.findall(log)}
