"""A second way to plant a bug: an import hook, to check the verdicts of the tool against.

It shares no code with the tool. A process takes from its environment:

* ``PLANTER_FILE``, ``PLANTER_TEXT``: a file of a library, and a file with the text to run instead;
* ``PLANTER_REACHED``: a file to which each process adds a byte when it reaches ``__reached__()``;
* ``PLANTER_SEED``: where set, the generators of Python and NumPy start with it, and the clock of
  ``time.time`` starts at it.
"""

import builtins
import importlib.machinery
import os
import random
import sys
import time


class _Planter:
    """Finds one file as the import system would, and loads another text."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        if name.rpartition(".")[2] not in self.file:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)  # type: ignore[arg-type]
        if spec is None or spec.origin is None or os.path.realpath(spec.origin) != self.file:
            return None
        spec.loader = _Loader(name, spec.origin, self.text)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self.other = text

    def get_code(self, fullname: str) -> object:  # type: ignore[override]
        with open(self.other, "rb") as file:
            return compile(file.read(), self.path, "exec", dont_inherit=True)


def _reached() -> bool:
    if os.getpid() not in _processes:
        _processes.add(os.getpid())
        with open(os.environ["PLANTER_REACHED"], "ab", buffering=0) as file:
            file.write(b".")
    return True


_processes: "set[int]" = set()

if "PLANTER_REACHED" in os.environ:
    builtins.__reached__ = _reached  # type: ignore[attr-defined]
if "PLANTER_FILE" in os.environ:
    sys.meta_path.insert(0, _Planter(os.environ["PLANTER_FILE"], os.environ["PLANTER_TEXT"]))
if os.environ.get("PLANTER_SEED"):
    _seed = int(os.environ["PLANTER_SEED"])
    random.seed(_seed)
    _began = time.monotonic()
    time.time = lambda: _seed + time.monotonic() - _began
    try:
        import numpy
    except ImportError:
        pass
    else:
        numpy.random.seed(_seed)
