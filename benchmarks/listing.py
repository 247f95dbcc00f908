"""How fast the mutants of large libraries are listed, with an empty cache and with a full one.

    python benchmarks/listing.py tensorflow=PYTHON torch=PYTHON jax=PYTHON

lists libraries of several environments in one go, once.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from figures import Figure, figure, ratios
from trainwreck.model import OperatorCode
from trainwreck.mutants.catalogue import list_files
from trainwreck.mutants.files import SourceFile, library_files
from trainwreck.subject.interpreter import Interpreter, survey

LIBRARIES = ("keras", "tensorflow")
GOAL_LINES = 800_000
GOAL_COLD_SECONDS = 60.0
GOAL_WARM_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Listed:
    """One listing of a whole library, in seconds of wall time."""

    seconds: float
    mutants: int
    dropped: int
    unreadable: int


def measure(python: str, rounds: int = 3) -> list[Figure]:
    """Every library by itself, then the time for ``GOAL_LINES`` lines at the same speed.

    The files are read once beforehand, so that no run pays for a cold disk.
    """
    interpreter = survey(python, LIBRARIES)
    found: list[Figure] = []
    lines, cold, warm = 0, [0.0] * rounds, [0.0] * rounds
    for library in LIBRARIES:
        origin = interpreter.libraries[library]
        if origin is None:
            raise SystemExit(f"{python} has no {library}")
        files = library_files(library, origin)
        here = sum(file.path.read_bytes().count(b"\n") for file in files)
        first, second = _cold_and_warm(files, interpreter, rounds)
        found += _figures(library, len(files), here, first, second)
        lines += here
        cold = [total + run.seconds for total, run in zip(cold, first, strict=True)]
        warm = [total + run.seconds for total, run in zip(warm, second, strict=True)]
    scale = GOAL_LINES / lines
    what = f"scaled to {GOAL_LINES:,} lines"
    found.append(figure(f"{what}, cold", "s", (scale * s for s in cold), GOAL_COLD_SECONDS))
    found.append(figure(f"{what}, warm", "s", (scale * s for s in warm), GOAL_WARM_SECONDS))
    return found


def _cold_and_warm(
    files: Sequence[SourceFile], interpreter: Interpreter, rounds: int
) -> tuple[list[Listed], list[Listed]]:
    cold, warm = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            cold.append(_list(files, interpreter, Path(folder)))
            warm.append(_list(files, interpreter, Path(folder)))
    return cold, warm


def _list(files: Sequence[SourceFile], interpreter: Interpreter, cache: Path) -> Listed:
    began = time.perf_counter()
    mutants = dropped = unreadable = 0
    for listing in list_files(files, interpreter, tuple(OperatorCode), cache):
        mutants += len(listing.mutants)
        dropped += listing.dropped
        unreadable += bool(listing.problem)
    return Listed(time.perf_counter() - began, mutants, dropped, unreadable)


def _figures(
    library: str, files: int, lines: int, cold: Sequence[Listed], warm: Sequence[Listed]
) -> list[Figure]:
    first = [run.seconds for run in cold]
    second = [run.seconds for run in warm]
    return [
        figure(f"{library}: files", "", [files]),
        figure(f"{library}: lines", "", [lines]),
        figure(f"{library}: mutants", "", (run.mutants for run in cold)),
        figure(f"{library}: dropped mutants", "", (run.dropped for run in cold)),
        figure(f"{library}: unreadable files", "", (run.unreadable for run in cold)),
        figure(f"{library}: cold", "s", first),
        figure(f"{library}: warm", "s", second),
        figure(f"{library}: cold", "mutants/s", (run.mutants / run.seconds for run in cold)),
        figure(f"{library}: warm", "mutants/s", (run.mutants / run.seconds for run in warm)),
        figure(f"{library}: warm to cold", "ratio", ratios(second, first)),
    ]


def together(pairs: Sequence[str]) -> None:
    """Print what one listing of several libraries takes; each is given with its interpreter."""
    files: list[SourceFile] = []
    for pair in pairs:
        library, _, python = pair.partition("=")
        interpreter = survey(python, [library])
        origin = interpreter.libraries[library]
        if origin is None:
            raise SystemExit(f"{python} has no {library}")
        files += library_files(library, origin)
    lines = sum(file.path.read_bytes().count(b"\n") for file in files)
    (cold,), (warm,) = _cold_and_warm(files, interpreter, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{len(files):,} files, {lines:,} lines, {cold.mutants:,} mutants")
    print(f"{cold.seconds:.1f} s cold, {warm.seconds:.1f} s warm")
    print(f"at most {peak:,.0f} MB, and {workers:,.0f} MB in a child")


if __name__ == "__main__":
    together(sys.argv[1:])
