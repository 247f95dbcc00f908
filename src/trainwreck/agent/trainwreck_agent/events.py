"""Writes one file of JSON lines per process, each line with a single system call."""

import json
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The program may replace these functions (with fakes of time, for example); the agent keeps them.
_clock = time.perf_counter
_cpu_clock = time.process_time
_open, _write, _close, _getpid = os.open, os.write, os.close, os.getpid
_dumps = json.dumps
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""A program, or a child of a stem, may put a link in place of any file that it can reach."""


class Events:
    """The event file of this process; a forked child opens its own."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.started = _clock()
        self._pid: "int | None" = None
        self._path = ""
        self._file = -1
        self._cpu_before = 0.0

    def times(self, pause: "tuple[float, float] | None" = None) -> "dict[str, float]":
        """Return the seconds since boot and the processor seconds, as events carry them.

        Within a pause they are those of its begin. None is negative: the processor clock of a
        process that the program forks begins at 0, and what a stem has left out may be more.
        """
        wall, cpu = pause or self.pause()
        return {"wall": wall - self.started, "cpu": max(0.0, cpu + self._cpu_before)}

    def pause(self) -> "tuple[float, float]":
        """Return both clocks, at which a time begins that does not count."""
        return _clock(), _cpu_clock()

    def resume(self, pause: "tuple[float, float]") -> "tuple[float, float]":
        """Count on as if no time had passed since a pause, also in a child with new clocks.

        Return by how much both clocks have gone on meanwhile; a child's second one went back.
        """
        wall, cpu = _clock() - pause[0], _cpu_clock() - pause[1]
        self.started += wall
        self._cpu_before -= cpu
        return wall, cpu

    def write(self, event: str, **values: "Any") -> None:
        """Append one event. A full disk or a closed descriptor loses it and has no other effect."""
        try:
            if self._pid != _getpid():
                self._open_file("events", ".jsonl")
            values["event"] = event
            line = _dumps(values, default=repr) + "\n"
            _write(self._file, line.encode("utf-8", "backslashreplace"))
        except (OSError, ValueError):
            pass

    def _open_file(self, stem: str, suffix: str) -> None:
        self._pid = _getpid()
        self._file, self._path = self.create(stem, suffix)

    @property
    def descriptor(self) -> int:
        """Return the descriptor of this process's file, -1 where there is none."""
        return self._file

    def move(self, folder: str) -> "tuple[dict[str, Any], bytes]":
        """Write into another folder from now on, and return what this process wrote until now.

        That is its first event, which says what the process is, and the lines of the others. Its
        file of stacks stays behind. Files of other processes are copied. OSError or ValueError
        where that fails.
        """
        before, parent = self._path, self.folder
        _close(self._file)
        self.folder = folder
        for name in os.listdir(parent):
            path = os.path.join(parent, name)
            is_own = path == before or name.startswith("stack-%s-" % self._pid)
            if not is_own and os.path.isfile(path):
                _copy(path, os.path.join(folder, name))
        with _opened(before, os.O_RDONLY) as file:
            lines = file.read().splitlines(True)
        return json.loads(lines[0].decode("utf-8")), b"".join(lines[1:])

    def append(self, lines: bytes) -> None:
        """Append lines that are events already. OSError where that fails."""
        _write(self._file, lines)

    def create(self, stem: str, suffix: str) -> "tuple[int, str]":
        """Create a file that no other process writes to, and return its descriptor and path."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        number = 0
        while True:
            name = "%s-%d-%d%s" % (stem, _getpid(), number, suffix)
            path = os.path.join(self.folder, name)
            try:
                return _open(path, flags, 0o644), path
            except FileExistsError:
                number += 1


def _copy(path: str, copy: str) -> None:
    making = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with _opened(path, os.O_RDONLY) as file, _opened(copy, making) as other:
        other.write(file.read())


def _opened(path: str, flags: int) -> "Any":
    """Open a file in bytes, which is no link: the program may have put one there. OSError."""
    is_writing = flags & os.O_WRONLY
    return os.fdopen(_open(path, flags | NO_LINK, 0o644), "wb" if is_writing else "rb")
