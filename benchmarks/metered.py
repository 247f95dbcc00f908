"""Runs a command and returns the processor time of all its processes."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

YARDSTICK = (
    "import time\n"
    "began = time.process_time()\n"
    "total = 0\n"
    "for number in range(4_000_000):\n"
    "    total += number % 7\n"
    "print(time.process_time() - began)\n"
)
"""A program whose processor time shows how fast the machine is just now."""


@dataclass(frozen=True)
class Used:
    """What a command used, in seconds; ``memory`` is the largest of one process, in bytes."""

    cpu: float
    wall: float
    memory: int
    status: int


def metered(command: Sequence[str], log: Path, folder: Path | None = None, out: int = -1) -> Used:
    """Run a command, and return what it and all processes that it waited for used.

    The command ends as on Ctrl-C when this process does, if it reads its standard input.

    Args:
        command: The command.
        log: A file to which its output is added.
        folder: Where it runs.
        out: A descriptor that it inherits.

    """
    began = time.perf_counter()
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=[out] if out >= 0 else [],
        )
        assert child.stdin is not None
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.stdin.close()
            child.wait()
            raise
        child.returncode = os.waitstatus_to_exitcode(status)
        child.stdin.close()
    return Used(
        usage.ru_utime + usage.ru_stime,
        time.perf_counter() - began,
        usage.ru_maxrss * 1024,
        child.returncode,
    )


def yardstick() -> float:
    """Return the processor seconds that a fixed small program takes just now."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", YARDSTICK], capture_output=True, text=True, check=True
    )
    return float(done.stdout)
