"""Both error rates of the rule that ends runs which are stuck, on the programs of tests/zoo_hangs.

Each act of the zoo is one mutant of one small training program: it hangs, or it makes the whole
program several times slower. A comment on its line says which. Each mutant runs as in a campaign.
"""

import argparse
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from trainwreck.cli.main import run
from trainwreck.model import Ending, Outcome, Stuck, TrialKind
from trainwreck.store.campaign_file import CampaignFile

ZOO = Path(__file__).parent.parent / "tests" / "zoo_hangs"
MARK = re.compile(r"# (hang|slow): (\w+)(?: at (\S+))?")
FUNCTION = re.compile(r"def (\w+)")


@dataclass(frozen=True)
class Act:
    """One act: the mutant of an operator on a line, and whether it hangs."""

    name: str
    file: str
    line: int
    operator: str
    original: str | None
    hangs: bool


def acts() -> Iterator[Act]:
    """Yield the acts of the zoo, as the comments of their lines name them."""
    for path in sorted(ZOO.glob("*.py")):
        name = path.stem
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if defined := FUNCTION.match(line):
                name = defined[1]
            if mark := MARK.search(line):
                yield Act(name, path.name, number, mark[2], mark[3], mark[1] == "hang")


def main() -> None:
    """Run the acts, and print what became of each and both error rates."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", help="acts, by default all")
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    chosen = [act for act in acts() if not arguments.names or act.name in arguments.names]
    with TemporaryDirectory() as name:
        rows = measure(Path(name), chosen, arguments.jobs)
    print_rates(rows)
    if arguments.out:
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def measure(folder: Path, chosen: list[Act], jobs: str) -> list[dict[str, object]]:
    """Return one row for each act, in the order of the zoo."""
    program, campaign = folder / "program", folder / "campaign"
    shutil.copytree(ZOO, program, ignore=shutil.ignore_patterns("__pycache__"))
    os.chdir(program)
    command = ["--campaign", str(campaign)]
    run([*command, "baseline", "--jobs", jobs])
    listed = StringIO()
    with redirect_stdout(listed):
        run([*command, "list", "--all", "--json"])
    mutants = [json.loads(line) for line in listed.getvalue().splitlines()]
    ids = {act: mutant_of(act, mutants) for act in chosen}
    run([*command, "run", "--jobs", jobs, *ids.values()])
    with CampaignFile.open(campaign) as file:
        outcomes = {mutant: outcome for _, mutant, outcome in file.outcomes(TrialKind.MUTANT)}
        clean = max(outcome.seconds for _, _, outcome in file.outcomes(TrialKind.CLEAN))
    return [row(act, outcomes[ids[act]], clean) for act in chosen]


def mutant_of(act: Act, mutants: list[dict[str, Any]]) -> str:
    """Return the id of the first mutant of an act's operator on its line."""
    for mutant in mutants:
        place = (mutant["file"], mutant["line"], mutant["operator"])
        is_meant = act.original in (None, mutant["original"])
        if is_meant and place == (act.file, act.line, act.operator):
            return str(mutant["id"])
    raise LookupError(f"no mutant for {act}")


def row(act: Act, outcome: Outcome, clean: float) -> dict[str, object]:
    """Return what became of one act, as data; a multiple is of the slowest clean run's time.

    The times of the phase are the program's own, without those in which it had no processor.
    """
    stuck = Stuck.read(outcome.observations)
    return {
        "act": act.name,
        "kind": "hang" if act.hangs else "slow",
        "exit": str(outcome.exit),
        "why": str(stuck.why) if stuck else "",
        "seconds": round(outcome.seconds, 2),
        "multiple": round(outcome.seconds / clean, 2),
        "phase_seconds": round(stuck.seconds, 2) if stuck else None,
        "phase_clean": round(stuck.clean, 2) if stuck else None,
        "is_stuck": outcome.exit.ending is Ending.STUCK,
    }


def print_rates(rows: list[dict[str, object]]) -> None:
    """Print a line for each act, then both error rates."""
    for item in rows:
        print(
            f"{item['kind']:5} {item['act']:42} {item['exit']:16} {item['why']:11} "
            f"{item['seconds']:6} s = {item['multiple']} x, "
            f"in its phase {item['phase_seconds']} s of {item['phase_clean']} s"
        )
    hangs = [item for item in rows if item["kind"] == "hang"]
    slow = [item for item in rows if item["kind"] == "slow"]
    caught = sum(bool(item["is_stuck"]) for item in hangs)
    print(f"hangs: {len(hangs)}, of them caught early {caught}, missed {len(hangs) - caught}")
    print(f"slow programs: {len(slow)}, called stuck {sum(bool(s['is_stuck']) for s in slow)}")


if __name__ == "__main__":
    main()
