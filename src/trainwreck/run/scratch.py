"""Copies the subject's folder for one trial."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from trainwreck.run.copying import copy_file
from trainwreck.store.campaign_file import is_campaign

SKIPPED_NAMES = frozenset([".git", ".hg", "__pycache__", ".mypy_cache", ".pytest_cache"])
CAMPAIGN_PREFIX = ".trainwreck"
LARGE = 1 << 20
"""Bytes above which a file is linked."""
MANY = 200
"""Number of files above which a folder without a program is linked."""


def copy_subject(
    folder: Path,
    copy: Path,
    campaign: Path,
    own: frozenset[Path] = frozenset(),
    *,
    links: bool = True,
) -> None:
    """Copy the subject's folder.

    With ``links``, large files, environments and folders of much data become links. Folders that
    are links stay links: their files are never mutated, and a link may lead back to the folder
    itself. All trials share what is linked; what a program writes there reaches the original
    unless its trial is contained.

    Without, the copy leads nowhere outside. Environments are left out: programs start them by
    other paths, and they would be the largest part by far. So is a link to a folder that holds the
    subject.

    Args:
        folder: The folder of the subject.
        copy: The folder to create.
        campaign: The folder of the campaign, which is left out, as are other campaigns.
        own: Files and folders that are copied in any case, because the program writes to them.
        links: Whether what all trials may share is linked.

    """
    job = _Linking(own) if links else _Copying(folder)
    job.copy(folder, copy, campaign)


def shared_paths(
    folder: Path, campaign: Path, own: frozenset[Path] = frozenset()
) -> Iterator[Path]:
    """Yield the files and folders that copies of the subject's folder link to, links resolved."""
    for entry in entries_of(folder, campaign):
        path = Path(entry.path)
        if entry.is_dir():
            if _is_shared(entry, own):
                yield path.resolve()
            else:
                yield from shared_paths(path, campaign, own)
        elif _is_shared(entry, own):
            yield path.resolve()


def copied_paths(folder: Path, campaign: Path) -> Iterator[Path]:
    """Yield what copies without links would copy and others would link to, links resolved."""
    for path in shared_paths(folder, campaign):
        if not (_is_environment(path) or folder.is_relative_to(path)):
            yield path


@dataclass
class _Linking:
    """The copy that shares large data with all other trials."""

    own: frozenset[Path]

    def copy(self, folder: Path, copy: Path, campaign: Path) -> None:
        copy.mkdir(parents=True)
        for entry in entries_of(folder, campaign):
            source, target = Path(entry.path), copy / entry.name
            if _is_shared(entry, self.own):
                target.symlink_to(source.resolve())
            elif entry.is_dir():
                self.copy(source, target, campaign)
            else:
                _copy_data(source, target)


@dataclass
class _Copying:
    """The copy that shares nothing; ``copies`` maps folders, links resolved, to their copies."""

    subject: Path
    copies: dict[Path, Path] = field(default_factory=dict)

    def copy(self, folder: Path, copy: Path, campaign: Path) -> None:
        copy.mkdir(parents=True)
        self.copies[folder.resolve()] = copy
        links = []
        for entry in entries_of(folder, campaign):
            source, target = Path(entry.path), copy / entry.name
            if not entry.is_dir():
                _copy_data(source, target)
            elif entry.is_symlink():
                links.append((source, target))
            elif not _is_environment(source):
                self.copy(source, target, campaign)
        # Folders first: a link may lead to one of them.
        for source, target in links:
            self._follow(source, target, campaign)

    def _follow(self, source: Path, target: Path, campaign: Path) -> None:
        """Copy the folder that a link leads to, unless there is a copy to which it can lead."""
        folder = source.resolve()
        if folder in self.copies:
            target.symlink_to(os.path.relpath(self.copies[folder], target.parent))
        elif not (self.subject.resolve().is_relative_to(folder) or _is_environment(folder)):
            self.copy(folder, target, campaign)


def _copy_data(source: Path, target: Path) -> None:
    """Copy a file that can be read; times of large ones stay, as where these are linked."""
    with suppress(PermissionError):  # The program cannot read it either.
        if source.stat().st_size > LARGE:
            copy_file(source, target)
        else:
            shutil.copy(source, target)


def entries_of(folder: Path, campaign: Path) -> Iterator[os.DirEntry[str]]:
    """Yield the files and folders that belong to the program; none where they cannot be read."""
    try:
        entries = list(os.scandir(folder))
    except PermissionError:
        return
    left_out = str(campaign)
    for entry in entries:
        if entry.name in SKIPPED_NAMES or entry.name.startswith(CAMPAIGN_PREFIX):
            continue
        if entry.path == left_out or is_campaign(Path(entry.path)):
            continue
        if _has_data(entry):
            yield entry


def _has_data(entry: "os.DirEntry[str]") -> bool:
    """Return whether this is a file or a folder, and no socket, pipe, device or dead link."""
    try:
        return entry.is_dir() or entry.is_file()
    except OSError:  # A link that leads back to itself, or to where this user may not look.
        return False


def _is_shared(entry: "os.DirEntry[str]", own: frozenset[Path]) -> bool:
    """Return whether a copy has a link to this file or folder."""
    path = Path(entry.path)
    if entry.is_dir():
        return entry.is_symlink() or (path not in own and _is_linked(path))
    # A mutant is written over the copy of its file, which must never be a link.
    return path not in own and path.suffix != ".py" and entry.stat().st_size > LARGE


def _is_linked(folder: Path) -> bool:
    """Return whether a folder is an environment, or has many files and no program."""
    if _is_environment(folder):
        return True
    for number, name in enumerate(_file_names(folder), 1):
        if name.endswith(".py"):
            return False
        if number > MANY:
            return True
    return False


def _is_environment(folder: Path) -> bool:
    with suppress(OSError):
        return (folder / "pyvenv.cfg").exists()
    return False


def _file_names(folder: Path) -> Iterator[str]:
    for _, _, names in os.walk(folder):
        yield from names
