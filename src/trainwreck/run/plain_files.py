"""Reads files in folders to which a buggy program can write."""

import errno
import os
import stat
from pathlib import Path


def read_plain_file(path: Path, most: int) -> bytes:
    """Return the content of a file; never wait for a pipe, follow a link, or fill the memory.

    Args:
        path: The file.
        most: The largest size, in bytes.

    Raises:
        OSError: It cannot be read, is larger, or is no file but a folder, a pipe or a link.

    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no file", str(path))
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most} bytes", str(path))
    return content


def names_in(folder: Path) -> list[str]:
    """Return the sorted names in a folder; none where there is no folder, or a link to one."""
    try:
        return [] if folder.is_symlink() else sorted(path.name for path in folder.iterdir())
    except OSError:
        return []
