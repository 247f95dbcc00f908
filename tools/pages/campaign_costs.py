"""Writes docs/campaign-costs.md from the measurements in benchmarks/.

python tools/pages/campaign_costs.py > docs/campaign-costs.md

``make bench-campaign``, ``benchmarks/peers.py`` and ``benchmarks/parent.py`` make the measurements.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from trainwreck.model import Table
from trainwreck.report.text import render_tables

ROOT = Path(__file__).parents[2]
CAMPAIGNS = ROOT / "benchmarks" / "results-campaign.json"
PEERS = ROOT / "benchmarks" / "results-peers.json"
PARENT = ROOT / "benchmarks" / "results-parent.json"
PROSE = Path(__file__).with_name("campaign-costs.txt")
WIDTH = 120
NOTHING = "Nothing has been measured yet."
TITLES = {
    "naive": "all cold, no rules",
    "cold": "rules, --cold",
    "warm": "rules, warm",
    "exact": "--exact, warm",
    "exact-cold": "--exact --cold",
    "warm-only": "no rules, warm",
}
GROWING = ("mutant", "mutant, ended early", "together", "audit", "stem")
"""What grows with the number of mutants; of controls, one comes with fifty of them."""

NUMBERS = (60, 120, 320, 1000)
"""Mutants for which shares are projected."""

Result = Mapping[str, Any]


def main() -> None:
    """Print the page."""
    print(page(read(CAMPAIGNS), read(PEERS), read(PARENT)), end="")


def read(path: Path) -> Result:
    """Return what a benchmark has written, empty where it did not run yet."""
    found: Result = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def page(campaigns: Result, peers: Result, parent: Result) -> str:
    """Return the prose with the tables in the places that it names."""
    studies: Mapping[str, Result] = campaigns.get("studies", {})
    tables = {
        "MACHINE": machine(studies.values()),
        "WANTED": text(wanted(studies)),
        "WAYS": text(*(costs(name, study) for name, study in studies.items())),
        "PROJECTED": text(*(projected(name, study) for name, study in studies.items())),
        "FURTHER": text(*(further(name, study) for name, study in studies.items())),
        "DIFFERENCES": text(differences(campaigns.get("pooled", ()))),
        "SYMPTOMS": text(*(symptoms(name, study) for name, study in studies.items())),
        "PARTS": text(*(parts(name, study) for name, study in studies.items())),
        "STARTS": text(*(starts(name, study) for name, study in studies.items())),
        "PEERS": text(peer_costs(peers)) if peers else NOTHING,
        "PARENT": text(own_costs(parent)) if parent else NOTHING,
    }
    prose = PROSE.read_text(encoding="utf-8")
    for name, table in tables.items():
        prose = prose.replace(f"[{name}]", table)
    return prose


def text(*tables: Table) -> str:
    """Return tables as a block of plain text, without those that have no row."""
    shown = [table for table in tables if table.rows]
    return f"```\n{render_tables(shown, WIDTH).strip()}\n```" if shown else NOTHING


def machine(studies: Collection[Result]) -> str:
    """Return the machines of the measurements, their load, and the commits that were measured."""
    if not studies:
        return "no machine yet"
    found = next(iter(studies))["machine"]
    processors = " or ".join(dict.fromkeys(each["machine"]["processor"] for each in studies))
    steps = [s for each in studies for way in each["ways"].values() for s in way["steps"]]
    loads = [step["load"] for step in steps]
    commits = ", ".join(dict.fromkeys(c for each in studies for c in each["commits"]))
    return (
        f"{processors} (each study on one of them), {found['cores']} cores, "
        f"{found['memory_gb']:.0f} GB, Python {found['python']}, beside other work "
        f"(a load of {min(loads):.0f} to {max(loads):.0f}); trainwreck at {commits}"
    )


def seconds(value: float) -> str:
    """Return seconds of processor as text."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def share(value: float) -> str:
    """Return a share of processor time as a number and as a fraction of one."""
    if value <= 0 or value >= 1:
        return f"{value:.2f}"
    return f"{value:.2f} = 1/{1 / value:.1f}"


