"""Writes docs/trust.md from the measurements in results/trust.

python tools/pages/trust.py > docs/trust.md

``make chaos``, ``make zoo``, ``make bits`` and ``make soak`` make the measurements.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "chaos"))

from disturbances import FAULTS
from hostile import OPEN
from machine import machine
from trainwreck.model import Table
from trainwreck.report.text import render_tables

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results" / "trust"
PICTURE = ROOT / "docs" / "pictures" / "soak.svg"
PROSE = Path(__file__).with_name("trust.txt")
WIDTH = 120
LINE = 110
ORDER = (("strict", "mounts"), ("strict", "landlock"), ("copy", ""))
WALLS = {"mounts": "by mounts", "landlock": "by Landlock"}

Results = Mapping[str, Any]
Wall = tuple[str, str]
"""A level, and what stands around its trials."""


def main() -> None:
    """Print the page, and draw the soak's curve."""
    print(page(), end="")


def page() -> str:
    """Return the prose with the tables in the places that it names."""
    tables = {
        "MACHINE": machine(),
        "FAULTS": faults(results("chaos")),
        "HOSTILE": hostile(results("hostile")),
        "BITS": bits(results("bits")),
        "FUZZ": f"{10 * results('fuzz')['files']:,}",
        "SOAK": soak(results("soak")),
        "COST": cost(results("cost")),
    }
    prose = PROSE.read_text(encoding="utf-8")
    for name, table in tables.items():
        prose = prose.replace(f"[{name}]", table)
    return prose


def results(name: str) -> Results:
    """Return what a measurement has kept."""
    found: Results = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def text(table: Table) -> str:
    """Return a table as a block of plain text."""
    return f"```\n{render_tables([table], WIDTH).strip()}\n```"


def faults(chaos: Results) -> str:
    """Return how often each disturbance came, how many campaigns it broke, and all problems."""
    lives = chaos["lives"]
    tried: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for life in lives:
        names = [name_of(attempt["disturbance"]) for attempt in life["attempts"] if attempt["hit"]]
        tried.update(names)
        if problems_of(life):
            broken.update(set(names))
    rows = [(name, tried[name], broken[name]) for name in FAULTS]
    rows.append(("in all", sum(tried.values()), sum(bool(problems_of(life)) for life in lives)))
    counts = {
        kind: sum(problem.startswith(f"{kind}: ") for life in lives for problem in life["problems"])
        for kind in ("lost", "new", "different")
    }
    left = sum(p.startswith("left ") for life in lives for p in problems_of(life))
    title = f"{sum(tried.values())} disturbances of {len(lives)} campaigns, seed {chaos['seed']}"
    head = ("Disturbance", "Came", "In campaigns with a problem")
    summary = (
        f"Facts lost: {counts['lost']}. Facts new or doubled: {counts['new']}. Facts different: "
        f"{counts['different']}. Processes, locks and files left: {left}."
    )
    if over := sum(life.get("passed_over", 0) for life in lives):
        summary += (
            f" Mutants passed over, as their campaign had died twice at work on them: {over}; "
            "each is reported, and `trainwreck run ID` tries again."
        )
    listed = [
        f"* Campaign {life['number']}: {short(p)}" for life in lives for p in problems_of(life)
    ]
    parts = [text(Table("faults", title, head, tuple(rows))), summary]
    return "\n\n".join([*parts, "\n".join(listed)]).strip()


def name_of(disturbance: str) -> str:
    """Return the kind of a disturbance."""
    return disturbance.rpartition(" at ")[0]


def problems_of(life: Results) -> list[str]:
    """Return all that was wrong with one campaign."""
    during = [problem for attempt in life["attempts"] for problem in attempt["problems"]]
    return [*life["problems"], *during]


def short(problem: str) -> str:
    """Return a problem in one line: what a command said last is its reason."""
    line = " ".join(problem.split())
    return line if len(line) <= LINE else f"{line[: LINE // 3]} … {line[-LINE // 2 :]}"


def hostile(zoo: Results) -> str:
    """Return the totals of each wall, and one row for each hostile program."""
    walls: dict[Wall, list[Results]] = {wall: [] for wall in ORDER}
    acts: dict[str, dict[Wall, Results]] = {}
    for result in zoo["results"]:
        wall = (result["level"], result["means"])
        walls[wall].append(result)
        acts.setdefault(act_of(result), {})[wall] = result
    rows = [
        (act, *(outcome(found[wall]) if wall in found else "" for wall in walls))
        for act, found in acts.items()
    ]
    head = ("It …", *map(wall_name, walls))
    table = Table("hostile", f"{len(acts)} hostile programs", head, tuple(rows))
    return "\n\n".join([*(totals(wall, found) for wall, found in walls.items()), text(table)])


