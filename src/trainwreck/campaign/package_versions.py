"""The versions of packages that a program's results may depend on, as its imports show."""

import re
from collections.abc import Iterable, Iterator

from trainwreck.campaign.session import Session
from trainwreck.model import APP
from trainwreck.subject.interpreter import survey

IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)|import[ \t]+([\w., \t]+))", re.MULTILINE)
NUMERIC = ("numpy", "scipy", "torch", "tensorflow", "jax", "jaxlib", "keras", "scikit-learn")
"""Packages that compute for others, and that a program need not import by itself."""


def package_versions(session: Session) -> dict[str, str]:
    """Return the version of each package that the program's results may depend on.

    These are the packages of the target libraries and of what the program's own files import. With
    any of them, those packages count that compute for others. A program of the standard library
    alone has none.
    """
    subject, interpreter = session.subject.settings.subject, session.subject.interpreter
    names = {target.split(".")[0] for target in subject.targets}
    names |= set(imported(_texts(session)))
    found = survey(interpreter.executable, names - {APP}, interpreter.variables)
    owners = set(found.owners.values())
    if owners:
        owners |= {name for name in NUMERIC if name in found.packages}
    return {owner: found.packages[owner] for owner in sorted(owners)}


def _texts(session: Session) -> Iterator[str]:
    """Yield the texts of the program's own files that clean runs execute, or that it starts."""
    folder = session.subject.context.folder
    executed = {file for root, file in session.file.executed() if root == APP}
    for name in sorted(executed) or session.subject.settings.subject.command:
        path = folder / name
        if path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")


def imported(texts: Iterable[str]) -> Iterator[str]:
    """Yield the first names of the modules that texts import."""
    for text in texts:
        for source, names in IMPORT.findall(text):
            for name in [source, *names.split(",")]:
                if first := name.split(".")[0].split()[:1]:
                    yield first[0]
