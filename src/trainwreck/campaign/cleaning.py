"""Finds what trainwreck has made and no campaign needs, and removes it."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from trainwreck.campaign.campaign import FOLDER
from trainwreck.errors import UsageError
from trainwreck.run.keeper.cgroups import left_groups
from trainwreck.run.launcher import clear_leftovers
from trainwreck.run.removal import remove_tree
from trainwreck.run.shared_memory import left_files
from trainwreck.run.short_path import left_links
from trainwreck.store.campaign_file import FILE_NAME, campaign_lock, is_at_work
from trainwreck.subject.environment import environments, is_complete, removable_environment
from trainwreck.temporary import left_folders, remove_left, temporary_place

BLOCK = 512
WORK = "work"
"""The folder of a campaign's trials, which is empty while none runs."""
DATA_NAME = re.compile(r"[0-9a-f]{16}")
STATEMENTS_NAME = re.compile(r"[\w.-]+\.jsonl")
LISTING_NAME = re.compile(r"[0-9a-f]{16}-\d+\.\d+(\.\d+)?")


class Kind(StrEnum):
    """The kind of a thing that can be removed."""

    ENVIRONMENT = "environment"
    DATA = "data"
    LISTINGS = "listings"
    STATEMENTS = "statements"
    TRIALS = "trials"
    SHARED_MEMORY = "shared memory"
    TEMPORARY = "temporary folder"
    LINK = "link"
    GROUP = "control group"


class Group(StrEnum):
    """A group of kinds, as an option of the command names it."""

    ENVIRONMENTS = "environments"
    CACHES = "caches"
    LEFTOVERS = "leftovers"


GROUPS = {
    Kind.ENVIRONMENT: Group.ENVIRONMENTS,
    Kind.DATA: Group.CACHES,
    Kind.LISTINGS: Group.CACHES,
    Kind.STATEMENTS: Group.CACHES,
    Kind.TRIALS: Group.LEFTOVERS,
    Kind.SHARED_MEMORY: Group.LEFTOVERS,
    Kind.TEMPORARY: Group.LEFTOVERS,
    Kind.LINK: Group.LEFTOVERS,
    Kind.GROUP: Group.LEFTOVERS,
}


@dataclass(frozen=True, slots=True)
class Removable:
    """A thing that trainwreck has made and can make again, or that a kill has left.

    ``size`` is what it takes of the disk, in bytes. What is ``in_use`` stays. An environment that
    is not ``complete`` was never used.
    """

    kind: Kind
    path: Path
    size: int
    in_use: bool = False
    complete: bool = True

    @property
    def group(self) -> Group:
        """Return the group of its kind."""
        return GROUPS[self.kind]


def removable_things(cache: Path, campaigns: Iterable[Path]) -> Iterator[Removable]:
    """Yield all that can be removed: of the cache, of some campaigns, and of temporary places.

    Args:
        cache: The folder of the user's cache.
        campaigns: Campaign folders. Their records are never among what is yielded.

    """
    for folder in environments(cache):
        with removable_environment(folder) as is_free:
            in_use = not is_free or _has_processes(folder)
        yield _sized(Kind.ENVIRONMENT, folder, in_use, is_complete(folder))
    yield from _cached(Kind.DATA, cache / "data", DATA_NAME)
    yield from _cached(Kind.LISTINGS, cache / "listings", LISTING_NAME)
    yield from _cached(Kind.STATEMENTS, cache / "statements", STATEMENTS_NAME)
    for campaign in campaigns:
        yield from _of_campaign(campaign)
    for folder in left_folders(temporary_place()):
        yield _sized(Kind.TEMPORARY, folder)
    yield from (Removable(Kind.LINK, link, 0) for link in left_links())
    yield from (Removable(Kind.GROUP, Path(group), 0) for group in left_groups())


def campaigns_below(folder: Path) -> list[Path]:
    """Return the campaign folders that lie in a folder under their usual names."""
    return [path for path in sorted(folder.glob(f"{FOLDER}*")) if (path / FILE_NAME).is_file()]


def remove(thing: Removable) -> bool:
    """Remove a thing unless it is in use by now; return whether it is gone."""
    return not thing.in_use and REMOVALS.get(thing.kind, _remove_folder)(thing.path)


def _remove_environment(folder: Path) -> bool:
    with removable_environment(folder) as is_free:
        return is_free and not _has_processes(folder) and _remove_folder(folder)


def _remove_trials(work: Path) -> bool:
    """Remove what trials of a campaign have left, also shared memory and links to their folders."""
    try:
        with campaign_lock(work.parent):
            clear_leftovers(work)
    except UsageError:  # A campaign has begun to work, or the folder cannot be written.
        return False
    return not work.exists()


def _remove_shared(path: Path) -> bool:
    """Report whether the removal of the trials, which comes first, has removed a file."""
    return not path.exists()


def _remove_group(folder: Path) -> bool:
    with suppress(OSError):
        folder.rmdir()
    return not folder.exists()


def _remove_link(link: Path) -> bool:
    with suppress(OSError):
        link.unlink()
    return not link.is_symlink()


def _remove_folder(folder: Path) -> bool:
    remove_tree(folder.parent.resolve() / folder.name)
    return not folder.exists()


REMOVALS: dict[Kind, Callable[[Path], bool]] = {
    Kind.ENVIRONMENT: _remove_environment,
    Kind.TRIALS: _remove_trials,
    Kind.SHARED_MEMORY: _remove_shared,
    Kind.TEMPORARY: remove_left,
    Kind.LINK: _remove_link,
    Kind.GROUP: _remove_group,
}


def _cached(kind: Kind, folder: Path, name: re.Pattern[str]) -> Iterator[Removable]:
    """Yield the parts of a cache, which hold nothing that could not be fetched or made again."""
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            if name.fullmatch(path.name) and path.exists() and not path.is_symlink():
                yield _sized(kind, path)


def _of_campaign(campaign: Path) -> Iterator[Removable]:
    """Yield what trials of a campaign have left; of one at work, it is in use."""
    work = campaign / WORK
    if not (campaign / FILE_NAME).is_file() or work.is_symlink() or not work.is_dir():
        return
    in_use = is_at_work(campaign)
    shared = left_files(work)
    if shared or in_use or any(work.iterdir()):
        yield _sized(Kind.TRIALS, work, in_use)
    yield from (_sized(Kind.SHARED_MEMORY, path, in_use) for path in shared)


def _sized(kind: Kind, path: Path, in_use: bool = False, complete: bool = True) -> Removable:
    return Removable(kind, path, _size_of(path), in_use, complete)


def _size_of(path: Path) -> int:
    """Return the bytes of the disk below a path; a file with several names counts once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for name in _names_below(path):
        with suppress(OSError):
            status = os.lstat(name)
            key = status.st_dev, status.st_ino
            total += 0 if key in seen else status.st_blocks * BLOCK
            seen.add(key)
    return total


def _names_below(path: Path) -> Iterator[str]:
    yield str(path)
    for folder, folders, files in os.walk(path):
        yield from (f"{folder}{os.sep}{name}" for name in (*folders, *files))


def _has_processes(folder: Path) -> bool:
    """Return whether a process was started from an environment, by trainwreck or by others."""
    start = f"{folder}{os.sep}"
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            words = process.cmdline() if process.pid != os.getpid() else []
            if any(word.startswith(start) for word in words):
                return True
    return False
