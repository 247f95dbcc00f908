"""A copy of the subject's folder for one trial."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = frozenset([".git", ".hg", "__pycache__", ".mypy_cache", ".pytest_cache"])
CAMPAIGN_PREFIX = ".trainwreck"
LARGE = 1 << 20
MANY = 200


def copy_subject(folder: Path, copy: Path, campaign: Path) -> None:
    """Copy the folder; large files, environments and folders of much data are linked.

    So are folders that are links already: none of their files is ever mutated, and a link may
    lead back to the folder itself.

    What is linked is shared by all trials: a program that writes to its own input data writes
    to the original, as it would without trainwreck.
    """
    copy.mkdir(parents=True)
    for entry in os.scandir(folder):
        source, target = Path(entry.path), copy / entry.name
        if entry.name in LEFT_OUT or entry.name.startswith(CAMPAIGN_PREFIX):
            continue
        if source == campaign:
            continue
        if entry.is_dir():
            if entry.is_symlink() or _is_linked(source):
                target.symlink_to(source.resolve())
            else:
                copy_subject(source, target, campaign)
        elif entry.is_file():
            if entry.stat().st_size > LARGE:
                target.symlink_to(source.resolve())
            else:
                shutil.copy(source, target)


def _is_linked(folder: Path) -> bool:
    """An environment, or a folder with many files and no program in it."""
    if (folder / "pyvenv.cfg").exists():
        return True
    for number, name in enumerate(_file_names(folder), 1):
        if name.endswith(".py"):
            return False
        if number > MANY:
            return True
    return False


def _file_names(folder: Path) -> Iterator[str]:
    for _, _, names in os.walk(folder):
        yield from names
