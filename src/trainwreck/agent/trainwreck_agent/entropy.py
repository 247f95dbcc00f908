"""Seeds what asks the operating system for a seed: each time another, in each run the same."""

import _thread
import hashlib
import os
import re
import sys

from trainwreck_agent.command_line import RANKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

ACCIDENTAL = re.compile(r"[0-9]{5,}|[0-9a-f]{16,}")
"""The parts of commands that differ between runs: process ids, ports, random names."""


class Entropy:
    """The numbers that this process gets instead of those of the operating system.

    A number is a function of the trial's seed, of the process, of the thread, and of how many this
    thread got before. So no two are equal, and the order in which threads and processes run has no
    effect. Processes differ by their forks, or by their commands. Only processes with the
    same command, and threads with the same name, are numbered as they come.
    """

    def __init__(self, seed: int, folder: str, command: "Sequence[str]", main: bool) -> None:
        """Start in a new process.

        Args:
            seed: The trial's seed.
            folder: The folder for the agent's events; the one above it differs between slots.
            command: The process's command line after the interpreter.
            main: Whether this process is the program itself.
        """
        self._trial_seed = seed
        self._is_main = main
        self._process = "main" if main else _origin(folder, command)
        self._forks = 0
        self._restart()

    def global_seed(self) -> int:
        """Return the seed for a global generator: in the program itself, that of the trial.

        Without the agent, no two processes would begin with the same numbers.
        """
        return self._trial_seed if self._is_main else self.bits("process", 31)

    def _restart(self) -> None:
        self._counts: "dict[str, int]" = {}
        self._names: "dict[str, int]" = {}
        self._thread = _thread._local()
        self._thread.name = ""  # The main thread, also where another one has forked.

    def follow_forks(self) -> None:
        """Number the children by themselves, where Python can (since 3.7)."""
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self.before_fork, after_in_child=self.after_fork)

    def before_fork(self) -> None:
        """Number the child that this thread is about to fork."""
        self._forks += 1
        self._thread.fork = self._forks

    def after_fork(self) -> None:
        """Give the child, in which this runs, numbers of its own."""
        self._is_main = False
        self._process += "/%d" % getattr(self._thread, "fork", 0)
        self._forks = 0
        self._restart()

    def bits(self, source: str, number: int) -> int:
        """Return a number of at most ``number`` bits for the source, counted by sources."""
        key = "%s %s" % (source, self._name())
        count = self._counts[key] = self._counts.get(key, 0) + 1
        text = "%d;%s;%s;%d" % (self._trial_seed, self._process, key, count)
        digits = b""
        while len(digits) * 8 < number:
            digits += hashlib.sha256(("%s;%d" % (text, len(digits))).encode()).digest()
        return int.from_bytes(digits, "big") % (1 << number)

    def state(self) -> "list[bytes]":
        """Return what decides the next numbers, for checkpoints."""
        return [repr(sorted(self._counts.items())).encode()]

    def _name(self) -> str:
        name = getattr(self._thread, "name", None)
        if name is None:
            name = _thread_name()
            number = self._names[name] = self._names.get(name, 0) + 1
            self._thread.name = name = "%s#%d" % (name, number)
        return str(name)


def _thread_name() -> str:
    """Return the current thread's name; `current_thread` would register a foreign thread."""
    threads: "Any" = getattr(sys.modules.get("threading"), "_active", {})
    return str(getattr(threads.get(_thread.get_ident()), "name", "foreign"))


def _origin(folder: str, command: "Sequence[str]") -> str:
    """Return the identity of a process by its command; a second one alike gets the next number."""
    slot = os.path.dirname(folder)
    words = [ACCIDENTAL.sub("#", word.replace(slot, "")) for word in command]
    text = repr((words, [os.environ.get(name) for name in RANKS]))
    stem = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    number = 0
    while True:
        number += 1
        path = os.path.join(folder, "origin-%s-%d" % (stem, number))
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
        except FileExistsError:
            continue
        except OSError:
            pass  # The folder may be gone, as for a process that outlived its trial.
        return "%s-%d" % (stem, number)
