"""Copies the subject's folder for one trial."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

SKIPPED_NAMES = frozenset([".git", ".hg", "__pycache__", ".mypy_cache", ".pytest_cache"])
CAMPAIGN_PREFIX = ".trainwreck"
LARGE = 1 << 20
"""Bytes above which a file is linked."""
MANY = 200
"""Number of files above which a folder without a program is linked."""


def copy_subject(
    folder: Path, copy: Path, campaign: Path, own: frozenset[Path] = frozenset()
) -> None:
    """Copy the subject's folder, but link large files, environments and folders of much data.

    Folders that are links stay links: their files are never mutated, and a link may lead back to
    the folder itself. All trials share what is linked. A program that writes to its own input data
    writes to the original, as it would without trainwreck.

    Args:
        folder: The folder of the subject.
        copy: The folder to create.
        campaign: The folder of the campaign, which is left out.
        own: Files and folders that are copied in any case, because the program writes to them.

    """
    copy.mkdir(parents=True)
    for entry in os.scandir(folder):
        source, target = Path(entry.path), copy / entry.name
        if entry.name in SKIPPED_NAMES or entry.name.startswith(CAMPAIGN_PREFIX):
            continue
        if source == campaign:
            continue
        if entry.is_dir():
            if entry.is_symlink() or (source not in own and _is_linked(source)):
                target.symlink_to(source.resolve())
            else:
                copy_subject(source, target, campaign, own)
        elif entry.is_file():
            if source not in own and entry.stat().st_size > LARGE:
                target.symlink_to(source.resolve())
            else:
                shutil.copy(source, target)


def _is_linked(folder: Path) -> bool:
    """Return whether a folder is an environment, or has many files and no program."""
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
