"""Removes folders in which a program may have left anything."""

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path


def remove_tree(folder: Path) -> None:
    """Remove a folder with all below it, or a file or link in its place; leave what cannot go.

    A mutant may nest folders deeper than Python can follow, and take away its rights to them.
    """
    if folder.is_symlink() or folder.is_file():
        folder.unlink(missing_ok=True)
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        # Only folders get rights: a file may have another name outside.
        search = ["find", str(folder), "-type", "d", "!", "-perm", "-700"]
        for command in (
            [*search, "-exec", "chmod", "u+rwx", "{}", ";"],
            ["rm", "-rf", str(folder)],
        ):
            with suppress(OSError):
                subprocess.run(command, capture_output=True, check=False)
