"""Gives the interpreter the mutated text of a file wherever it asks for that file's code."""

import ast
import builtins
import hashlib
import importlib.machinery
import importlib.util
import linecache
import os
import runpy
import warnings
import zipimport

from trainwreck_agent.interpreter_frames import as_part_of_importing
from trainwreck_agent.planting.insert import insert_calls, insert_into
from trainwreck_agent.planting.shown_source import ShownSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import CodeType
    from typing import Any

    from trainwreck_agent.events import Events
    from trainwreck_agent.protocol import FileEntry


class Overlay:
    """The files of the order, by resolved path; ``reading`` is true while the agent opens one."""

    def __init__(
        self, files: "Sequence[FileEntry]", events: "Events", refuse: "Callable[[str, str], None]"
    ) -> None:
        self._files = {entry["path"]: entry for entry in files}
        self._names = {os.path.basename(path) for path in self._files}
        self._events = events
        self._refuse = refuse
        self._compilers: "dict[str, Callable[..., Any]]" = {}
        self._loaded: "list[tuple[str, str]]" = []
        self._has_shown = any(file["mutated"] or file.get("alternatives") for file in files)
        self.shown = ShownSource(self.entry_of)
        self.reading = False

    def install(self) -> None:
        """Replace the functions through which the interpreter loads and parses source."""
        if not self._files:
            return
        self._plant_imported()
        self._plant_compiled()
        self._plant_parsed()
        for module in (runpy, ast):
            self.follow(module)
        if self._has_shown:
            self.shown.install()
            self.follow(linecache)

    def _plant_imported(self) -> None:
        """Have the loader of source files compile the order's text."""
        loader: "Any" = importlib.machinery.SourceFileLoader
        get_code = loader.get_code
        self._transform = importlib.machinery.SourceFileLoader.source_to_code

        @as_part_of_importing
        def get_code_or_planted(this: "Any", name: str) -> "Any":
            entry = self.entry_of(this.path)
            if entry is None:
                return get_code(this, name)
            return self.code_of(entry, name, this.path, this)

        loader.get_code = get_code_or_planted

    def _plant_compiled(self) -> None:
        """Have what compiles a main program take the order's text."""

        @as_part_of_importing
        def compile_or_plant(
            source: "Any", filename: "Any", mode: str, *rest: "Any", **options: "Any"
        ) -> "Any":
            entry = self.entry_of(filename)
            if entry is None:
                return compile(source, filename, mode, *rest, **options)
            return self.code_of(entry, "__main__", filename)

        # `run_path` calls `compile`, and so does a spawned worker that reads the main program.
        self._compilers["runpy"] = compile_or_plant
        self._count_as_loading(runpy, "_get_code_from_file")
        # Python asks whether the file on its command line is an archive.
        self._count_as_loading(zipimport, "_read_directory")

    def _plant_parsed(self) -> None:
        """Have what parses a module, to change its tree, parse the order's text."""

        @as_part_of_importing
        def parse_planted(
            source: "Any", filename: "Any", mode: str, *rest: "Any", **options: "Any"
        ) -> "Any":
            entry = self.entry_of(filename)
            if entry is not None and self._is_text_of(entry, source):
                return self._tree_of(entry, filename)
            return compile(source, filename, mode, *rest, **options)

        # Loaders that change the tree of a module, like that of pytest, call `ast.parse`.
        self._compilers["ast"] = parse_planted

    def follow(self, module: "Any") -> None:
        """Replace the function that a module of the library compiles with, or show it the bugs.

        The program may import such a module again, as another one than the agent's.
        """
        name = module.__name__
        if name in self._compilers:
            module.compile = self._compilers[name]
        elif name == "linecache" and self._has_shown:
            self.shown.follow(module)

    def _count_as_loading(self, module: "Any", name: str) -> None:
        """Let a function of the interpreter open a file without a reading by the program."""
        read = getattr(module, name, None)
        if read is None:  # Before Python 3.8 `zipimport` is written in C.
            return

        @as_part_of_importing
        def read_as_loader(*arguments: "Any") -> "Any":
            before, self.reading = self.reading, True
            try:
                return read(*arguments)
            finally:
                self.reading = before

        setattr(module, name, read_as_loader)

    def go_on_with(self, files: "Iterable[FileEntry]") -> None:
        """Plant the files of another order, in the child of a stem.

        A file that the stem has loaded has the bug already, as one of its alternatives.
        """
        self._files = {entry["path"]: entry for entry in files}
        self._names = {os.path.basename(path) for path in self._files}
        self.shown.forget()
        for path, module in list(self._loaded):
            entry = self._files.get(path)
            if entry is not None and entry["mutated"]:
                self._note(entry, module)

    def paths(self) -> "frozenset[str]":
        """Return the paths of the order's files."""
        return frozenset(self._files)

    def entry_of(self, path: object) -> "FileEntry | None":
        """Return the order's entry for a file, or None."""
        if not isinstance(path, str) or os.path.basename(path) not in self._names:
            return None
        return self._files.get(os.path.realpath(path))

    def path_of(self, filename: str) -> str:
        """Return the order's path of a file, or its name as it is given."""
        entry = self.entry_of(filename)
        return filename if entry is None else entry["path"]

    def code_of(
        self, entry: "FileEntry", module: str, filename: str, loader: "Any" = None
    ) -> "CodeType":
        """Compile the order's text for a file, under the name that its code has without the agent.

        A loader that transforms what it compiles, as those of type checkers do, transforms this
        text as well.
        """
        self.reading = True
        try:
            return self._code_of(entry, module, filename, loader)
        finally:
            self.reading = False

    def _code_of(self, entry: "FileEntry", module: str, filename: str, loader: "Any") -> "CodeType":
        self._check(entry)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if getattr(type(loader), "source_to_code", self._transform) != self._transform:
                    code = self._transformed(entry, filename, loader)
                else:
                    tree = self._inserted(entry, filename)
                    code = compile(tree, filename, "exec", dont_inherit=True)
        except (OSError, SyntaxError, ValueError) as error:
            self._refuse(entry["path"], "%s: %s" % (type(error).__name__, error))
            raise
        self._note(entry, module)
        return code

    def _tree_of(self, entry: "FileEntry", filename: str) -> "Any":
        """Return the syntax tree of the order's text, for a loader that compiles it itself."""
        self.reading = True
        try:
            self._check(entry)
            tree = self._inserted(entry, filename)
        except (OSError, SyntaxError, ValueError) as error:
            self._refuse(entry["path"], "%s: %s" % (type(error).__name__, error))
            raise
        finally:
            self.reading = False
        self._note(entry, "")
        return tree

    def _transformed(self, entry: "FileEntry", path: str, loader: "Any") -> "CodeType":
        """Have a loader compile the order's text; its parser gives the tree with the marks."""
        text, tree = self._text(entry), self._inserted(entry, path)

        def parse_with_marks(
            source: "Any", filename: "Any", mode: str, flags: int = 0, *rest: "Any", **o: "Any"
        ) -> "Any":
            if filename == path and flags & ast.PyCF_ONLY_AST:
                return tree
            return parse(source, filename, mode, flags, *rest, **o)

        parse = builtins.compile
        builtins.compile = parse_with_marks
        try:
            code: "CodeType" = loader.source_to_code(text, path)
        finally:
            builtins.compile = parse
        return code

    def _check(self, entry: "FileEntry") -> None:
        with open(entry["path"], "rb") as file:
            sha256 = hashlib.sha256(file.read()).hexdigest()
        if sha256 != entry["sha256"]:
            self._refuse(entry["path"], "the file is not the one that the mutant was made for")

    def _text(self, entry: "FileEntry") -> bytes:
        with open(entry["code"], "rb") as file:
            return file.read()

    def _inserted(self, entry: "FileEntry", filename: str) -> "Any":
        text, alternatives = self._text(entry), entry.get("alternatives")
        places = entry["count_line"], entry["counted"]
        if not alternatives:
            return insert_calls(text, filename, entry["phases"], *places)
        from trainwreck_agent.stem.alternatives import with_alternatives

        with open(entry["path"], "rb") as file:
            clean = file.read()
        tree = with_alternatives(clean, text, filename, alternatives)
        return insert_into(tree, clean, entry["phases"])

    def _is_text_of(self, entry: "FileEntry", source: "Any") -> bool:
        """Return whether a text is that of the whole file, not of a snippet within it."""
        if self.reading or not isinstance(source, (bytes, str)):
            return False
        for path in (entry["path"], entry["shown"]):
            with open(path, "rb") as file:
                text = file.read()
            whole = text if isinstance(source, bytes) else importlib.util.decode_source(text)
            if source == whole:
                return True
        return False

    def _note(self, entry: "FileEntry", module: str) -> None:
        self._loaded.append((entry["path"], module))
        if entry["mutated"]:
            self._events.write("planted", path=entry["path"], module=module)
