"""Shows the mutated text of a library's file to whatever reads source through Python's library."""

import importlib.machinery
import importlib.util
import io
import os
import sys

from trainwreck_agent.interpreter_frames import as_part_of_importing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

    from trainwreck_agent.protocol import FileEntry

    Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


class ShownSource:
    """The mutated text in place of the file's, which stays clean.

    ``inspect``, tracebacks and warnings read by `linecache`, and some libraries ask the loader.
    A program's own file has the bug in it, so that nothing is shown in its place.
    """

    def __init__(self, entry_of: "Callable[[object], FileEntry | None]") -> None:
        self._entry_of = entry_of
        self._readers: "list[Any]" = []

    def install(self) -> None:
        """Replace what asks the loader of source files for a text."""
        loader: "Any" = importlib.machinery.SourceFileLoader
        get_source = loader.get_source

        @as_part_of_importing
        def get_source_or_shown(this: "Any", fullname: str) -> "Any":
            entry = self._shown_entry(this.path)
            if entry is None:
                return get_source(this, fullname)
            with open(entry["shown"], "rb") as file:
                return importlib.util.decode_source(file.read())

        loader.get_source = get_source_or_shown

    def follow(self, linecache: "Any") -> None:
        """Let a module `linecache` read the mutated texts, also after its cache was cleared."""
        read = getattr(linecache, "updatecache", None)
        if read is None:
            return

        @as_part_of_importing
        def updatecache(filename: "Any", module_globals: "Any" = None) -> "Any":
            entry = self._shown_entry(filename)
            if entry is None:
                return read(filename, module_globals)
            lines = read(entry["shown"])
            size, _, _, _ = linecache.cache.pop(entry["shown"], (0, None, [], ""))
            # Without a time of change, `checkcache` does not compare it with the clean file.
            linecache.cache[filename] = (size, None, lines, filename)
            return lines

        linecache.updatecache = updatecache
        self._readers.append(linecache)

    def forget(self) -> None:
        """Have the texts of mutated files read again, as in a stem's child with a bug."""
        for linecache in self._readers:
            for filename in list(linecache.cache):
                if self._shown_entry(filename) is not None:
                    del linecache.cache[filename]

    def print_by(
        self,
        hook: "Hook",
        kind: "type[BaseException]",
        error: BaseException,
        trace: "TracebackType | None",
    ) -> None:
        """Call a hook for exceptions, whose traceback shows the mutated text.

        Before Python 3.13 the interpreter prints it in C, which opens the file by ``io.open``.
        """
        opened = io.open

        def open_shown(file: "Any", *rest: "Any", **named: "Any") -> "Any":
            entry = self._shown_entry(file)
            return opened(file if entry is None else entry["shown"], *rest, **named)

        if sys.version_info < (3, 13):
            setattr(io, "open", open_shown)
        try:
            hook(kind, error, trace)
        finally:
            if io.open is open_shown:
                setattr(io, "open", opened)

    def _shown_entry(self, filename: object) -> "FileEntry | None":
        entry = self._entry_of(filename)
        if entry is None or not entry["mutated"]:
            return None
        return None if os.path.realpath(entry["shown"]) == entry["path"] else entry
