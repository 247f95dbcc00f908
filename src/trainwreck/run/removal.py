"""Makes and removes folders in which, and beside which, a program may have left anything."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NO_LINK = os.O_DIRECTORY | os.O_NOFOLLOW | getattr(os, "O_PATH", os.O_RDONLY)
PROGRAMS = {"PATH": os.defpath}


def remove_tree(folder: Path) -> None:
    """Remove a folder with all below it, or a file or link in its place; leave what cannot go.

    A mutant may nest folders deeper than Python can follow, and take away its rights to them. It
    may also put a link in place of a folder above: then nothing is removed, as it is not ours.
    """
    with suppress(OSError), _opened(folder.parent) as parent:
        with suppress(OSError):  # Not a folder.
            os.unlink(folder.name, dir_fd=parent)
        with suppress(RecursionError):
            shutil.rmtree(folder.name, ignore_errors=True, dir_fd=parent)
        with suppress(FileNotFoundError):
            os.stat(folder.name, dir_fd=parent, follow_symlinks=False)
            _force(folder, parent)


def renew_folder(folder: Path) -> None:
    """Make a folder that is empty and no link, and so is the one that it lies in.

    Raises:
        OSError: It cannot be made, or a link has taken the place of a folder further above.

    """
    above = folder.parent
    if above.is_symlink():
        remove_tree(above)
    if link := next((path for path in above.parents if path.is_symlink()), None):
        raise OSError(errno.ELOOP, "a link has taken the place of this folder", str(link))
    above.mkdir(parents=True, exist_ok=True)
    remove_tree(folder)
    with _opened(above) as parent:
        os.mkdir(folder.name, dir_fd=parent)


def _force(folder: Path, parent: int) -> None:
    """Remove a folder whose rights or depth are in the way; ``parent`` is the opened one above."""
    place, name = Path(f"/proc/self/fd/{parent}"), f"./{folder.name}"
    # Only folders get rights: a file may have another name outside. Each gets them from the folder
    # that it lies in, as a path through others could lead elsewhere by now.
    rights = ["-type", "d", "!", "-perm", "-700", "-execdir", "chmod", "u+rwx", "{}", ";"]
    for command in (["find", name, *rights], ["rm", "-rf", name]):
        with suppress(OSError):
            subprocess.run(
                command,
                capture_output=True,
                check=False,
                env=PROGRAMS,
                pass_fds=[parent],
                cwd=place if place.exists() else folder.parent,
            )


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """Open a folder, with no link on the way to it. Raises OSError."""
    number = os.open(folder.anchor or ".", NO_LINK)
    try:
        for part in folder.parts[bool(folder.anchor) :]:
            inner = os.open(part, NO_LINK, dir_fd=number)
            os.close(number)
            number = inner
        yield number
    finally:
        os.close(number)
