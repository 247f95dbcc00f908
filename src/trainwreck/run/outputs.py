"""The files that the program writes and that belong to its result, with hashes of their content."""

import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Protocol

CHUNK = 1 << 20
MOST = 4 << 30
"""Bytes of a file's content that are read; a buggy program may fill the disk."""
GZIP = b"\x1f\x8b"
UNREADABLE = "unreadable"
"""The hash of a file that cannot be read."""
KERAS, DATED = "model.weights.h5", "metadata.json"
"""An archive with the first member is a Keras model; the second one holds the time of saving."""

Stamp = tuple[int, int, int]
Written = dict[str, dict[str, str]]
"""For each pattern, the files that match it with the hashes of their content."""


class Outputs:
    """The files of a trial's copy that match patterns; unchanged ones are no output.

    What was there before the run counts once the program has written it again: a model that an
    earlier run left in the program's folder is no result of this one.
    """

    def __init__(self, folder: Path, patterns: Sequence[str]) -> None:
        self._folder = folder
        self._patterns = patterns
        self._before: dict[Path, Stamp] = {}

    def begin(self) -> None:
        """Note the files that match before the run."""
        self._before = {path: _stamp(path) for path in self._matching(self._patterns)}

    def written(self) -> Written:
        """Return the files that were written since then."""
        hashes = {
            path: hash_of_content(path)
            for path in self._matching(self._patterns)
            if self._before.get(path) != _stamp(path)
        }
        return {
            pattern: {
                path.relative_to(self._folder).as_posix(): hashes[path]
                for path in self._matching([pattern])
                if path in hashes
            }
            for pattern in self._patterns
        }

    def _matching(self, patterns: Iterable[str]) -> set[Path]:
        """Return the files in the trial's own folder; links to others are shared by all trials."""
        paths = (path for pattern in patterns for path in self._folder.glob(pattern))
        return {path for path in paths if _is_own(path, self._folder)}


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


def hash_of_content(path: Path) -> str:
    """Return a hash of what a file holds.

    Of an archive (NumPy's npz, PyTorch's pt, keras) these are its members, and of a file of gzip
    what it unpacks to: the bytes themselves hold the time of writing.
    """
    for kind, read in (("zip", _members), ("gzip", _unpacked), ("plain", _plain)):
        # A buggy program may write anything, and readers of archives raise anything.
        with suppress(Exception):
            return _hash(kind, read(path))
    return UNREADABLE


def _hash(kind: str, chunks: Iterable[bytes]) -> str:
    total = hashlib.sha256(kind.encode())
    for chunk in chunks:
        total.update(chunk)
    return total.hexdigest()


def _members(path: Path) -> Iterator[bytes]:
    """Yield name and content of each member."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        left_out = DATED if KERAS in names else ""
        for member in archive.infolist():
            if member.filename != left_out:
                yield json.dumps([member.filename, member.file_size]).encode()
                with archive.open(member) as file:
                    yield from _chunks(file)


def _unpacked(path: Path) -> Iterator[bytes]:
    """Yield the content of a file of gzip."""
    with path.open("rb") as packed:
        if packed.read(len(GZIP)) != GZIP:
            raise gzip.BadGzipFile
        packed.seek(0)
        with gzip.GzipFile(fileobj=packed) as file:
            yield from _chunks(file)


def _plain(path: Path) -> Iterator[bytes]:
    yield str(path.stat().st_size).encode()
    with path.open("rb") as file:
        yield from _chunks(file)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _chunks(file: _Readable) -> Iterator[bytes]:
    left = MOST
    while left > 0 and (chunk := file.read(CHUNK)):
        left -= len(chunk)
        yield chunk
