"""Brings the steps and the campaigns of all ways together to one result."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from campaign_facts import Mutated, mutated, reasons, versions
from compared_ways import (
    WARMED_UP,
    Sum,
    by_symptom,
    differences,
    fixed_seconds,
    pair_costs,
    seeds_not_run,
    summed,
)
from machine import describe_machine
from ways import COLD, FURTHER, NAIVE, PLAN

REFERENCES = (NAIVE, COLD)
STEM = "stem"
OF_MACHINE = ("processor", "cores", "memory_gb", "system", "python")

Step = Mapping[str, Any]


def measured(
    folders: Mapping[str, Path], steps: Sequence[Step], limits: Mapping[str, int], draws: int
) -> dict[str, Any]:
    """Return the result of one study, as plain values.

    Args:
        folders: The folder of each way's campaign.
        steps: What has run so far.
        limits: The number of mutants that run in each way.
        draws: The most seeds and folds that a mutant runs with.

    """
    begun = [way for way in folders if any(step["way"] == way for step in steps)]
    found = {way: mutated(folders[way], limits[way]) for way in begun}
    ways = {
        way: way_result(way, [s for s in steps if s["way"] == way], found[way], limits, draws)
        for way in begun
    }
    compared = [
        asdict(difference)
        for reference in REFERENCES
        if reference in found
        for way in begun
        if way not in (reference, NAIVE)
        for difference in differences(way, found[way], reference, found[reference])
    ]
    crashes = {
        way: pair_costs(found[way], found[COLD], stem_seconds(ways[way]["stored"]), WARMED_UP)
        for way in begun
        if COLD in found and way not in (COLD, NAIVE)
    }
    return {
        "machine": machine(),
        **(versions(folders[begun[0]]) if begun else {}),
        "commits": list(dict.fromkeys(step["commit"] for step in steps)),
        "ways": ways,
        "differences": compared,
        "early_crashes": crashes,
    }


def way_result(
    way: str,
    steps: Sequence[Step],
    found: Mapping[str, Mutated],
    limits: Mapping[str, int],
    draws: int,
) -> dict[str, Any]:
    """Return what one way used, and what it found."""
    first = [step for step in steps if step["stage"] != FURTHER]
    further = [step for step in steps if step["stage"] == FURTHER]
    stored = {name: list(values) for name, values in steps[-1]["stored"].items()}
    stored_first = first[-1]["stored"] if first else {}
    unrun = seeds_not_run(found, draws) if further else 0.0
    done = max((step["mutants"] for step in steps), default=0)
    planned = sum(step["cpu"] for step in steps if step["stage"] == PLAN)
    sums = summed(
        first,
        further,
        max(limits.values()),
        done,
        planned,
        planned + fixed_seconds(stored) - fixed_seconds(stored_first),
    )
    return {
        "sums": with_estimate(sums, unrun),
        "steps": [{k: v for k, v in step.items() if k not in ("stored", "way")} for step in steps],
        "has_first": done == limits[way],
        "is_complete": done == limits[way] and bool(further) == (draws > 1),
        "stored": stored,
        "stored_first": stored_first,
        "own": sum(step["own"] for step in steps),
        "decided_by": dict(Counter(each.decided_by for each in found.values())),
        "started": dict(Counter(each.started for each in found.values())),
        "started_cold": reasons(found),
        "symptoms": by_symptom(found, stem_seconds(stored)),
    }


def with_estimate(sums: Sum, unrun: float) -> dict[str, float]:
    """Return sums with the seconds that a fixed number of seeds would have taken besides."""
    factor = sums.mutants / sums.part if sums.part else 0.0
    return {**asdict(sums), "estimated": unrun * factor}


def stem_seconds(stored: Mapping[str, Sequence[float]]) -> float:
    """Return the processor seconds of all stems, without those of their children."""
    return float(stored[STEM][1]) if STEM in stored else 0.0


def machine() -> dict[str, Any]:
    """Return the machine, without what other results have as well."""
    described = describe_machine("")
    return {
        name: described[name] for name in ("processor", "cores", "memory_gb", "system", "python")
    }
