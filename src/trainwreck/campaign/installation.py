"""Checks of this installation and this machine, without a program under study."""

import importlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

import psutil

from trainwreck.errors import Paused, UsageError
from trainwreck.model import Means
from trainwreck.run.keeper.cgroups import parents
from trainwreck.run.means import strict_means
from trainwreck.run.policy import USUAL_DISK
from trainwreck.run.room import free_bytes, reserve_of
from trainwreck.store.library import missing_features, sqlite_version
from trainwreck.subject.pythons import NEWEST_TESTED, OLDEST, find_python
from trainwreck.subject.studies import cache_folder, studies
from trainwreck.temporary import temporary_place

STANDARD_OUTPUT = 1
NARROW = 80
LITTLE_MEMORY = 4 << 30
"""Bytes that one training of a bundled study may take, by its limit."""
EXTRAS = {"report": ("matplotlib",), "frames": ("pandas", "pyarrow")}


class Part(StrEnum):
    """A part of the installation or of the machine."""

    PYTHON = "python"
    SCIPY = "scipy"
    SQLITE = "sqlite"
    STUDIES = "studies"
    EXTRAS = "extras"
    CONTAINMENT = "containment"
    GROUPS = "control-groups"
    MACHINE = "machine"
    DISK = "disk"
    INTERPRETERS = "interpreters"
    COVERAGE = "coverage"
    GIT = "git"
    LOCALE = "locale"
    TERMINAL = "terminal"


class State(StrEnum):
    """The state of a part: it works, some things do without it, or nothing works without it."""

    OK = "ok"
    LIMITED = "limited"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class PartCheck:
    """The state of one part, with the facts that were seen: versions, paths, names."""

    part: Part
    state: State
    seen: tuple[str, ...] = ()

    @classmethod
    def of(cls, part: Part, is_ok: bool, *seen: object) -> "PartCheck":
        """Return a check of what is limited where it is not in order."""
        return cls(part, State.OK if is_ok else State.LIMITED, tuple(map(str, seen)))


def check_parts() -> Iterator[PartCheck]:
    """Yield the checks one by one; some start small programs."""
    for check in CHECKS:
        yield check()


def _python() -> PartCheck:
    version = ".".join(map(str, sys.version_info[:3]))
    is_tested = sys.version_info[:2] <= NEWEST_TESTED
    return PartCheck.of(Part.PYTHON, is_tested, version, sys.executable)


def _scipy() -> PartCheck:
    versions = []
    for name in ("scipy.stats", "numpy"):
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - a broken library raises anything.
            return PartCheck(Part.SCIPY, State.MISSING, (f"{type(error).__name__}: {error}",))
        versions.append(str(sys.modules[name.partition(".")[0]].__version__))
    return PartCheck(Part.SCIPY, State.OK, tuple(versions))


def _sqlite() -> PartCheck:
    missing = missing_features()
    state = State.MISSING if missing else State.OK
    return PartCheck(Part.SQLITE, state, (sqlite_version(), *missing))


def _studies() -> PartCheck:
    names = tuple(studies())
    return PartCheck(Part.STUDIES, State.OK if names else State.MISSING, names)


def _extras() -> PartCheck:
    missing = [
        extra
        for extra, modules in EXTRAS.items()
        if any(find_spec(module) is None for module in modules)
    ]
    return PartCheck.of(Part.EXTRAS, not missing, *missing)


def _containment() -> PartCheck:
    try:
        means, problem = strict_means()
    except Paused as error:
        means, problem = None, error.what
    return PartCheck.of(Part.CONTAINMENT, means is Means.MOUNTS, means or "", problem)


def _groups() -> PartCheck:
    controllers = sorted(name for name, _ in parents())
    is_limiting = bool({"", "memory"} & set(controllers))
    return PartCheck.of(Part.GROUPS, is_limiting, *controllers)


def _machine() -> PartCheck:
    processors = len(os.sched_getaffinity(0))
    memory = psutil.virtual_memory().available
    return PartCheck.of(Part.MACHINE, memory >= LITTLE_MEMORY, processors, memory)


def _disk() -> PartCheck:
    """Check the free room where campaigns, environments and temporary files go."""
    folders = (Path.cwd(), cache_folder(), temporary_place())
    free = [(folder, free_bytes(folder)) for folder in folders]
    is_enough = all(room >= reserve_of(USUAL_DISK) for _, room in free)
    return PartCheck.of(Part.DISK, is_enough, *(word for pair in free for word in pair))


def _interpreters() -> PartCheck:
    """Find an interpreter of each version that a program may need."""
    found = []
    for minor in range(OLDEST[1], NEWEST_TESTED[1] + 1):
        name = f"python{OLDEST[0]}.{minor}"
        try:
            found += [f"{OLDEST[0]}.{minor}", find_python(name)]
        except UsageError:
            continue
    return PartCheck.of(Part.INTERPRETERS, bool(found), *found)


def _coverage() -> PartCheck:
    """Check what a program of one's own needs, which runs by our interpreter by default."""
    return PartCheck.of(Part.COVERAGE, find_spec("coverage") is not None, sys.executable)


def _git() -> PartCheck:
    git = shutil.which("git")
    return PartCheck.of(Part.GIT, git is not None, git or "")


def _locale() -> PartCheck:
    names = [sys.getfilesystemencoding(), getattr(sys.stdout, "encoding", None) or "utf-8"]
    is_utf8 = all(name.lower().replace("-", "") == "utf8" for name in names)
    return PartCheck.of(Part.LOCALE, is_utf8, *dict.fromkeys(names))


def _terminal() -> PartCheck:
    if not os.isatty(STANDARD_OUTPUT):
        return PartCheck(Part.TERMINAL, State.OK)
    columns = shutil.get_terminal_size().columns
    return PartCheck.of(Part.TERMINAL, columns >= NARROW, columns)


CHECKS: tuple[Callable[[], PartCheck], ...] = (
    _python,
    _scipy,
    _sqlite,
    _studies,
    _extras,
    _containment,
    _groups,
    _machine,
    _disk,
    _interpreters,
    _coverage,
    _git,
    _locale,
    _terminal,
)
