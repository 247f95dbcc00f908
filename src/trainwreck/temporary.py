"""Temporary folders that a killed process leaves are removed by the next one."""

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

PREFIX = "trainwreck-temporary-"
LOCK = ".lock"


def temporary_place() -> Path:
    """Return the folder that Python chooses for temporary files, mostly without a file there.

    Python's own choice writes one and removes it; a kill between the two leaves it.
    """
    wanted = filter(None, map(os.environ.get, ("TMPDIR", "TEMP", "TMP")))
    places = map(Path, (*wanted, "/tmp"))
    usable = (place for place in places if place.is_dir() and os.access(place, os.W_OK | os.X_OK))
    if tempfile.tempdir is None and (place := next(usable, None)):
        return place.absolute()
    return Path(tempfile.gettempdir())


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder for a while; its lock says to other processes that it is in use.

    Raises OSError.
    """
    sweep()
    with _locked(temporary_place()) as folder:
        try:
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(place: Path) -> Iterator[Path]:
    """Yield the path of a folder whose lock this process holds, beside it."""
    while True:
        folder = place / f"{PREFIX}{secrets.token_hex(8)}"
        path = Path(f"{folder}{LOCK}")
        with path.open("x") as lock:
            # Another process may take a new lock for one that was left, and remove it.
            if _holds(lock) and path.exists():
                try:
                    yield folder
                finally:
                    _forget(path)
                return


def sweep() -> None:
    """Remove what killed processes, or a disk that failed, have left; once in a process."""
    _sweep(temporary_place())


@cache
def _sweep(place: Path) -> None:
    """Remove this user's folders that no process holds any more."""
    for folder in left_folders(place):
        remove_left(folder)


def left_folders(place: Path) -> Iterator[Path]:
    """Yield this user's folders of temporary_folder() that no process holds any more."""
    for path in sorted(place.glob(f"{PREFIX}*{LOCK}")):
        with suppress(OSError):
            if path.stat().st_uid != os.getuid():
                continue
            with path.open("r+") as lock:
                is_left = _holds(lock)
            if is_left:
                yield Path(str(path).removesuffix(LOCK))


def remove_left(folder: Path) -> bool:
    """Remove a folder that a process has left, with its lock; return whether it is gone."""
    path = Path(f"{folder}{LOCK}")
    with suppress(OSError), path.open("r+") as lock:
        if _holds(lock):
            shutil.rmtree(folder, ignore_errors=True)
            _forget(path)
    return not path.exists()


def _forget(path: Path) -> None:
    """Remove the lock of a folder that is gone; of any other, another process removes both."""
    if not Path(str(path).removesuffix(LOCK)).exists():
        path.unlink(missing_ok=True)


def _holds(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
