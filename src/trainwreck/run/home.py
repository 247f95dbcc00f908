"""Fills the folder that is a trial's home where there can be no private view of the user's."""

import os
import shutil
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from trainwreck.run.copying import copy_file

MOST = 500
"""Entries that get a file, folder or link of their own; each costs a trial some microseconds."""
SMALL = 1 << 16
"""Bytes of a file that is copied: locks and settings, which programs open to write."""


def user_home() -> Path | None:
    """Return the user's home, or None where there is none."""
    home = Path(os.environ.get("HOME", ""))
    return home if home.is_absolute() and home.is_dir() and home != Path(home.anchor) else None


def copy_into_home(home: Path, folders: Iterable[Path]) -> None:
    """Copy folders and files of the user's home to the same places in another one."""
    own = user_home()
    for folder in folders:
        if own is not None and folder.is_relative_to(own.resolve()):
            copy_all(folder, home / folder.relative_to(own.resolve()))


def copy_all(source: Path, target: Path) -> None:
    """Copy a file, or a folder with all that is in it; links stay links. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.is_dir():
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, copy_function=_copy)
    else:
        copy_file(source, target)


def link_into_home(home: Path) -> None:
    """Show the user's home in another one: hidden folders as own ones, the rest as links.

    Locks and small settings are copied, so that programs can open them to write. Where writing to
    the user's own files is refused, all else can be read.
    """
    own = user_home()
    if own is None:
        return
    waiting = deque([(own, home)])
    left = MOST
    while waiting:
        folder, copy = waiting.popleft()
        for entry in _entries(folder):
            left -= 1
            target = copy / entry.name
            is_own = folder != own or entry.name.startswith(".")
            if left > 0 and is_own and entry.is_dir(follow_symlinks=False):
                target.mkdir()
                waiting.append((Path(entry.path), target))
            elif left > 0 and is_own and _is_small(entry):
                with suppress(OSError):
                    copy_file(Path(entry.path), target)
            else:
                target.symlink_to(entry.path)


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    with suppress(OSError):
        return sorted(os.scandir(folder), key=lambda entry: entry.name)
    return []


def _is_small(entry: "os.DirEntry[str]") -> bool:
    with suppress(OSError):
        return entry.is_file(follow_symlinks=False) and entry.stat().st_size <= SMALL
    return False


def _copy(source: str, target: str) -> None:
    copy_file(Path(source), Path(target))
