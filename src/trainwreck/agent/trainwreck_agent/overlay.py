"""Gives the interpreter the buggy text of a file wherever it asks for that file's code."""

import hashlib
import importlib.machinery
import linecache
import os
import runpy
import warnings

from trainwreck_agent.insert import insert_calls


class Overlay:
    """The files of the order, by resolved path."""

    def __init__(self, files, events, refuse):
        self._files = {entry["path"]: entry for entry in files}
        self._names = {os.path.basename(path) for path in self._files}
        self._events = events
        self._refuse = refuse
        self.reading = False

    def install(self):
        """From now on every way of loading source goes through here."""
        if not self._files:
            return
        loader = importlib.machinery.SourceFileLoader
        get_code = loader.get_code

        def get_code_or_planted(this, name):
            entry = self.entry_of(this.path)
            return get_code(this, name) if entry is None else self.code_of(entry, name)

        loader.get_code = get_code_or_planted

        def compile_or_plant(source, filename, mode, *rest, **options):
            entry = self.entry_of(filename)
            if entry is None:
                return compile(source, filename, mode, *rest, **options)
            return self.code_of(entry, "__main__")

        # run_path, and so a spawned worker that reads the main program again, calls `compile`.
        runpy.compile = compile_or_plant

    def paths(self):
        """The files of the order."""
        return frozenset(self._files)

    def entry_of(self, path):
        """The order's entry for a file, or None."""
        if not isinstance(path, str) or os.path.basename(path) not in self._names:
            return None
        return self._files.get(os.path.realpath(path))

    def code_of(self, entry, module):
        """Compile the text of the order under the name that readers of source will open."""
        self.reading = True
        try:
            return self._code_of(entry, module)
        finally:
            self.reading = False

    def _code_of(self, entry, module):
        with open(entry["path"], "rb") as file:
            found = hashlib.sha256(file.read()).hexdigest()
        if found != entry["sha256"]:
            self._refuse(entry["path"], "the file is not the one that the mutant was made for")
        try:
            with open(entry["code"], "rb") as file:
                text = file.read()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = insert_calls(text, entry["shown"], entry["phases"], entry["count_line"])
                code = compile(tree, entry["shown"], "exec", dont_inherit=True)
        except (OSError, SyntaxError, ValueError) as error:
            self._refuse(entry["path"], "%s: %s" % (type(error).__name__, error))
        if entry["mutated"]:
            self._show(entry)
            self._events.write("planted", path=entry["path"], module=module)
        return code

    def _show(self, entry):
        """Readers of ``__file__``'s source see the bug too, not only those of ``co_filename``."""
        lines = linecache.getlines(entry["shown"])
        size = sum(map(len, lines))
        linecache.cache[entry["path"]] = (size, None, lines, entry["path"])
