"""Short names for folders in whose depth no socket could be made."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from trainwreck.model import content_id
from trainwreck.temporary import temporary_place

LONGEST = 60
"""Characters of a path above which it gets a short name.

The path of a socket has at most 107 on Linux (``unix(7)``), and Python's ``multiprocessing`` takes
33 for names of its own. Where they do not fit, the workers of a data loader lose what they send,
and the program waits for ever.
"""
PREFIX = "trainwreck-"


def short_name(folder: Path) -> Path:
    """Return a folder, or where its path is long a new link to it, always of the same name.

    The folder itself is returned where there can be no link, as something else has its name.
    """
    link = _link_of(folder)
    if len(str(folder)) <= LONGEST or len(str(link)) >= len(str(folder)):
        return folder
    with suppress(OSError):
        link.symlink_to(folder, target_is_directory=True)
    return link if _leads_to(link, folder) else folder


def forget_short_name(folder: Path) -> None:
    """Remove the link to a folder, if there is one."""
    link = _link_of(folder)
    if _leads_to(link, folder):
        with suppress(OSError):
            link.unlink()


def left_links() -> Iterator[Path]:
    """Yield this user's short names of folders that are gone."""
    for link in sorted(temporary_place().glob(f"{PREFIX}*")):
        with suppress(OSError):
            folder = link.readlink()
            is_own = link == _link_of(folder) and link.lstat().st_uid == os.getuid()
            if is_own and not folder.exists():
                yield link


def _link_of(folder: Path) -> Path:
    return temporary_place() / (PREFIX + content_id(str(folder)))


def _leads_to(link: Path, folder: Path) -> bool:
    try:
        return link.readlink() == folder
    except OSError:
        return False