def wanted(studies: Mapping[str, Result]) -> Table:
    """Return what is wanted of processor time beside what was measured."""
    rows = []
    for name, study in studies.items():
        for answer in study["answers"]:
            limit = answer["wanted"]
            goal = f"1/{1 / limit:.0f}" if limit else ""
            verdict = "" if not limit else "yes" if answer["share"] <= limit else "no"
            row = answer["what"], name, goal, share(answer["share"]), verdict, answer["note"]
            rows.append(row)
    rows.sort(key=lambda row: row[0])
    head = ("Processor time of …", "Study", "Wanted", "Measured", "Reached", "")
    return Table("wanted", "Wanted and measured", head, tuple(rows))


def costs(name: str, study: Result) -> Table:
    """Return the processor time of each way, whole and as a share of the naive one."""
    naive = study["ways"].get("naive", {}).get("sums")
    rows = []
    for way, found in study["ways"].items():
        sums = found["sums"]
        shares = [
            share(sums[part] / naive[part]) if naive and naive[part] else ""
            for part in ("first", "whole")
        ]
        yard = [value for step in found["steps"] for value in step["yardstick"]]
        row = [TITLES[way], f"{sums['part']} of {sums['mutants']}", seconds(sums["first"])]
        whole = [seconds(sums["whole"]), shares[1]] if found["is_complete"] else ["", ""]
        row += [shares[0], *whole]
        row += [f"{min(yard):.2f} to {max(yard):.2f}" if yard else ""]
        rows.append(tuple(row))
    head = ("", "Mutants", "First runs s", "Share", "With further seeds s", "Share", "Yardstick s")
    title = f"{name}: {study['mutants']} mutants, {study['jobs']} at a time"
    return Table(name, title, head, tuple(rows))


def further(name: str, study: Result) -> Table:
    """Return what one more mutant costs in each way, by what grows with their number."""
    seconds_of = {
        way: sum(study["parts"][way].get(kind, 0.0) for kind in GROWING) / found["sums"]["part"]
        for way, found in comparable(study).items()
        if found["sums"]["part"]
    }
    naive = seconds_of.get("naive")
    rows = tuple(
        (TITLES[way], seconds(value), share(value / naive) if naive else "")
        for way, value in seconds_of.items()
    )
    return Table(name, f"{name}: one more mutant", ("", "Processor s", "Share"), rows)


def projected(name: str, study: Result) -> Table:
    """Return the share of the naive way in larger campaigns, by what grows and what does not.

    The limit has nothing but the fixed part of the warm way and its runs of mutants that propagate.
    """
    ways = comparable(study)
    if not {"naive", "warm"} <= ways.keys():
        return Table(name, "", (), ())
    naive, *others = (
        (TITLES[way], *parts_of(study, way)) for way in ("naive", "cold", "warm") if way in ways
    )
    _, fixed, _ = others[-1]
    found = ways["warm"]["symptoms"].get("propagated", {"cpu": 0.0, "stems": 0.0})
    needed = (found["cpu"] + found["stems"]) / ways["warm"]["sums"]["part"]
    columns = [*others, ("limit", fixed, needed)]
    rows = []
    for number in NUMBERS:
        whole = naive[1] + naive[2] * number
        shares = [share((start + each * number) / whole) for _, start, each in columns]
        rows.append((f"{number:,}", *shares))
    head = ("Mutants", *(title for title, _, _ in columns))
    return Table(name, f"{name}: share of all cold without rules, projected", head, tuple(rows))


def comparable(study: Result) -> dict[str, Result]:
    """Return the ways that ran as far as the naive one: with further seeds, or first runs alone."""
    far = study["ways"].get("naive", {}).get("is_complete")
    return {name: way for name, way in study["ways"].items() if way.get("is_complete") == far}


def parts_of(study: Result, way: str) -> tuple[float, float]:
    """Return the processor seconds of a way that do not grow, and those that each mutant adds.

    The sum is that of all mutants, even where a part of them ran.
    """
    found = study["ways"][way]
    sums, which = found["sums"], "whole" if found.get("is_complete") else "first"
    grows = sum(study["parts"][way].get(kind, 0.0) for kind in (*GROWING, "control"))
    each = grows / sums["part"]
    return sums[which] - each * sums["mutants"], each


