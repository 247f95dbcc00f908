"""Gives the interpreter the mutated text of a file wherever it asks for that file's code."""

import hashlib
import importlib.machinery
import linecache
import os
import runpy
import warnings

from trainwreck_agent.planting.insert import insert_calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType
    from typing import Any

    from trainwreck_agent.events import Events
    from trainwreck_agent.protocol import FileEntry


class Overlay:
    """The files of the order, by resolved path; ``reading`` is true while the agent opens one."""

    def __init__(
        self, files: "Iterable[FileEntry]", events: "Events", refuse: "Callable[[str, str], None]"
    ) -> None:
        self._files = {entry["path"]: entry for entry in files}
        self._names = {os.path.basename(path) for path in self._files}
        self._events = events
        self._refuse = refuse
        self.reading = False

    def install(self) -> None:
        """Replace the functions through which the interpreter loads source."""
        if not self._files:
            return
        loader: "Any" = importlib.machinery.SourceFileLoader
        get_code = loader.get_code

        def get_code_or_planted(this: "Any", name: str) -> "Any":
            entry = self.entry_of(this.path)
            return get_code(this, name) if entry is None else self.code_of(entry, name)

        loader.get_code = get_code_or_planted

        def compile_or_plant(
            source: "Any", filename: "Any", mode: str, *rest: "Any", **options: "Any"
        ) -> "Any":
            entry = self.entry_of(filename)
            if entry is None:
                return compile(source, filename, mode, *rest, **options)
            return self.code_of(entry, "__main__")

        # `run_path` calls `compile`, and so does a spawned worker that reads the main program.
        runpy.compile = compile_or_plant  # type: ignore[attr-defined]

    def paths(self) -> "frozenset[str]":
        """Return the paths of the order's files."""
        return frozenset(self._files)

    def entry_of(self, path: object) -> "FileEntry | None":
        """Return the order's entry for a file, or None."""
        if not isinstance(path, str) or os.path.basename(path) not in self._names:
            return None
        return self._files.get(os.path.realpath(path))

    def code_of(self, entry: "FileEntry", module: str) -> "CodeType":
        """Compile the order's text for a file, under the name that readers of source will open."""
        self.reading = True
        try:
            return self._code_of(entry, module)
        finally:
            self.reading = False

    def _code_of(self, entry: "FileEntry", module: str) -> "CodeType":
        with open(entry["path"], "rb") as file:
            sha256 = hashlib.sha256(file.read()).hexdigest()
        if sha256 != entry["sha256"]:
            self._refuse(entry["path"], "the file is not the one that the mutant was made for")
        try:
            with open(entry["code"], "rb") as file:
                text = file.read()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                places = entry["count_line"], entry["counted"]
                tree = insert_calls(text, entry["shown"], entry["phases"], *places)
                code = compile(tree, entry["shown"], "exec", dont_inherit=True)
        except (OSError, SyntaxError, ValueError) as error:
            self._refuse(entry["path"], "%s: %s" % (type(error).__name__, error))
            raise
        if entry["mutated"]:
            self._show(entry)
            self._events.write("planted", path=entry["path"], module=module)
        return code

    def _show(self, entry: "FileEntry") -> None:
        """Show the bug also to readers of ``__file__``, not only to those of ``co_filename``."""
        lines = linecache.getlines(entry["shown"])
        size = sum(map(len, lines))
        linecache.cache[entry["path"]] = (size, None, lines, entry["path"])
