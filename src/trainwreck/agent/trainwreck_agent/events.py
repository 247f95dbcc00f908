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


class Events:
    """The event file of this process; a forked child opens its own."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.started = _clock()
        self._pid: "int | None" = None
        self._file = -1

    def times(self) -> "dict[str, float]":
        """Return the seconds since boot and the processor seconds, as events carry them."""
        return {"wall": _clock() - self.started, "cpu": _cpu_clock()}

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
        self._file, _ = self.create(stem, suffix)

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
