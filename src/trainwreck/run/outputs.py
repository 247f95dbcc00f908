"""The files that the program writes and that belong to its result, with hashes of their content."""

import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from trainwreck.run.written_files import WrittenFiles

CHUNK = 1 << 20
MOST = 4 << 30
"""Bytes of a file's content that are read; a buggy program may fill the disk."""
GZIP = b"\x1f\x8b"
UNREADABLE = "unreadable"
"""The hash of a file that cannot be read."""
KERAS, DATED = "model.weights.h5", "metadata.json"
"""An archive with the first member is a Keras model; the second one holds the time of saving."""

Written = dict[str, dict[str, str]]
"""For each pattern, the files that match it with the hashes of their content."""


class Outputs:
    """The files of a trial's copy that match patterns; unchanged ones are no output.

    What was there before the run counts once the program has written it again: a model that an
    earlier run left in the program's folder is no result of this one.
    """

    def __init__(self, folder: Path, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._files = WrittenFiles(folder, patterns)

    def begin(self) -> None:
        """Note the files that match before the run."""
        self._files.begin()

    def written(self) -> Written:
        """Return the files that were written since then."""
        hashes = {path: hash_of_content(path) for path in self._files.written(*self._patterns)}
        return {
            pattern: {
                path.relative_to(self._files.folder).as_posix(): hashes[path]
                for path in self._files.written(pattern)
            }
            for pattern in self._patterns
        }


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
