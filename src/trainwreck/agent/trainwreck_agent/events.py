"""One file of JSON lines per process, each line a single write."""

import json
import os
import time

_clock = time.perf_counter
_cpu_clock = time.process_time
_open, _write, _close, _getpid = os.open, os.write, os.close, os.getpid
_dumps = json.dumps


class Events:
    """Where this process writes; a forked child opens a file of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.started = _clock()
        self._pid = None
        self._file = None

    def times(self):
        """Seconds since boot and processor seconds, as events carry them."""
        return {"wall": _clock() - self.started, "cpu": _cpu_clock()}

    def write(self, event, **values):
        """Append one event; a full disk or a closed descriptor loses it, no more."""
        try:
            if self._pid != _getpid():
                self._open_file("events", ".jsonl")
            values["event"] = event
            line = _dumps(values, default=repr) + "\n"
            _write(self._file, line.encode("utf-8", "backslashreplace"))
        except (OSError, ValueError):
            pass

    def _open_file(self, stem, ending):
        self._pid = _getpid()
        self._file, _ = self.create(stem, ending)

    def create(self, stem, ending):
        """A descriptor of a new file that no other process writes to, and its path."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        number = 0
        while True:
            name = "%s-%d-%d%s" % (stem, _getpid(), number, ending)
            path = os.path.join(self.folder, name)
            try:
                return _open(path, flags, 0o644), path
            except FileExistsError:
                number += 1
