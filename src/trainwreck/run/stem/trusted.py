"""Says whether a file's times show that it has changed."""

import os
from functools import cache
from pathlib import Path

STAMPED = frozenset(["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "overlay"])
"""File systems on which a write through a mapping changes a file's times; `tmpfs` does not."""


@cache
def shows_changes(folder: Path) -> bool:
    """Return whether every change of a file in a folder changes its times there."""
    status = folder.stat()
    number = f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}"
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    kinds = {
        line.partition(" - ")[2].split(" ")[0] for line in lines if line.split(" ")[2] == number
    }
    return bool(kinds) and kinds <= STAMPED
