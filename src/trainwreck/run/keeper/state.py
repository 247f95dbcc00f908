"""The state of a folder as one hash, to see whether anything in it has changed."""

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator

WORK = ".work"
"""The ending of folders in which the kernel works."""
MOST_ENTRIES = 20_000
MOST_BYTES = 64 << 20
"""Bytes of contents that are read."""


def state_of(folder: str, *, with_contents: bool) -> str:
    """Return a hash of all entries of a folder; one of its own where there are too many.

    Args:
        folder: The folder; no link in it is followed.
        with_contents: Whether files are read, as their times need not show each change.

    """
    total = hashlib.sha256()
    size = 0
    for number, (path, status) in enumerate(_entries(folder)):
        is_file = stat.S_ISREG(status.st_mode)
        size += status.st_size if is_file and with_contents else 0
        if number > MOST_ENTRIES or size > MOST_BYTES:
            return secrets.token_hex()
        facts = (path, status.st_mode, status.st_ino, status.st_uid, status.st_gid)
        total.update(repr((*facts, *_times(status))).encode("utf-8", "surrogateescape"))
        if is_file and with_contents:
            total.update(_content(os.path.join(folder, path)))  # noqa: PTH118
    return total.hexdigest()


def _entries(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.endswith(WORK))
        for name in sorted([*folders, *names]):
            path = f"{top}/{name}"
            yield path[len(folder) + 1 :], os.lstat(path)


def _times(status: os.stat_result) -> tuple[int, ...]:
    if stat.S_ISDIR(status.st_mode):
        return (status.st_mtime_ns,)
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _content(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
