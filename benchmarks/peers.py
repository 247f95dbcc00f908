"""cosmic-ray, mutmut and trainwreck on one small program: time and memory for a mutant.

``python benchmarks/peers.py PYTHON`` needs a PYTHON with cosmic-ray, mutmut and pytest. The program
is in benchmarks/peers_program. One mutant runs at a time. A tool's cost is that of its whole
command, with all its processes; each is written as it is measured.
"""

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from metered import Used, metered
from subject import say
from trainwreck import Campaign
from trainwreck.model.start import Start
from trainwreck.subject.settings_file import FILE_NAME

PROGRAM = Path(__file__).with_name("peers_program")
OUT = Path(__file__).with_name("results-peers.json")
ROUNDS = 5
NO_RULES = "rules = []\n"
WARM = f'start = "{Start.WARM}"\n'


@dataclass(frozen=True)
class Row:
    """What a tool took: ``cpu`` and ``wall`` in seconds, ``memory`` of its largest process.

    ``per_mutant`` is in processor seconds, ``clean_runs`` the same in clean runs of the program.
    """

    tool: str
    version: str
    mutants: int
    cpu: float
    wall: float
    per_mutant: float
    clean_runs: float
    memory: int
    ends: str


Found = tuple[list[Used], Mapping[str, int]]
"""What the commands of a tool used, and how many mutants ended how."""
Tool = Callable[[str, Path], Found]


def cosmic_ray(python: str, folder: Path) -> Found:
    """Run all mutants of cosmic-ray."""
    config, session = folder / "cosmic-ray.toml", folder / "session.sqlite"
    text = config.read_text(encoding="utf-8").replace("PYTHON", python)
    config.write_text(text, encoding="utf-8")
    program = str(Path(python).with_name("cosmic-ray"))
    used = [_run([program, act, config.name, session.name], folder) for act in ("init", "exec")]
    with closing(sqlite3.connect(session)) as connection:
        rows = connection.execute("SELECT test_outcome FROM work_results").fetchall()
    return used, Counter(str(outcome).rpartition(".")[2].lower() for (outcome,) in rows)


def mutmut(isolation: str) -> Tool:
    """Return what runs all mutants of mutmut in one of its modes."""

    def run(python: str, folder: Path) -> Found:
        config = folder / "pyproject.toml"
        text = config.read_text(encoding="utf-8").replace('"fork"', f'"{isolation}"')
        config.write_text(text, encoding="utf-8")
        used = _run([python, "-m", "mutmut", "run", "--max-children", "1"], folder)
        codes: list[int | None] = []
        for meta in folder.glob("mutants/smallnet/*.meta"):
            codes += json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"].values()
        return [used], Counter(MUTMUT.get(code, "other") for code in codes if code is not None)

    return run


MUTMUT = {0: "survived", 1: "killed", 3: "killed", 33: "no test", 24: "timeout", 36: "timeout"}


def trainwreck(settings: str, *options: str) -> Tool:
    """Return what runs all mutants of trainwreck with further settings of trials and options."""

    def run(_python: str, folder: Path) -> Found:
        file = folder / FILE_NAME
        file.write_text(file.read_text(encoding="utf-8") + settings, encoding="utf-8")
        command = [sys.executable, "-m", "trainwreck", "run", "--jobs", "1", *options]
        used = _run(command, folder)
        judged = Campaign.open(folder / ".trainwreck").results().study.judged
        return [used], Counter(str(item.verdict.rung or "no verdict") for item in judged)

    return run


TOOLS: Mapping[str, tuple[Tool, str]] = {
    "cosmic-ray": (cosmic_ray, "cosmic-ray"),
    "mutmut, fork": (mutmut("fork"), "mutmut"),
    "mutmut, forkserver": (mutmut("forkserver"), "mutmut"),
    "trainwreck, no rules": (trainwreck(NO_RULES, "--cold"), "trainwreck"),
    "trainwreck --cold": (trainwreck("", "--cold"), "trainwreck"),
    "trainwreck, warm": (trainwreck(WARM), "trainwreck"),
}


def _run(command: list[str], folder: Path) -> Used:
    log = folder / "log"
    used = metered(command, log, folder)
    if used.status:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise SystemExit(f"{tail}\nexit status {used.status}: {command}")
    return used


def clean_seconds(python: str) -> float:
    """Return the processor seconds of one run of the program, without any tool."""
    with _copy() as folder:
        command = [python, "train.py", "0"]
        return median(_run(command, folder).cpu for _ in range(ROUNDS))


@contextmanager
def _copy() -> Iterator[Path]:
    """Make a folder for a while, with the program in it."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "program"
        shutil.copytree(PROGRAM, folder, ignore=shutil.ignore_patterns("__pycache__"))
        yield folder


def measure(python: str, names: list[str]) -> Iterator[tuple[float, list[Row]]]:
    """Yield the seconds of a clean run, and the rows so far."""
    clean, rows = clean_seconds(python), list[Row]()
    for name in names:
        tool, package = TOOLS[name]
        with _copy() as folder:
            used, ends = tool(python, folder)
        rows.append(row(name, version(python, package), used, ends, clean))
        say(f"{name}: {rows[-1]}")
        yield clean, rows


def row(tool: str, release: str, used: list[Used], ends: Mapping[str, int], clean: float) -> Row:
    """Return what a tool took for one mutant."""
    mutants, cpu = sum(ends.values()), sum(each.cpu for each in used)
    each = cpu / mutants if mutants else 0.0
    listed = ", ".join(f"{number} {end}" for end, number in sorted(ends.items()))
    return Row(
        tool,
        release,
        mutants,
        cpu,
        sum(part.wall for part in used),
        each,
        each / clean,
        max(part.memory for part in used),
        listed,
    )


def version(python: str, package: str) -> str:
    """Return the version of a package, in the interpreter that has it."""
    own = sys.executable if package == "trainwreck" else python
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([own, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main() -> None:
    """Measure the tools, and write what was found after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python")
    parser.add_argument("--tools", nargs="+", choices=list(TOOLS), default=list(TOOLS))
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    for clean, rows in measure(options.python, options.tools):
        content = {
            "program": "benchmarks/peers_program",
            "clean": clean,
            "rows": [asdict(each) for each in rows],
        }
        options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
