"""Connections to a campaign file: to write, to read, and to read where nothing can be written."""

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from trainwreck.errors import DamageError
from trainwreck.store.checking import is_sound, snapshot
from trainwreck.store.opening import check_format, make_current
from trainwreck.store.pending_log import is_cut_off, is_pending, log_of
from trainwreck.store.seals import keep_seals
from trainwreck.store.whole_digest import forget_digest, is_as_left, write_digest
from trainwreck.temporary import temporary_folder

WAIT = 30
"""Seconds to wait while another process holds the file."""

NO_ROOM = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN)
"""Errors of SQLite where the disk is full."""
HEAD, MAGIC = 100, b"SQLite format 3\0"
"""The size and the beginning of the head of a database (sqlite.org/fileformat2.html)."""
LARGEST = 1 << 40
"""Bytes above which the size in a head is not believed."""

_open_here: Counter[Path] = Counter()
"""The number of connections of this process to each file.

To close a file drops all locks that the process has on it, so a file that SQLite has open is not
opened beside it. It was checked when the first connection was made.
"""


class _Connection(sqlite3.Connection):
    """A connection whose errors are those of SQLite, also where it quotes damaged bytes."""

    def execute(self, *words: Any) -> sqlite3.Cursor:
        try:
            return super().execute(*words)
        except UnicodeDecodeError as error:
            raise sqlite3.DatabaseError(f"its list of tables is damaged ({error})") from error


def _connect(place: Path | str, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(place, timeout=WAIT, uri=uri, factory=_Connection)


@contextmanager
def opened(path: Path, create: bool) -> Iterator[sqlite3.Connection]:
    """Open a campaign file that is as it was written.

    Args:
        path: The file.
        create: Whether to write to it, and to make it where there is none.

    Raises:
        DamageError: Something was changed or lost since.
        UsageError: It is no campaign of a format that this version reads.
        sqlite3.DatabaseError: It is no database.

    """
    place = Path(os.path.realpath(path))  # `resolve` raises where a link leads to itself.
    is_first = not _open_here[place] and path.is_file() and path.stat().st_size > 0
    if is_first and not create and is_cut_off(path):
        raise lost_changes(path)
    is_as_written = not is_first or (not is_pending(path) and is_as_left(path))
    is_ours = False
    _open_here[place] += 1
    try:
        with _connected(path, create) as connection:
            check_format(connection, path, create)
            if not is_as_written and not is_sound(connection):
                raise damaged(path)
            if create:
                is_ours = True
                forget_digest(path)
                make_current(connection)
                with connection:
                    keep_seals(connection)
            yield connection
    finally:
        _open_here[place] -= 1
        if is_ours and not _open_here[place] and not is_pending(path):
            write_digest(path)


def lost_changes(path: Path) -> DamageError:
    """Return the error about changes that were stored and cannot be read."""
    return DamageError(
        f"the campaign {path} has lost what was stored last: the log beside it is damaged",
        "Run `trainwreck run` to make the lost runs again.",
    )


def damaged(path: Path, how: str = "its records are not those that were written") -> DamageError:
    """Return the error about a file that was changed."""
    return DamageError(
        f"the campaign {path} is damaged: {how}",
        "List what is damaged with `trainwreck verify`, and save the rest with "
        "`trainwreck export --salvage FILE`.",
    )


@contextmanager
def _connected(path: Path, create: bool) -> Iterator[sqlite3.Connection]:
    if create:
        with closing(_connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection
    else:
        with to_read(path) as connection:
            yield connection


@contextmanager
def to_read(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file to be read, also where its folder cannot be written or its disk is full."""
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        with closing(_connect(path)) as connection:
            connection.execute("PRAGMA query_only = ON")
            if _has_room(connection):
                yield connection
                return
    if not is_pending(path):
        with _by_uri(path, "mode=ro&immutable=1") as connection:
            yield connection
    elif _can_share(path):
        with _by_uri(path, "mode=ro") as connection:
            yield connection
    else:
        with _copied(path) as connection:
            yield connection


@contextmanager
def to_save(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file that may be damaged, at its present state; broken texts are read as they are."""
    # SQLite would drop the rest of a damaged log when it closes the file, and reads nothing of a
    # file that is shorter than it was.
    is_in_part = is_cut_off(path) or path.stat().st_size < _whole_size(path)
    with _copied(path) if is_in_part else to_read(path) as connection:
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        with snapshot(connection):
            yield connection


def _whole_size(path: Path) -> int:
    """Return the bytes that a database has by its first page; 0 where that cannot be read."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if len(head) < HEAD or not head.startswith(MAGIC):
        return 0
    page = int.from_bytes(head[16:18])
    pages = int.from_bytes(head[28:32])
    size = (1 << 16 if page == 1 else page) * pages
    return size if size <= LARGEST else 0


def _by_uri(path: Path, options: str) -> closing[sqlite3.Connection]:
    uri = f"{path.resolve().as_uri()}?{options}"
    return closing(_connect(uri, uri=True))


def _has_room(connection: sqlite3.Connection) -> bool:
    """Return whether SQLite could make the shared memory beside the file, which readers need."""
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF not in NO_ROOM
    except sqlite3.DatabaseError:  # A damaged file, which others find out.
        return True
    return True


def _can_share(path: Path) -> bool:
    """Return whether SQLite can read the log of a file that cannot be written."""
    with _by_uri(path, "mode=ro") as connection:
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            return False
    return True


@contextmanager
def _copied(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a file and its log; what is missing at the end of the file is empty there."""
    with temporary_folder() as folder:
        copy = Path(shutil.copy(path, folder))
        if log_of(path).exists():
            shutil.copy(log_of(path), folder)
        if copy.stat().st_size < (size := _whole_size(copy)):
            os.truncate(copy, size)
        with closing(_connect(copy)) as connection:
            yield connection
