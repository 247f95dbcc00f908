"""Writes docs/scale.md and its chart from the measurements in results-scale.json.

python benchmarks/scale_page.py --take FILE...     # takes rows that scale.py and large.py wrote
python benchmarks/scale_page.py > docs/scale.md

A row takes the place of an earlier one of the same size. ``driver`` are rows of scale.py whose runs
end at once, ``sleeping`` those with trainings that sleep, ``on_ray`` the same on Ray; ``large`` are
rows of large.py.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy

from scale_model import Costs, most_slots, share_of_training, simulate

ROOT = Path(__file__).parents[1]
MEASURED = Path(__file__).with_name("results-scale.json")
PROSE = Path(__file__).with_name("scale-page.txt")
PICTURE = ROOT / "docs" / "pictures" / "scale.svg"
TRAININGS = (1, 10, 60, 600)
SLOTS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
FEW, MANY = 4, 50
"""Rows with up to these numbers of slots show how long a start takes, and what takes the driver."""
WANTED = {"plan": 60, "resume": 60, "status": 60, "report": 180, "merge": 180}
FULL = {"mutants": 1_000_000, "outcomes": 10_000_000}

SIZES = {
    "driver": ("what",),
    "sleeping": ("jobs", "sleep"),
    "on_ray": ("jobs", "sleep"),
    "large": ("mutants", "outcomes"),
}
"""What is measured, and by which of its values a row takes the place of another."""
NOT_TRIED = """\
Sleeping slots on Ray could not be tried: Ray gives its node 30 seconds to start, which did not
suffice beside the other work. For the same reason two slots on Ray were not compared with two
local ones."""

Row = Mapping[str, Any]


def main() -> None:
    """Take measurements, or draw the chart and print the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--take", type=Path, nargs="+", metavar="FILE")
    files = parser.parse_args().take
    measured = json.loads(MEASURED.read_text())
    if files:
        new = [row for file in files for row in json.loads(file.read_text())]
        MEASURED.write_text(json.dumps(taken(measured, new), indent=1) + "\n")
    else:
        print_page(measured)


def taken(measured: Mapping[str, Any], new: Sequence[Row]) -> dict[str, Any]:
    """Return measurements with new rows, each in the place of an earlier one of its size."""
    sections = {name: list(measured.get(name, ())) for name in SIZES}
    for row in new:
        name = section_of(row)
        rows = [old for old in sections[name] if size_of(name, old) != size_of(name, row)]
        sections[name] = sorted([*rows, row], key=partial(size_of, name))
    return {**measured, **{name: rows for name, rows in sections.items() if rows}}


def size_of(section: str, row: Row) -> list[Any]:
    """Return the values by which a row takes the place of another."""
    return [row[key] for key in SIZES[section]]


def section_of(row: Row) -> str:
    """Return what a row measures."""
    if "stages" in row:
        return "large"
    if not row["sleep"]:
        return "driver"
    return "sleeping" if row["what"] == "local" else "on_ray"


def print_page(measured: Mapping[str, Any]) -> None:
    """Draw the chart, and print the page."""
    fixed, own, watch, start, shares = fitted(measured["sleeping"])
    local, ray = (row["driver_ms_per_outcome"] / 1000 for row in measured["driver"])
    store, idle_start = measured["store_ms"] / 1000, start * shares
    engines = {
        "one machine": Costs(own + local, store, watch, idle_start),
        "Ray": Costs(ray, store, 0.0, idle_start),
    }
    draw(engines)
    parts = {
        "DRIVER": driver_table(measured["driver"]),
        "OWN": f"{1000 * own:.0f} ms",
        "WATCH": f"{1000 * watch:.1f} ms",
        "START": f"{start:.1f} s",
        "LIMITS": limits(engines),
        "CHECK": check(measured["sleeping"], Costs(own, store, watch, start), fixed),
        "LARGE": large(measured["large"]),
        "LOAD": load_of(measured["large"]),
        "ON_RAY": on_ray(measured),
    }
    prose = PROSE.read_text(encoding="utf-8")
    for name, text in parts.items():
        prose = prose.replace(f"[{name}]", text)
    print(prose, end="")


def fitted(rows: Sequence[Row]) -> tuple[float, float, float, float, float]:
    """Return what explains the driver's time in trainings that sleep, by least squares.

    Returns:
        Seconds of the driver for a campaign, for each training and for each second of one; the
        seconds from one training of a slot to its next; and the share of a processor that a thread
        had meanwhile.

    """
    few = [row for row in rows if row["jobs"] <= FEW and row["sleep"] >= 1]
    start = float(
        numpy.mean([row["jobs"] * row["wall"] / row["outcomes"] - row["sleep"] for row in few])
    )
    share = float(numpy.mean([row["share"] for row in few]))
    rows = [row for row in rows if row["jobs"] <= MANY]
    seconds = [row["outcomes"] * (row["sleep"] + start) for row in rows]
    terms = [(1, row["outcomes"], second) for row, second in zip(rows, seconds, strict=True)]
    cpu = numpy.array([row["driver_cpu"] for row in rows])
    # Each row counts alike, whatever its size.
    matrix = numpy.array(terms) / cpu[:, None]
    found = numpy.linalg.lstsq(matrix, numpy.ones(len(rows)), rcond=None)[0]
    return float(found[0]), float(found[1]), float(found[2]), start, share


