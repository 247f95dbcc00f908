"""Keeps processors busy for a while, as other programs on the machine do."""

import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager

LOOP = """\
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""
"""Computes until its parent is gone."""


@contextmanager
def busy(processors: Collection[int]) -> Iterator[list[int]]:
    """Compute in one process on each of these processors; yield the ids of the processes.

    Without processors, one process computes where the system puts it.
    """
    started: list[subprocess.Popen[bytes]] = []
    try:
        for processor in processors or (None,):
            command = [sys.executable, "-I", "-c", LOOP]
            started.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))
            if processor is not None and hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(started[-1].pid, {processor})
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()
