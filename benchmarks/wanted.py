"""Compares measured campaigns with what is wanted, over one study or over all."""

from collections.abc import Iterable, Mapping
from typing import Any

from compared_ways import ASSUMED, PROVEN, exact_interval
from ways import COLD, EXACT, NAIVE, WARM

MODERN = ("keras", "torch")
FIRST_MODERN, FIRST_OLD = 1 / 5, 1 / 6
WHOLE = 1 / 4
EXACT_FIRST = 1 / 2
EARLY_CRASH = 1 / 8
ASSUMED_WRONG = 1 / 200
POOLED = (
    "symptoms",
    "ends",
    f"{PROVEN} decisions",
    f"{ASSUMED} decisions",
    "impacts",
    "no verdict",
)
LIMITS = {"symptoms": 0.0, f"{PROVEN} decisions": 0.0, f"{ASSUMED} decisions": ASSUMED_WRONG}

Result = Mapping[str, Any]
Answer = dict[str, Any]


def answers(study: str, result: Result) -> list[Answer]:
    """Return what one study measured beside what is wanted; shares of processor time."""
    ways = {name: way for name, way in result["ways"].items() if way["has_first"]}
    complete = {name: way for name, way in ways.items() if way["is_complete"]}
    limit = FIRST_MODERN if study in MODERN else FIRST_OLD
    found = [
        _first(ways, WARM, NAIVE, "first runs, warm, against all cold without rules", limit),
        _first(ways, COLD, NAIVE, "first runs, rules and --cold, against the same", None),
        _first(ways, WARM, COLD, "first runs, warm, against rules and --cold", None),
        _first(ways, EXACT, NAIVE, "first runs, --exact, against the same", EXACT_FIRST),
        _whole(complete, result["draws"]),
        _crash(result["early_crashes"].get(WARM), "after the first 50 mutants"),
    ]
    return [answer for answer in found if answer]


def _answer(what: str, share: float, wanted: float | None, note: str = "") -> Answer:
    return {"what": what, "share": share, "wanted": wanted, "note": note}


def _first(ways: Result, way: str, against: str, what: str, wanted: float | None) -> Answer | None:
    if way not in ways or against not in ways:
        return None
    one, other = ways[way]["sums"], ways[against]["sums"]
    slices = slice_shares(ways[way]["steps"], ways[against]["steps"])
    notes = [f"by slice {min(slices):.2f} to {max(slices):.2f}"] if len(slices) > 1 else []
    return _answer(what, one["first"] / other["first"], wanted, "; ".join(notes + _scaled(other)))


def _scaled(sums: Result) -> list[str]:
    is_part = sums["part"] < sums["mutants"]
    return [f"scaled from {sums['part']} of {sums['mutants']} mutants"] if is_part else []


def slice_shares(steps: Iterable[Result], other: Iterable[Result]) -> list[float]:
    """Return the share of processor time within each slice of first runs that both ways have."""
    ones, others = (
        {step["mutants"]: step["cpu"] for step in each if step["stage"] == "first"}
        for each in (steps, other)
    )
    return [seconds / others[end] for end, seconds in ones.items() if end in others]


def _whole(ways: Result, draws: int) -> Answer | None:
    if WARM not in ways or NAIVE not in ways or draws < 2:
        return None
    one, other = ways[WARM]["sums"], ways[NAIVE]["sums"]
    fixed = other["whole"] + other["estimated"]
    estimated = other["estimated"] / fixed
    notes = [f"{estimated:.0%} of the reference is estimated"] if estimated else []
    what = "whole campaign, against all cold with fixed seeds"
    return _answer(what, one["whole"] / fixed, WHOLE, "; ".join(notes + _scaled(other)))


def _crash(costs: Result | None, when: str) -> Answer | None:
    if not costs or not costs["mutants"] or not costs["cold"]:
        return None
    own, stems = (costs[name] / costs["cold"] for name in ("own", "stems"))
    note = f"{costs['mutants']} mutants, {costs['warm']} warm; without stems {own:.2f}"
    what = f"a crash before learning, {when}, against a cold run"
    return _answer(what, own + stems, EARLY_CRASH, note)


def pooled(results: Iterable[Result]) -> list[dict[str, Any]]:
    """Return how far ways differ over all studies, each share with its 95 % interval.

    Impacts are compared where both ways had further seeds, or neither.
    """
    sums: dict[tuple[str, str, str], list[int]] = {}
    for result in results:
        far = {name: way.get("is_complete") for name, way in result.get("ways", {}).items()}
        for each in result["differences"]:
            if each["what"] == "impacts" and far.get(each["way"]) != far.get(each["against"]):
                continue
            key = each["what"], each["way"], each["against"]
            compared, differ = sums.setdefault(key, [0, 0])
            sums[key] = [compared + each["compared"], differ + each["differ"]]
    rows = []
    for (what, way, against), (compared, differ) in sums.items():
        low, high = exact_interval(differ, compared)
        rows.append(
            {
                "what": what,
                "way": way,
                "against": against,
                "compared": compared,
                "differ": differ,
                "low": low,
                "high": high,
                "wanted": LIMITS.get(what),
            }
        )
    return sorted(rows, key=lambda row: (row["against"], row["way"], POOLED.index(row["what"])))


def parts(way: Result) -> dict[str, float]:
    """Return the processor seconds of a way by their purpose; they sum up to what was measured.

    `trainwreck itself` is the parent process. `listing, keepers, walls, lost runs` is what no
    stored run and not the parent took: processes that list mutants, what stands around each run,
    and warm runs that were not believed.
    """
    measured = sum(step["cpu"] for step in way["steps"])
    stored = {name: float(values[1]) for name, values in way["stored"].items()}
    rest = measured - way["own"] - sum(stored.values())
    return {**stored, "trainwreck itself": way["own"], "listing, keepers, walls, lost runs": rest}
