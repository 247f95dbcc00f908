"""The parent's own processor time for one mutant, on a small program with few or many files.

``python benchmarks/parent.py [--mutants N] [--files N …]`` runs campaigns of a tiny program, one
trial at a time, and divides what trainwreck's own process took (threads included, children not)
by the number of mutants that ran. Planning, baseline and imports happen before.
"""

import argparse
import resource
import sys
import tempfile
from pathlib import Path

from subject import say
from trainwreck import Campaign
from trainwreck.model import Table, TrialKind
from trainwreck.report.text import render_tables
from trainwreck.subject.settings_file import FILE_NAME, load_settings

GOAL_MS = 50.0
FUNCTIONS = 120
SETTINGS = """
[subject]
name = "tiny"
command = ["train.py"]

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'

[mutants]
per_file = 5000

[trials]
seeds = 1
"""
FUNCTION = """
def step{0}(x, rate={1}):
    if x > {0} and rate < 9:
        return x * {2} + rate
    return x - {1}
"""
LOOP = """
total = 0.0
for x in range(40):
    for step in STEPS:
        total += step(x) / 1000
    if x % 10 == 9:
        print("accuracy:", total)
"""


def write_program(folder: Path, files: int) -> Path:
    """Write a program with some hundred mutants and ``files`` further modules; return settings."""
    folder.mkdir()
    steps = "".join(FUNCTION.format(i, i % 7, i % 5 + 1) for i in range(FUNCTIONS))
    names = ", ".join(f"step{i}" for i in range(FUNCTIONS))
    (folder / "train.py").write_text(f"{steps}\nSTEPS = [{names}]\n{LOOP}", encoding="utf-8")
    for number in range(files):
        package = folder / f"package{number % 40}"
        package.mkdir(exist_ok=True)
        (package / f"module{number}.py").write_text(f"value = {number}\n" * 50, encoding="utf-8")
    (folder / FILE_NAME).write_text(SETTINGS, encoding="utf-8")
    return folder / FILE_NAME


def own_seconds() -> float:
    """Return the processor seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(folder: Path, files: int, mutants: int) -> tuple[object, ...]:
    """Return the row of one program: files, mutants that ran, milliseconds of each."""
    settings = load_settings(write_program(folder / "program", files), python=sys.executable)
    with Campaign(folder / "campaign", settings, cache=folder / "cache") as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run(1, cold=True)
        began = own_seconds()
        campaign.run(mutants, cold=True)
        taken = own_seconds() - began
        with campaign.session() as session:
            costs = session.file.costs()
    ran = sum(cost.runs for cost in costs if cost.kind is TrialKind.MUTANT)
    return files, mutants, ran, f"{1000 * taken / mutants:.0f}", f"{1000 * taken / max(ran, 1):.0f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--files", type=int, nargs="*", default=[0, 2000])
    options = parser.parse_args()
    rows = []
    for files in options.files:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(Path(folder), files, options.mutants))
    table = Table(
        "parent",
        "The parent's own processor time",
        ("Further files", "Mutants", "Runs", "ms for a mutant", "ms for a run"),
        tuple(rows),
        f"Wanted: at most {GOAL_MS:.0f} ms for a mutant. Cold starts, one trial at a time.",
    )
    say("".join(render_tables([table])))


if __name__ == "__main__":
    main()
