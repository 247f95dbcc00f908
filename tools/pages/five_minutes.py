"""Writes docs/five-minutes.md: from an empty environment to a report, on three programs.

    python tools/pages/five_minutes.py FOLDER > docs/five-minutes.md

FOLDER becomes the home of the reader, and should be new. A wheel is built from the repository, and
every command is typed into a shell that has nothing but that home and the system's programs. What
was printed is kept in FOLDER/session.json, so that the same command goes on after an interruption,
and writes the page again at no cost. It downloads about 1 GB and takes 15 minutes to an hour.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = Path(__file__).with_name("five-minutes.txt")
SESSION = "session.json"
MUTANTS = 10
MOST = 6
"""Lines that the page shows of an installation; it shows every line of all else."""


@dataclass(frozen=True)
class Program:
    """A program of examples/, with what a person types for it."""

    name: str
    needs: str
    typed: str

    def commands(self, wheel: str) -> dict[str, str]:
        """Return the commands that a person types in its folder, by what they do."""
        return {
            "environment": "python3 -m venv venv && . venv/bin/activate",
            "install": f"pip install ~/{wheel}",
            "libraries": f"pip install {self.needs}",
            "init": f"trainwreck init {self.typed}",
            "run": f"trainwreck run --mutants {MUTANTS}",
            "report": "trainwreck report --html report.html",
        }


@dataclass(frozen=True)
class Step:
    """A command that was typed: what it printed, and what it took of the machine."""

    command: str
    printed: str
    seconds: float
    load: float
    """How busy the machine was before: the mean number of runnable tasks in one minute."""
    processors: int
    """Those that the command could use."""
    disk: int
    """Of the folder of the program after it, with the environment, in MB."""


PROGRAMS = (
    Program("digits", "scikit-learn matplotlib", "python plot_digits_classification.py"),
    Program("lightgbm", "lightgbm scikit-learn", "python train.py"),
    Program("keras-jax", "keras jax", "python train.py"),
)
ACTIVATED = ". venv/bin/activate && "
INSTALLING = ("install", "libraries")
TITLES = {
    "environment": "An empty environment",
    "install": "trainwreck",
    "libraries": "The libraries of the program (yours are there already)",
    "init": "`init`",
    "run": f"`run`, {MUTANTS} bugs",
    "report": "`report --html`",
}


def session(home: Path) -> dict[str, dict[str, Step]]:
    """Return the steps of each program; do those that were not done yet."""
    home.mkdir(parents=True, exist_ok=True)
    file = home / SESSION
    kept = json.loads(file.read_text()) if file.exists() else {}
    steps = {p: {n: Step(**step) for n, step in named.items()} for p, named in kept.items()}
    wheel = built(home)
    fetch = [sys.executable, str(ROOT / "examples" / "upstream.py")]
    subprocess.run(fetch, stdout=subprocess.DEVNULL, check=True)
    for program in PROGRAMS:
        done = steps.setdefault(program.name, {})
        folder = home / program.name
        if not folder.exists():
            hidden = shutil.ignore_patterns("trainwreck.toml", "__pycache__", ".train*")
            shutil.copytree(ROOT / "examples" / program.name, folder, ignore=hidden)
        for name, command in program.commands(wheel).items():
            if name not in done:
                before = "" if name == "environment" else ACTIVATED
                done[name] = performed(home, folder, before, command)
                file.write_text(json.dumps(steps, default=asdict, indent=1))
    return steps


def built(home: Path) -> str:
    """Build the wheel where it is missing; return its name."""
    if not list(home.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        subprocess.run([*command, "--wheel-dir", str(home), str(ROOT)], check=True)
    return next(home.glob("*.whl")).name


def performed(home: Path, folder: Path, before: str, command: str) -> Step:
    """Type a command into a shell with an empty environment; return what came of it."""
    python = Path(sys.base_prefix) / "bin"
    environment = {
        "HOME": str(home),
        "PATH": f"{python}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
    }
    load, begun = os.getloadavg()[0], time.monotonic()
    shell = subprocess.Popen(
        ["bash", "-c", before + command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert shell.stdout is not None
    printed = shell.stdout.read().replace(str(home), "~").rstrip()
    seconds = round(time.monotonic() - begun, 1)
    if status := shell.wait():
        sys.exit(f"`{command}` ended with {status}:\n{printed}")
    disk = subprocess.run(["du", "-sm", "."], cwd=folder, capture_output=True, check=True)
    return Step(
        command,
        printed,
        seconds,
        round(load, 1),
        len(os.sched_getaffinity(0)),
        int(disk.stdout.split()[0]),
    )


def shown(name: str, step: Step) -> str:
    """Return a step as a reader sees it in a terminal, long installations shortened."""
    lines = step.printed.splitlines()
    if name in INSTALLING and len(lines) > MOST:
        last = next(line for line in reversed(lines) if line.startswith("Successfully"))
        lines = [*lines[: MOST - 2], f"[... {len(lines) - MOST + 1} more lines]", last]
    return "\n".join(["```text", f"$ {step.command}", *lines, "```"])


def transcript(steps: dict[str, Step]) -> str:
    """Return all steps of one program, each with its time."""
    return "\n\n".join(
        f"{TITLES[name]}: {lasted(step.seconds)}.\n\n{shown(name, step)}"
        for name, step in steps.items()
    )


def table(steps: dict[str, dict[str, Step]]) -> str:
    """Return the time of each step on each program, and what a person types."""
    programs = list(steps)
    first = steps[programs[0]]
    rows = [
        [
            TITLES[name],
            str(lines_of(first[name])),
            *(lasted(steps[p][name].seconds) for p in programs),
        ]
        for name in first
    ]
    total = [lasted(sum(step.seconds for step in steps[p].values())) for p in programs]
    rows.append(["all", str(sum(map(lines_of, first.values()))), *total])
    head = ["step", "commands", *(f"`{p}`" for p in programs)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def lines_of(step: Step) -> int:
    """Return how many commands a step is."""
    return step.command.count("&&") + 1


def lasted(seconds: float) -> str:
    """Return a time as people say it, as in ``2 min 5 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.0f} s"


