"""Control groups: the limits of a whole trial, where this user may make such groups."""

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from glob import glob
from pathlib import Path
from typing import Any

PREFIX = "trainwreck-"
SLACK = 64 << 20
"""Bytes above the limit of memory at which the kernel itself ends the program.

Up to there trainwreck sees that the limit is exceeded, and asks first where the program stands.
"""

LARGEST_PAGE = 2 << 20
"""Bytes that the kernel may have wanted at once when it refused them."""


class Cgroups:
    """The groups of one trial: one for each controller (version 1), or one for all (version 2).

    Each trial has new ones: what another one has left in them would count as its own.
    """

    _made = 0

    def __init__(self) -> None:
        Cgroups._made += 1
        self._name = f"{PREFIX}{os.getpid()}-{Cgroups._made}"
        # Texts, as joining paths would be a tenth of a keeper's work.
        self._folders: dict[str, str] = {}
        # Opened before the program's walls are built, behind which nothing can be written.
        self._tasks: list[int] = []
        self._killers: list[int] = []

    def create(self, limits: dict[str, Any]) -> None:
        """Make the groups that can be made, with the limits of the trial."""
        for controller, parent in parents():
            with suppress(OSError):
                folder = f"{parent}/{self._name}"
                os.mkdir(folder)
                self._folders[controller] = folder
                _limit(folder, limits)
                self._tasks.append(os.open(f"{folder}/cgroup.procs", os.O_WRONLY))
                self._killers.append(os.open(f"{folder}/cgroup.kill", os.O_WRONLY))

    @property
    def limits_memory(self) -> bool:
        """Return whether the kernel limits the memory of the whole trial."""
        return bool(self._tasks) and bool({"memory", ""} & set(self._folders))

    def add(self, pid: int) -> None:
        """Move a process into the groups; all that it starts later is born there."""
        for number in self._tasks:
            with suppress(OSError):
                os.write(number, str(pid).encode())

    def kill(self) -> None:
        """End every process of the groups at once, where the kernel can (5.14, version 2)."""
        for number in self._killers:
            with suppress(OSError):
                os.write(number, b"1")

    def counts(self) -> dict[str, int]:
        """Return how often the kernel ended a process for memory, and refused a new one.

        ``memory`` are ends at the limit of a group, ``shortage`` ends below it: then the whole
        machine had no memory left.
        """
        counts = {"memory": 0, "shortage": 0, "processes": 0}
        for folder in self._folders.values():
            kills = _count(f"{folder}/memory.oom_control", "oom_kill")
            kills += _count(f"{folder}/memory.events", "oom_kill")
            counts["memory" if _has_been_full(folder) else "shortage"] += kills
            counts["processes"] += _count(f"{folder}/pids.events", "max")
        return counts

    def is_removed(self) -> bool:
        """Remove the groups of a trial that has ended; return whether they are gone."""
        for number in (*self._tasks, *self._killers):
            os.close(number)
        self._tasks, self._killers = [], []
        self._folders = {k: path for k, path in self._folders.items() if not _is_removed(path)}
        return not self._folders


def remove(keeper: int) -> bool:
    """Remove the groups of a keeper that has ended; return whether they are gone."""
    folders = [f for _, parent in parents() for f in glob(f"{parent}/{PREFIX}{keeper}-*")]
    left = [folder for folder in folders if not _is_removed(folder)]
    return not left


def clear_leftovers() -> None:
    """Remove the groups of keepers that were killed with their server."""
    for folder in left_groups():
        _is_removed(folder)


def left_groups() -> Iterator[str]:
    """Yield the folders of the groups of keepers that are gone."""
    for _, parent in parents():
        for folder in sorted(glob(f"{parent}/{PREFIX}*")):
            keeper, _, _ = folder.rpartition(PREFIX)[2].partition("-")
            if not os.path.exists(f"/proc/{keeper}"):
                yield folder


def _is_removed(folder: str) -> bool:
    try:
        os.rmdir(folder)
    except OSError:
        return not os.path.exists(folder)
    return True


def _limit(folder: str, limits: dict[str, Any]) -> None:
    """Write the limits into those files that the group has."""
    memory = limits["memory"]
    most = str(memory + max(SLACK, memory // 8))
    texts = {
        "memory.limit_in_bytes": most,
        "memory.memsw.limit_in_bytes": most,
        "memory.max": most,
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": str(limits["tasks"]),
    }
    for name, text in texts.items():
        with suppress(OSError):
            # Opened without `O_CREAT`: a file that is not there is a controller that is not.
            number = os.open(f"{folder}/{name}", os.O_WRONLY)
            try:
                os.write(number, text.encode())
            finally:
                os.close(number)


def _has_been_full(folder: str) -> bool:
    """Return whether a group has ever wanted more memory than its limit.

    Version 1 has counters of this, too, but Linux 6.18 leaves that of memory with swap at 0.
    """
    for name in ("memory", "memory.memsw"):
        most = int(_text(f"{folder}/{name}.max_usage_in_bytes") or 0)
        if most and most + LARGEST_PAGE > int(_text(f"{folder}/{name}.limit_in_bytes") or 0):
            return True
    return _count(f"{folder}/memory.events", "oom") > 0


def _count(file: str, word: str) -> int:
    """Return the number behind a word at the begin of a line, 0 where there is none."""
    counts = dict(line.split(" ", 1) for line in _text(file).splitlines() if " " in line)
    return int(counts.get(word, 0))


def _text(file: str) -> str:
    """Return the text of a file of the kernel, empty where it cannot be read."""
    with suppress(OSError, ValueError):
        number = os.open(file, os.O_RDONLY)
        try:
            return os.read(number, 4096).decode("ascii").strip()
        finally:
            os.close(number)
    return ""


@cache
def parents() -> tuple[tuple[str, Path], ...]:
    """Return each controller with the group in which this process may make a group for it."""
    return tuple(_parents())


def _parents() -> Iterator[tuple[str, Path]]:
    own = dict(_own_groups())
    for mounted, controllers in _mounts():
        for controller in controllers:
            if controller in own:
                folder = mounted / own[controller].lstrip("/")
                parent = _delegating(folder, mounted) if controller == "" else folder
                if parent is not None and os.access(parent, os.W_OK):
                    yield controller, parent


def _own_groups() -> Iterator[tuple[str, str]]:
    """Yield the path of this process's group for each controller; version 2 has an empty name."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, names, path = line.split(":", 2)
            for name in names.split(","):
                yield name, path


def _mounts() -> Iterator[tuple[Path, list[str]]]:
    """Yield where each hierarchy is mounted, with those controllers that limits need."""
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            before, _, after = line.partition(" - ")
            kind, _, options = after.split(" ", 2)
            root, where = before.split(" ")[3:5]
            names = {"memory", "pids"} & set(options.split(","))
            if kind == "cgroup2" and root == "/":
                yield Path(where), [""]
            elif kind == "cgroup" and names and root == "/":
                yield Path(where), sorted(names)


def _delegating(folder: Path, mounted: Path) -> Path | None:
    """Return the nearest group of version 2 above a process that hands on both controllers."""
    for parent in (folder, *folder.parents):
        with suppress(OSError):
            handed_on = set((parent / "cgroup.subtree_control").read_text().split())
            if {"memory", "pids"} <= handed_on and os.access(parent, os.W_OK):
                return parent
        if parent == mounted:
            break
    return None