def driver_table(rows: Sequence[Row]) -> str:
    """Return what runs that end at once cost the driver."""
    return table(
        ("engine, 2 slots", "outcomes", "processor time for each", "outcomes per second", "file"),
        (
            (
                row["what"].replace("ray", "Ray"),
                f"{row['outcomes']:,}",
                f"{row['driver_ms_per_outcome']:.1f} ms",
                f"{row['outcomes_per_second']:.0f}",
                f"{row['bytes_per_outcome'] / 1000:.1f} kB each",
            )
            for row in rows
        ),
    )


def limits(engines: Mapping[str, Costs]) -> str:
    """Return how many slots keep the driver, or what stores, busy all the time."""
    rows = []
    for training in TRAININGS:
        row = [f"{training} s"]
        for costs in engines.values():
            each = training + costs.start
            row.append(f"{1 / (costs.watch + costs.outcome / each):,.0f}")
        some = engines["Ray"]
        row.append(f"{most_slots(some.store, training, some.start):,}")
        rows.append(row)
    return table(("a training", *(f"driver, {name}" for name in engines), "storing alone"), rows)


def check(rows: Sequence[Row], costs: Costs, fixed: float) -> str:
    """Return real campaigns beside their simulations, under the load that they had."""
    lines = []
    for row in sorted(rows, key=lambda row: (row["jobs"], row["sleep"])):
        found = simulate(costs, row["jobs"], row["sleep"], row["outcomes"], spread=0.0)
        seconds = row["outcomes"] * (row["sleep"] + costs.start)
        cpu = fixed + row["outcomes"] * costs.outcome + seconds * costs.watch
        lines.append(
            (
                str(row["jobs"]),
                f"{row['outcomes']} of {row['sleep']:.0f} s",
                f"{row['wall']:.0f} s",
                f"{found.seconds:.0f} s",
                f"{row['driver_cpu']:.1f} s",
                f"{cpu:.1f} s",
                f"{row['load']:.0f}",
            )
        )
    head = ("slots", "trainings", "took", "simulated", "driver's processor", "model", "load")
    return table(head, lines)


def on_ray(measured: Mapping[str, Any]) -> str:
    """Return campaigns of trainings that sleep on Ray, each beside the local one of its size."""
    rows = measured.get("on_ray")
    if not rows:
        return NOT_TRIED
    local = {(row["jobs"], row["sleep"]): row for row in measured["sleeping"]}
    lines = []
    for row in rows:
        beside = local.get((row["jobs"], row["sleep"]))
        ratio = row["outcomes_per_second"] / beside["outcomes_per_second"] if beside else None
        lines.append(
            (
                str(row["jobs"]),
                f"{row['outcomes']} of {row['sleep']:.0f} s",
                f"{row['wall']:.0f} s",
                "" if ratio is None else f"{ratio:.2f}",
                f"{row['driver_cpu']:.1f} s",
                f"{row['load']:.0f}",
            )
        )
    head = ("slots on Ray", "trainings", "took", "outcomes per second, local = 1")
    return "Sleeping slots on Ray, whose start is not counted:\n\n" + table(
        (*head, "driver's processor", "load"), lines
    )


def large(rows: Sequence[Row]) -> str:
    """Return what commands took on generated campaigns, and a straight line to the full size.

    The first and the last row make the line.
    """
    first, last = rows[0], rows[-1]
    lines = []
    for stage, wanted in WANTED.items():
        measured = [row["stages"][stage] for row in (first, last)]
        seconds, megabytes = (at_full_size(stage, first, last, key) for key in ("cpu", "megabytes"))
        ratio = seconds / wanted
        lines.append(
            (
                stage,
                *(f"{found['cpu']:.2f} s" for found in measured),
                f"{measured[-1]['megabytes']:.0f} MB",
                f"{seconds:,.0f} s, {megabytes / 1000:.1f} GB",
                f"{wanted} s",
                "kept" if ratio <= 1 else f"{ratio:.1f} times as long",
            )
        )
    sizes = (f"{row['mutants']:,} / {row['outcomes']:,}" for row in (first, last))
    full = f"{FULL['mutants']:,} / {FULL['outcomes']:,}, by a line"
    return table(("command", *sizes, "peak", full, "wanted", ""), lines)


def load_of(rows: Sequence[Row]) -> str:
    """Return how much other work was beside the measurements of large campaigns."""
    most = max(row["load"] for row in rows)
    return f"On average, at most {most:.1f} processes waited or ran meanwhile."


def at_full_size(stage: str, first: Row, last: Row, key: str) -> float:
    """Return what a command would take at the full size, by a line through two measurements."""
    size = "mutants" if stage in ("plan", "resume", "status") else "outcomes"
    before, after = (row["stages"][stage][key] for row in (first, last))
    slope = (after - before) / (last[size] - first[size])
    return float(after + slope * (FULL[size] - last[size]))


def table(head: Sequence[str], rows: Any) -> str:
    """Return a table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def draw(engines: Mapping[str, Costs]) -> None:
    """Draw the share of their time in which slots train, for each engine."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "trainwreck"
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained", sharey=True)
    for axis, (name, costs) in zip(axes, engines.items(), strict=True):
        for training in TRAININGS:
            shares = [share_of_training(costs, slots, training) for slots in SLOTS]
            axis.plot(SLOTS, shares, marker=".", label=f"trainings of {training} s")
        axis.set_xscale("log")
        axis.set_title(f"{name}: {1000 * costs.outcome:.1f} ms for each outcome")
        axis.set_xlabel("slots")
        axis.set_ylim(0, 1)
    axes[0].set_ylabel("share of their time that slots train")
    axes[1].legend()
    figure.savefig(PICTURE, metadata={"Date": None})


if __name__ == "__main__":
    main()
