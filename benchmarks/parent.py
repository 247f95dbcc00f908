"""The parent's own processor time for one mutant, on a small program with few or many files.

``python benchmarks/parent.py [--mutants N] [--files N …] [--out FILE]`` runs campaigns of a tiny
program, one trial at a time, and divides what trainwreck's own process took (threads included,
children not) by the number of mutants that ran. Planning, baseline and imports happen before.
"""

import argparse
import json
import resource
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from subject import say
from trainwreck import Campaign
from trainwreck.model import TrialKind
from trainwreck.subject.settings_file import FILE_NAME, load_settings

OUT = Path(__file__).with_name("results-parent.json")
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


@dataclass(frozen=True)
class Row:
    """What one program took: ``own`` are milliseconds of the parent, for a mutant and for a run."""

    files: int
    mutants: int
    runs: int
    own: float
    own_of_run: float


def measure(folder: Path, files: int, mutants: int) -> Row:
    """Return the row of one program, which has a number of further files."""
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
    return Row(files, mutants, ran, 1000 * taken / mutants, 1000 * taken / max(ran, 1))


def main() -> None:
    """Measure, and write and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--files", type=int, nargs="*", default=[0, 2000])
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    rows = []
    for files in options.files:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(Path(folder), files, options.mutants))
    content = {"wanted": GOAL_MS, "rows": [asdict(row) for row in rows]}
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    say(options.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
