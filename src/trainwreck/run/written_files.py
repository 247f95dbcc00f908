"""Finds the files that a program writes into its working copy during a run."""

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

Stamp = tuple[int, int, int]


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
        paths = (path for pattern in patterns for path in self.folder.glob(pattern))
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
    paths += [path for pattern in patterns for path in folder.glob(pattern)]
    above = (parent for path in paths for parent in (path, *path.parents))
    return frozenset(path for path in above if path.is_relative_to(folder))


def _fixed_folder(pattern: str) -> PurePosixPath:
    """Return the folders that a pattern names without a wildcard."""
    parts = PurePosixPath(pattern).parts[:-1]
    wild = next((i for i, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    return PurePosixPath(*parts[:wild])


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino
