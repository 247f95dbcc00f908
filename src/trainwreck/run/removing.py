"""Removes what a buggy program left, whatever it is."""

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path


def remove_all(path: Path) -> None:
    """Remove a folder with all in it, or the file or link that a program put in its place.

    Links are never followed. What no program of this user can remove is left there.
    """
    with suppress(OSError):
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
    with suppress(RecursionError):  # Folders within folders, deeper than Python goes.
        shutil.rmtree(path, ignore_errors=True)
    if path.is_dir():
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run(
                [*command, "--", str(path)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
