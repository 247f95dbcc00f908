"""Runs the benchmarks: ``python benchmarks/run.py [NAME …] [--out FILE]``."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import checks
import html_report
import listing
import memory
import overhead
import own_time
import probes
import report
import seals
import studies
from figures import Figure
from machine import describe_machine
from subject import QUICK, say, study_python
from trainwreck.model import Table
from trainwreck.report.text import render_tables
from trainwreck.subject.studies import studies as bundled

BENCHMARKS: Mapping[str, Callable[..., list[Figure]]] = {
    "listing": listing.measure,
    "overhead": overhead.measure,
    "own_time": own_time.measure,
    "probes": probes.measure,
    "memory": memory.measure,
    "report": report.measure,
    "html_report": html_report.measure,
    "checks": checks.measure,
    "seals": seals.measure,
    "studies": studies.measure,
}
NEED_STUDY = frozenset(["listing", "overhead", "probes"])
PROFILES = ("tiny", QUICK, "paper")


def main(arguments: Sequence[str]) -> None:
    """Run what is named, or all; print tables, and write JSON where that is asked for."""
    options = _parser().parse_args(arguments)
    names = options.names or list(BENCHMARKS)
    python = options.python
    if not python and NEED_STUDY & set(names):
        python = study_python()
    machine = describe_machine(python)
    rounds = {"rounds": options.rounds} if options.rounds else {}
    chosen = {"studies": {"names": options.studies, "profiles": options.profiles}}
    results: dict[str, list[Figure]] = {}
    for name in names:
        say(f"{name} …")
        began = time.perf_counter()
        results[name] = BENCHMARKS[name](python, **rounds, **chosen.get(name, {}))
        say(f"{name}: {time.perf_counter() - began:.0f} s")
    print(render_tables(table_of(name, figures) for name, figures in results.items()), end="")
    if options.out:
        content = {
            "machine": machine,
            "figures": {name: [asdict(each) for each in found] for name, found in results.items()},
        }
        options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def table_of(name: str, figures: Sequence[Figure]) -> Table:
    """One benchmark's figures as rows."""
    columns = ("", "Median", "Least", "Most", "Unit", "Wanted", "Runs")
    rows = tuple(
        (
            each.what,
            _number(each.median),
            _number(each.least),
            _number(each.most),
            each.unit,
            _wanted(each),
            each.runs,
        )
        for each in figures
    )
    return Table(name, name, columns, rows)


def _wanted(each: Figure) -> str:
    limit = f"≤ {each.limit:g}" if each.limit is not None else ""
    floor = f"≥ {each.floor:g}" if each.floor is not None else ""
    return f"{floor} {limit}".strip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} (default: all)"
    )
    parser.add_argument(
        "--python",
        default="",
        help="interpreter with the Keras study's requirements (default: the study's environment)",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        choices=range(1, 101),
        metavar="N",
        help="times that each thing is measured (default: its own)",
    )
    parser.add_argument(
        "--studies",
        nargs="+",
        choices=list(bundled()),
        default=(),
        metavar="STUDY",
        help=f"what `studies` measures: {', '.join(bundled())} (default: all that can run here)",
    )
    parser.add_argument(
        "--profiles",
        nargs="+",
        choices=PROFILES,
        default=(QUICK,),
        metavar="PROFILE",
        help=f"for `studies`: {', '.join(PROFILES)}; at paper a run takes minutes (default: quick)",
    )
    parser.add_argument("--out", type=Path, help="write figures and machine to this JSON file")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
