"""How much memory a program takes with the guest, which reads its large model, and without it.

``python benchmarks/guest_memory.py PYTHON … [--rounds N]``: each program runs under the first of
these interpreters that has its libraries. The peak is that of all processes of a run together.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from figures import Figure, alternate, figure, ratios
from run import table_of
from subject import say
from trainwreck.model import Outcome, Trial, TrialKind
from trainwreck.model.slot import Slot
from trainwreck.report.text import render_tables
from trainwreck.run.context import RunContext
from trainwreck.run.launcher import TrialRequest, run_trial
from trainwreck.run.limits import Limits
from trainwreck.subject.settings_file import FILE_NAME, load_settings

PROGRAMS = Path(__file__).with_name("large_models")
GOAL = 1.05
LIMITS = Limits(seconds=600, cpu_seconds=600, memory=8 << 30)
WAYS = {"alone": False, "with the guest": True}

COMMANDS = {
    "PyTorch": (("torch",), ("torch_model.py",)),
    "scikit-learn": (("sklearn",), ("sklearn_model.py",)),
    "LightGBM": (("lightgbm",), ("booster_model.py", "lightgbm")),
    "XGBoost": (("xgboost",), ("booster_model.py", "xgboost")),
    "Optax": (("jax", "optax"), ("jax_model.py", "optax")),
    "Flax NNX": (("jax", "optax", "flax"), ("jax_model.py", "nnx")),
}
"""The libraries that a program needs, and its command."""


def main(arguments: Sequence[str]) -> None:
    """Measure the programs whose libraries are there, and print their table."""
    parser = argparse.ArgumentParser(prog="benchmarks/guest_memory.py", description=__doc__)
    parser.add_argument("pythons", nargs="+", metavar="PYTHON", help="interpreters with libraries")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs (default: 3)")
    options = parser.parse_args(arguments)
    found = measure(options.pythons, options.rounds)
    print(render_tables([table_of("guest_memory", found)], 118), end="")


def measure(pythons: Sequence[str], rounds: int) -> list[Figure]:
    """Run each program with the guest and without it, alternated."""
    figures: list[Figure] = []
    for name, (libraries, command) in COMMANDS.items():
        python = next((each for each in pythons if has(each, libraries)), None)
        if python is None:
            say(f"{name}: no interpreter has {' and '.join(libraries)}")
            continue
        figures += _of_program(name, command, python, rounds)
    return figures


def has(python: str, libraries: Sequence[str]) -> bool:
    """Return whether an interpreter finds all these libraries."""
    test = "import sys, importlib.util as u; sys.exit(not all(map(u.find_spec, sys.argv[1:])))"
    return subprocess.run([python, "-c", test, *libraries], check=False).returncode == 0


def _of_program(name: str, command: tuple[str, ...], python: str, rounds: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        context = _context(command, python, Path(folder))
        ways = {
            way: partial(_run, f"{name} {way}", replace(context, agent=agent))
            for way, agent in WAYS.items()
        }
        outcomes = alternate(ways, rounds)
    peaks = {way: [run.peak_rss / 1e6 for run in runs] for way, runs in outcomes.items()}
    alone, guest = peaks.values()
    return [
        *(figure(f"{name} {way}", "MB", values) for way, values in peaks.items()),
        figure(name, "times the memory", ratios(guest, alone), GOAL),
    ]


def _context(command: tuple[str, ...], python: str, folder: Path) -> RunContext:
    return RunContext(
        subject=replace(load_settings(PROGRAMS / FILE_NAME).subject, command=command),
        folder=PROGRAMS,
        campaign=folder,
        executable=python,
        bases={},
        covers=(),
        marks={},
        data=None,
    )


def _run(name: str, context: RunContext) -> Outcome:
    """Run one program, which must end well, and whose model the guest must have read."""
    request = TrialRequest(Trial("memory", TrialKind.CLEAN, 0), LIMITS)
    outcome = run_trial(request, context, Slot(0, context.work / "0")).outcome
    if not outcome.exit.fine or (outcome.parameters is not None) is not context.agent:
        raise SystemExit(f"{name}: {outcome.exit}, digest {outcome.parameters}, {outcome.error}")
    say(f"{name}: {outcome.peak_rss / 1e6:.0f} MB")
    return outcome


if __name__ == "__main__":
    main(sys.argv[1:])
