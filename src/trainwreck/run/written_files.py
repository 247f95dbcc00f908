"""Finds the files that a program writes into its working copy during a run."""

import fnmatch
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from trainwreck.run.scratch import CAMPAIGN_PREFIX
from trainwreck.store.campaign_file import is_campaign

Stamp = tuple[int, int, int]
ANY_FOLDERS = "**"
"""The part of a pattern that stands for any number of folders."""


class WrittenFiles:
    """The files of a trial's copy that match patterns; unchanged ones were not written.

    What was there before the run counts once the program has written it again: a file that an
    earlier run left in the program's folder is no result of this one.
    """

    def __init__(self, folder: Path, patterns: Sequence[str]) -> None:
        self.folder = folder
        self._patterns = patterns
        self._before: dict[Path, Stamp] = {}

    def begin(self) -> set[Path]:
        """Note the files that match before the run, and return them."""
        self._before = {path: _stamp(path) for path in self._matching(self._patterns)}
        return set(self._before)

    def written(self, *patterns: str) -> set[Path]:
        """Return the files that match one of these patterns and were written since then."""
        paths = self._matching(patterns)
        return {path for path in paths if self._before.get(path) != _stamp(path)}

    def _matching(self, patterns: Iterable[str]) -> set[Path]:
        """Return the files in the trial's own folder; links to others are shared by all trials."""
        paths = (path for pattern in patterns for path in _files(self.folder, pattern))
        return {path for path in paths if _is_own(path, self.folder)}


def _is_own(path: Path, folder: Path) -> bool:
    """Return whether a path leads to a file in the folder itself."""
    try:
        return path.is_file() and path.resolve().is_relative_to(folder.resolve())
    except OSError:
        return False


def own_paths(folder: Path, patterns: Sequence[str]) -> frozenset[Path]:
    """Return the files and folders that each trial needs as its own, to write in or over them.

    These are the files that match, the folders that patterns begin with, and all folders above.
    """
    paths = [folder / fixed for fixed in map(_fixed_folder, patterns)]
    paths += [path for pattern in patterns for path in _files(folder, pattern)]
    above = (parent for path in paths for parent in (path, *path.parents))
    return frozenset(path for path in above if path.is_relative_to(folder))


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    """Yield the files below a folder that match, as `Path.glob` does.

    `Path.glob` fails where a folder vanishes meanwhile, as those of other trials do. They lie in
    the campaign, which is no part of the program.
    """
    parts = PurePosixPath(pattern).parts
    for top, folders, names in os.walk(folder / _fixed_folder(pattern)):
        folders[:] = [name for name in folders if not _is_campaign(Path(top, name))]
        above = Path(top).relative_to(folder).parts
        yield from (Path(top, name) for name in names if _match((*above, name), parts))
        if ANY_FOLDERS not in parts and len(above) + 1 >= len(parts):
            folders.clear()


def _is_campaign(folder: Path) -> bool:
    return folder.name.startswith(CAMPAIGN_PREFIX) or is_campaign(folder)


def _match(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Return whether the names of a path match the parts of a pattern."""
    if not parts or not names:
        return not parts and not names
    if parts[0] == ANY_FOLDERS:
        return any(_match(names[start:], parts[1:]) for start in range(len(names)))
    return fnmatch.fnmatchcase(names[0], parts[0]) and _match(names[1:], parts[1:])


def _fixed_folder(pattern: str) -> PurePosixPath:
    """Return the folders that a pattern names without a wildcard."""
    parts = PurePosixPath(pattern).parts[:-1]
    wild = next((i for i, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    return PurePosixPath(*parts[:wild])


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino
