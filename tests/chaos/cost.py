"""Measures what containment costs one trial, in processor time of all its processes.

    python tests/chaos/cost.py --rounds 5 --out FILE

A process that does nothing but trials runs a few of them, and many: the difference is the cost of
the further ones, with the keepers and with all that mounts and removes.
"""

import argparse
import ctypes
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from made import keep

SOAK = Path(__file__).with_name("soak.py")
LEVELS = ("none", "copy", "strict")
FEW, MANY = 10, 60
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Used:
    """Processor and wall seconds."""

    cpu: float
    wall: float


def used(level: str, trials: int) -> Used:
    """Run trials at a level; return what they used, with everything that they have started."""
    before, began = _children_cpu(), time.monotonic()
    command = [sys.executable, str(SOAK), "--trials", str(trials), "--level", level]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.monotonic() - began
    # Processes that outlived the command are ours now; their time counts once they are reaped.
    with suppress(ChildProcessError):
        while True:
            os.wait()
    return Used(_children_cpu() - before, wall)


def _children_cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


def of_one_trial(level: str) -> Used:
    """Return what one further trial uses."""
    few, many = used(level, FEW), used(level, MANY)
    number = MANY - FEW
    return Used((many.cpu - few.cpu) / number, (many.wall - few.wall) / number)


def main() -> None:
    """Measure each level in turns, and keep the medians."""
    parser = argparse.ArgumentParser(description="Measure what containment costs a trial.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    found: dict[str, list[Used]] = {level: [] for level in LEVELS}
    for _ in range(asked.rounds):
        for level in LEVELS:
            found[level].append(of_one_trial(level))
            print(level, found[level][-1], flush=True)
    rows = [
        {
            "what": f"level {level}",
            "cpu_ms": round(1000 * median(each.cpu for each in values), 1),
            "wall_ms": round(1000 * median(each.wall for each in values), 1),
        }
        for level, values in found.items()
    ]
    print(rows)
    if asked.out:
        keep(asked.out, {"rounds": asked.rounds * (MANY - FEW), "rows": rows})


if __name__ == "__main__":
    main()