def act_of(result: Results) -> str:
    """Return what a program does, in one line."""
    return " ".join(result["does"].replace("`", "").split())


def wall_name(wall: Wall) -> str:
    """Return the name of a level, with what stands around the trial where there are several."""
    level, means = wall
    return f"{level}, {WALLS[means]}" if means in WALLS else level


def totals(wall: Wall, found: Sequence[Results]) -> str:
    """Say of one wall how many programs did harm."""
    closed = [result for result in found if not is_open(result)]
    harmed = sum(bool(result["harmed"]) for result in closed)
    left = sum(bool(result["left"]) for result in closed)
    else_ = sum(bool(result["problems"]) for result in closed)
    opened = f" ({len(found) - len(closed)} more are **open**)" if len(found) > len(closed) else ""
    name = wall_name(wall)
    return (
        f"{name[0].upper()}{name[1:]}: of {len(closed)} programs that it claims to stop{opened}, "
        f"{harmed} harmed something, {left} left something, and {else_} had another problem."
    )


def is_open(result: Results) -> bool:
    """Return whether a level does not claim to stop this act."""
    return result["act"] in OPEN.get((result["level"], result["means"]), ())


def outcome(result: Results) -> str:
    """Return how the run ended, with all that it did."""
    if is_open(result):
        return "open"
    parts = [result["ending"]]
    if result["harmed"]:
        parts.append(f"harmed {len(result['harmed'])}")
    if result["left"]:
        parts.append(f"left {len(result['left'])}")
    if result["problems"]:
        parts.append(short(result["problems"][0])[:40])
    return ", ".join(parts)


def bits(flipped: Results) -> str:
    """Return what flipped bits do."""
    rows = tuple(flipped["numbers"].items())
    number = sum(flipped["numbers"].values())
    title = f"{number} flips, seed {flipped['seed']}"
    return text(Table("bits", title, ("One flipped bit …", "Flips"), rows))


def soak(found: Results) -> str:
    """Return the curve of a soak, and a table of some of its points."""
    points = found["points"]
    draw(points)
    chosen = [points[number] for number in evenly(len(points))]
    names = ("trials", "memory", "descriptors", "threads", "processes", "work", "rate", "cpu")
    rows = tuple(tuple(point[name] for name in names) for point in chosen)
    head = ("Trials", "MB", "Descriptors", "Threads", "Children", "Files", "Trials/s", "CPU s")
    title = f"{points[-1]['trials']} trials, {found['jobs']} at a time"
    curve = "![Memory and rate over the trials of the soak](pictures/soak.svg)"
    columns = (
        "*MB* is the resident memory of the command, *Children* its processes between two trials, "
        "*Files* those below\nthe folder of its working copies, *CPU s* its own processor seconds "
        "for one trial."
    )
    return "\n\n".join([curve, text(Table("soak", title, head, rows)), columns])


def evenly(number: int, most: int = 10) -> Iterator[int]:
    """Yield at most ``most`` indices of ``number`` points, the first and the last among them."""
    chosen = min(number, most)
    for index in range(chosen):
        yield round(index * (number - 1) / max(chosen - 1, 1))


def draw(points: Sequence[Results]) -> None:
    """Draw memory, descriptors and rate over the trials."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "trainwreck"
    names = (("memory", "MB"), ("descriptors", "descriptors"), ("rate", "trials / s"))
    figure, axes = plt.subplots(1, len(names), figsize=(9, 2.6), layout="constrained")
    for axis, (name, label) in zip(axes, names, strict=True):
        axis.plot([point["trials"] for point in points], [point[name] for point in points])
        axis.set_xlabel("trials")
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, metadata={"Date": None})


def cost(measured: Results) -> str:
    """Return what containment costs a trial."""
    rows = tuple((each["what"], each["cpu_ms"], each["wall_ms"]) for each in measured["rows"])
    head = ("A trial of a program that does nothing", "CPU ms", "Wall ms")
    table = text(Table("cost", f"Medians over {measured['rounds']} trials each", head, rows))
    cpu = {each["what"]: each["cpu_ms"] for each in measured["rows"]}
    more = cpu["level strict"] - cpu["level none"]
    return (
        f"{table}\n\nStrict costs {more:.0f} ms of processor more than none; wanted are at most 10."
    )


if __name__ == "__main__":
    main()
