"""The files that a clean run writes into its folder and that no verdict compares."""

from collections.abc import Sequence
from pathlib import Path

from trainwreck.run.outputs import hash_of_content
from trainwreck.run.scratch import SKIPPED_NAMES
from trainwreck.run.written_files import ANY_FOLDERS, WrittenFiles

MOST = 200
"""Files of a run that are kept, in the order of their names."""
LARGEST = 1 << 30
"""Bytes of a file above which its content is not read."""
UNKNOWN = ""
"""The hash of a file whose content is not read."""


class OtherFiles:
    """The files of a trial's copy that neither belong to its result nor hold its metrics."""

    def __init__(self, folder: Path, compared: Sequence[str]) -> None:
        self._compared = compared
        self._files = WrittenFiles(folder, [f"{ANY_FOLDERS}/*", *compared])

    def begin(self) -> None:
        """Note the files that are there before the run."""
        self._files.begin()

    def written(self) -> dict[str, str]:
        """Return the hashes of the files that were written since then, by their names."""
        paths = self._files.written(f"{ANY_FOLDERS}/*") - self._files.written(*self._compared)
        names = {path.relative_to(self._files.folder): path for path in paths}
        kept = sorted(name for name in names if SKIPPED_NAMES.isdisjoint(name.parts))[:MOST]
        return {name.as_posix(): _hash(names[name]) for name in kept}


def _hash(path: Path) -> str:
    try:
        return hash_of_content(path) if path.stat().st_size <= LARGEST else UNKNOWN
    except OSError:
        return UNKNOWN
