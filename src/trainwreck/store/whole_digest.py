"""The digest of a whole campaign file, written beside it when its writer has closed it.

It is the quick way to know that a file is as it was left: every byte is read once, in C. A file
without it, or with another one, is checked row by row.
"""

from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Self

NAME = "digest"
HASH_BYTES = 32


def beside(campaign_file: Path) -> Path:
    """Return where the digest of a file is."""
    return campaign_file.with_name(NAME)


def write_digest(campaign_file: Path) -> None:
    """Keep the digest of a file that is closed; where that fails, none is kept."""
    path = beside(campaign_file)
    partial = path.with_name(f"{NAME}.partial")
    with suppress(OSError):
        partial.write_text(f"{_digest(campaign_file)}\n", encoding="ascii")
        partial.replace(path)


def forget_digest(campaign_file: Path) -> None:
    """Remove the digest of a file that will change."""
    beside(campaign_file).unlink(missing_ok=True)


def has_digest(campaign_file: Path) -> bool:
    """Return whether the digest of a file was kept."""
    return beside(campaign_file).is_file()


def is_as_left(campaign_file: Path) -> bool:
    """Return whether a file has the digest that was kept of it.

    A process that opens a large file several times reads all of it once, unless it is written to.
    """
    try:
        kept = beside(campaign_file).read_bytes().strip()
        state = _State.of(campaign_file, kept)
        if _as_left.get(campaign_file) == state:
            return True
        if kept != _digest(campaign_file).encode():
            return False
    except OSError:
        return False
    _as_left[campaign_file] = state
    return True


@dataclass(frozen=True, slots=True)
class _State:
    """A file as the system describes it, with the digest that was kept of it."""

    device: int
    number: int
    size: int
    written: int
    changed: int
    digest: bytes

    @classmethod
    def of(cls, path: Path, digest: bytes) -> Self:
        found = path.stat()
        times = found.st_mtime_ns, found.st_ctime_ns
        return cls(found.st_dev, found.st_ino, found.st_size, *times, digest)


_as_left: dict[Path, _State] = {}
"""The state of each file in which this process last saw that it is as it was left."""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=HASH_BYTES)).hexdigest()