def differences(pooled: Sequence[Result]) -> Table:
    """Return how far ways differ in what they say of the same mutants."""
    rows = tuple(
        (
            TITLES[row["way"]],
            TITLES[row["against"]],
            row["what"],
            row["compared"],
            row["differ"],
            f"{100 * row['low']:.1f} to {100 * row['high']:.1f} %",
            "" if row["wanted"] is None else f"{100 * row['wanted']:g} %",
        )
        for row in pooled
    )
    head = ("Way", "Against", "What", "Compared", "Differ", "95 % interval", "Wanted")
    note = "*Ends* are silent, propagated, crash and hang. *Decisions* are those of rules."
    return Table("differences", "What differs, over all studies", head, rows, note)


def symptoms(name: str, study: Result) -> Table:
    """Return the processor seconds of one mutant by its symptom, in each way."""
    ways = study["ways"]
    classes = sorted({kind for way in ways.values() for kind in way["symptoms"]})
    rows = []
    for kind in classes:
        cells = [cost_of(way["symptoms"].get(kind)) for way in ways.values()]
        number = max(way["symptoms"].get(kind, {}).get("mutants", 0) for way in ways.values())
        rows.append((kind, number, *cells))
    head = ("", "Mutants", *(TITLES[way] for way in ways))
    return Table(name, f"{name}: processor seconds of one mutant", head, tuple(rows))


def cost_of(found: Result | None) -> str:
    """Return the mean cost of a mutant; what comes of stems is named apart."""
    if not found or not found["mutants"]:
        return ""
    own, stems = (found[part] / found["mutants"] for part in ("cpu", "stems"))
    return f"{own:.1f} + {stems:.1f}" if stems else f"{own:.1f}"


def parts(name: str, study: Result) -> Table:
    """Return the processor seconds of each way by their purpose, as measured."""
    ways = study["parts"]
    kinds = list(dict.fromkeys(kind for way in ways.values() for kind in way))
    rows = [
        (kind, *(seconds(way[kind]) if kind in way else "" for way in ways.values()))
        for kind in kinds
    ]
    rows.append(("in all", *(seconds(sum(way.values())) for way in ways.values())))
    head = ("", *(TITLES[way] for way in ways))
    return Table(name, f"{name}: processor seconds by purpose, not scaled", head, tuple(rows))


def starts(name: str, study: Result) -> Table:
    """Return how mutants started in each way that starts warm, and why they started cold."""
    rows: list[tuple[object, ...]] = []
    for way, found in study["ways"].items():
        if not found["started_cold"] and not found["started"].get("warm"):
            continue
        counts = found["started"]
        rows.append((TITLES[way], "warm", counts.get("warm", 0)))
        rows += [(TITLES[way], f"cold: {why}", n) for why, n in found["started_cold"].items()]
        rows.append((TITLES[way], "no run", counts.get("none", 0)))
    return Table(name, f"{name}: how mutants started", ("Way", "Start", "Mutants"), tuple(rows))


def peer_costs(peers: Result) -> Table:
    """Return what one mutant costs in each tool, on the same program."""
    rows = tuple(
        (
            row["tool"],
            row["mutants"],
            seconds(row["cpu"]),
            f"{row['per_mutant']:.2f}",
            f"{row['clean_runs']:.2f}",
            f"{row['memory'] / 2**20:.0f}",
            row["ends"],
        )
        for row in peers["rows"]
    )
    head = ("", "Mutants", "CPU s", "CPU s a mutant", "in clean runs", "MB", "Ends")
    title = f"{peers['program']}; a clean run takes {peers['clean']:.2f} s of processor"
    return Table("peers", title, head, rows)


def own_costs(parent: Result) -> Table:
    """Return the processor time of trainwreck's own process for one mutant."""
    rows = tuple(
        (row["files"], row["mutants"], row["runs"], f"{row['own']:.0f}", f"{row['own_of_run']:.0f}")
        for row in parent["rows"]
    )
    head = ("Further files", "Mutants", "Runs", "ms for a mutant", "ms for a run")
    title = f"trainwreck's own process; wanted: at most {parent['wanted']:.0f} ms for a mutant"
    return Table("parent", title, head, rows)


if __name__ == "__main__":
    main()