def listed(words: Iterable[str]) -> str:
    """Return words as a sentence has them, as in ``16, 16 and 24``."""
    *first, last = words
    return f"{', '.join(first)} and {last}"


def listed_once(numbers: Iterable[int]) -> str:
    """Return the different numbers, the smallest first."""
    different = sorted(set(numbers))
    return str(different[0]) if len(different) == 1 else f"{different[0]} to {different[-1]}"


def runs_made(folder: Path) -> tuple[int, float, int]:
    """Return how many runs a campaign has, their processor time, and the bytes of the largest."""
    asked = "SELECT count(*), sum(cpu_seconds), max(peak_rss) FROM run"
    with closing(sqlite3.connect(folder / ".trainwreck" / "campaign.sqlite")) as file:
        number, seconds, memory = file.execute(asked).fetchone()
    return number, seconds, memory


def facts(home: Path, steps: dict[str, dict[str, Step]]) -> dict[str, str]:
    """Return what stands in the slots of the page."""
    # Imported late: benchmarks/ has a module of this name, which tests import beside this one.
    from machine import machine

    made = [runs_made(home / program) for program in steps]
    every = [step for named in steps.values() for step in named.values()]
    loads = [step.load for step in every]
    slots = {
        "MACHINE": machine(),
        "PROCESSORS": listed_once(step.processors for step in every),
        "LOAD": f"{min(loads):g} to {max(loads):g}",
        "TABLE": table(steps),
        "RUNS": listed(str(runs) for runs, _, _ in made),
        "PROCESSOR": listed(lasted(seconds) for _, seconds, _ in made),
        "MEMORY": listed(f"{memory >> 20} MB" for _, _, memory in made),
        "CHARACTERS": listed(str(characters(steps[p])) for p in steps),
        "BASE": listed(f"{named['install'].disk} MB" for named in steps.values()),
        "DISK": listed(f"{named['report'].disk:,} MB" for named in steps.values()),
    }
    return slots | {program.upper(): transcript(named) for program, named in steps.items()}


def characters(steps: dict[str, Step]) -> int:
    """Return how many characters a person types."""
    return sum(len(step.command) for step in steps.values())


def main() -> None:
    """Print the page."""
    home = Path(sys.argv[1]).resolve()
    slots = facts(home, session(home))
    text = TEXT.read_text(encoding="utf-8")
    print(re.sub(r"\[([A-Z-]+)\]", lambda match: slots[match[1]], text), end="")


if __name__ == "__main__":
    main()
