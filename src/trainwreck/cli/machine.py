"""Turns what the machine refuses (no place, no right, no memory) into a message."""

from __future__ import annotations

import errno
import os
import pwd

from trainwreck.errors import TrainwreckError, UsageError
from trainwreck.temporary import temporary_place

AGAIN = "run the same command again; what has run is stored"
REMEDIES = {
    errno.EACCES: "Give yourself the right to it, or use another folder.",
    errno.EPERM: "Give yourself the right to it, or use another folder.",
    errno.EROFS: "Use a folder that can be written, for example with `--campaign DIR`.",
    errno.ENOSPC: f"Free space, and {AGAIN}.",
    errno.EDQUOT: f"Free space, and {AGAIN}.",
    errno.EFBIG: f"Raise the limit for files (`ulimit -f`), and {AGAIN}.",
    errno.ENOMEM: f"Free memory, or give fewer `--jobs`, and {AGAIN}.",
    errno.EAGAIN: f"Raise the limit of processes (`ulimit -u`), and {AGAIN}.",
    errno.EMFILE: f"Raise the limit of open files (`ulimit -n`), and {AGAIN}.",
    errno.ENFILE: f"Close other programs that hold files open, and {AGAIN}.",
    errno.EIO: f"Check the disk, and {AGAIN}.",
    errno.ESTALE: f"Mount the file system again, and {AGAIN}.",
    errno.ENOENT: f"Put it back, and {AGAIN}.",
    errno.ENOTDIR: "Correct the path: a part of it is a file.",
    errno.EISDIR: "Name a file, not a folder.",
    errno.ELOOP: "Remove the link that leads back to itself.",
    errno.ENAMETOOLONG: "Use a folder with a shorter path.",
}

LOOP = "Symlink loop"
"""The beginning of what `Path.resolve` raises up to Python 3.12, where others raise ELOOP."""


def refusal(error: Exception) -> TrainwreckError | None:
    """Return the message for a failure of the machine; None for one that must be ours."""
    if isinstance(error, MemoryError):
        return UsageError("no memory is left", REMEDIES[errno.ENOMEM])
    if isinstance(error, RuntimeError) and str(error).startswith(LOOP):
        return UsageError(str(error), REMEDIES[errno.ELOOP])
    if not isinstance(error, OSError) or error.errno not in REMEDIES:
        return None
    if error.errno == errno.ENOENT and error.filename is None:  # So says `os.getcwd` alone.
        return UsageError("the current folder has been removed", "Change to another with `cd`.")
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    where = f"{' and '.join(names)}: " if names else ""
    return UsageError(f"{where}{error.strerror}", REMEDIES[error.errno])


def give_home() -> str:
    """Give this process a home folder where its user has none; return a remark on it, or nothing.

    Libraries look for their settings and caches there. Raises UsageError where it is not private.
    """
    if os.environ.get("HOME") or _has_entry():
        return ""
    home = temporary_place() / f"trainwreck-home-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    state = home.lstat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077 or home.is_symlink():
        raise UsageError(f"{home} belongs to somebody else", "Set HOME to a folder of your own.")
    os.environ["HOME"] = str(home)
    return f"this user has no home folder, so {home} is used; set HOME to choose another"


def _has_entry() -> bool:
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        return False
    return True
