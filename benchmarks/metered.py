"""Runs a command and returns the processor time of all its processes."""

import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
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
    """Run a command, and return what it and all its processes used, also those that outlive it.

    They become children of this process, which waits for their ends; it may have no other ones.
    What is waited for by nobody (a process that ignores its children) is not counted.

    The command ends as on Ctrl-C when this process does, if it reads its standard input.

    Args:
        command: The command.
        log: A file to which its output is added.
        folder: Where it runs.
        out: A descriptor that it inherits.

    """
    _adopt_orphans()
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
    usages = [usage, *_orphans()]
    return Used(
        sum(each.ru_utime + each.ru_stime for each in usages),
        time.perf_counter() - began,
        max(each.ru_maxrss for each in usages) * 1024,
        child.returncode,
    )


def _adopt_orphans() -> None:
    """Let processes whose parent has ended become children of this one. Raises OSError."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "orphans cannot be adopted, so nothing counts them")


def _orphans() -> Iterator[resource.struct_rusage]:
    """Wait for all children of this process; yield what each used with those it waited for."""
    while True:
        try:
            _, _, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return
        yield usage


def yardstick() -> float:
    """Return the processor seconds that a fixed small program takes just now."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", YARDSTICK], capture_output=True, text=True, check=True
    )
    return float(done.stdout)
