"""The processor time that a keeper and its walls cost for each trial."""

import os
import statistics
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from trainwreck.model import Level, Means
from trainwreck.run.child import run_child
from trainwreck.run.containment import Containment
from trainwreck.run.limits import Limits
from trainwreck.run.program_start import ProgramStart

TRIALS = 100
ROUNDS = 5
PROGRAM = ["/bin/true"]
LIMITS = Limits(60.0, 60.0, 1 << 30)
VIEWS = 4


def main() -> None:
    """Print the milliseconds of processor time of one trial in each way to start it."""
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        plans = {
            "a keeper without walls": None,
            "a keeper, Landlock": landlock_plan(folder),
            "a keeper, mounts": mounts_plan(folder),
        }
        plain = median_cost(lambda: plain_start(folder))
        print(f"{'subprocess.Popen':<24} {1000 * plain:6.2f} ms")
        for title, plan in plans.items():
            cost = median_cost(lambda plan=plan: kept_start(folder, plan))  # type: ignore[misc]
            print(f"{title:<24} {1000 * cost:6.2f} ms, {1000 * (cost - plain):+.2f} ms")


def median_cost(start: Callable[[], None]) -> float:
    """Return the median over rounds of the processor seconds of one trial."""
    start()
    costs = []
    for _ in range(ROUNDS):
        before = processor_seconds()
        for _ in range(TRIALS):
            start()
        costs.append((processor_seconds() - before) / TRIALS)
    return statistics.median(costs)


def processor_seconds() -> float:
    """Return the time of this process, of its children, and of the server with its keepers."""
    own = psutil.Process()
    return sum(map(_used, [own, *own.children(recursive=True)]))


def _used(process: psutil.Process) -> float:
    """Return the time of a process; none of one that ends just now, which its parent counts."""
    with suppress(psutil.NoSuchProcess):
        return float(sum(process.cpu_times()[:4]))
    return 0.0


def plain_start(folder: Path) -> None:
    subprocess.run(PROGRAM, cwd=folder, stdin=subprocess.DEVNULL, check=True)


def kept_start(folder: Path, plan: Containment | None) -> None:
    marker = f"TRAINWRECK_ORDER={folder}"
    start = ProgramStart(PROGRAM, folder, dict(os.environ), LIMITS, marker, plan)
    run_child(start, lambda _data: None, lambda _pid: False, lambda: False)


def landlock_plan(folder: Path) -> Containment:
    return Containment(Level.STRICT, Means.LANDLOCK, writable=(folder,), network=True)


def mounts_plan(folder: Path) -> Containment:
    """Return a plan as large as a usual one: a few private views, and a private ``/tmp``."""
    own = folder / "own"
    views = [folder / f"view {number}" for number in range(VIEWS)]
    for path in (own, *views):
        path.mkdir(exist_ok=True)
    return Containment(
        Level.STRICT,
        Means.MOUNTS,
        writable=(own,),
        private=tuple((view, own / "private" / view.name) for view in views),
        needed=(folder,),
        temporary=own,
        host="localhost",
    )


if __name__ == "__main__":
    main()
