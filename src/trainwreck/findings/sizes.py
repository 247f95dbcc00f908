"""Tables I and III of the paper: the sizes and the settings of the programs under study."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trainwreck.findings.judged_campaign import nothing
from trainwreck.model import APP, Gap, Share, SourceSize, Table

# A progress bar may have left the line with a carriage return only.
SETTING = re.compile(r"(?:^|\r)trainwreck: setting ([^=\n]+)=([^\r\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sized:
    """The source files of one campaign, with the installed version of each library."""

    study: str
    versions: Mapping[str, str]
    sources: Sequence[SourceSize]


def table_one(studies: Iterable[Sized]) -> Table:
    """Return Table I: the numbers of files and statements of programs and libraries.

    The "LoC" of the paper are the statements of coverage.py: for Keras 2.3.1 both are 18,299.
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
    """Return Table III: the settings that each program reported in a clean run.

    ``studies`` has the name of each campaign, and its settings by name.
    """
    studies = list(studies)
    names = list(dict.fromkeys(name for _, settings in studies for name in settings))
    rows = tuple((name, *(settings.get(name) for _, settings in studies)) for name in names)
    columns = ("", *(study for study, _ in studies))
    note = (
        "" if names else "The program reports none. Print `trainwreck: setting NAME=VALUE` lines."
    )
    return Table("table-3", "Table III: settings", columns, rows, note)


def reported_settings(log: str) -> dict[str, str]:
    """Return the settings that a log reports as ``trainwreck: setting NAME=VALUE``.

    The last value of each name counts.
    """
    return {name.strip(): value.strip() for name, value in SETTING.findall(log)}
