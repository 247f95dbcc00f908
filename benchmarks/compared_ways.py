"""Arithmetic on measured ways: sums of processor time, and how far their verdicts differ."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaign_facts import NO_RUN, Mutated
from trainwreck.model import NO_VERDICT, Rung, Symptom

CONFIDENCE = 0.95
PROVEN = "proven"
ASSUMED = "assumed"
FIXED = ("warming", "clean", "coverage")
"""Runs whose number does not depend on that of the mutants."""
WARMED_UP = 50
"""Mutants after which a crash is cheap."""

Steps = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Difference:
    """In how many of the compared mutants two ways differ, with a 95 % interval of the share."""

    what: str
    way: str
    against: str
    compared: int
    differ: int
    low: float
    high: float
    mutants: tuple[str, ...]


def exact_interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Clopper and Pearson, Biometrika 26, 1934).

    It is 0 to 1 where ``total`` is 0.
    """
    from scipy.stats import binomtest

    if not total:
        return 0.0, 1.0
    interval = binomtest(count, total).proportion_ci(CONFIDENCE, method="exact")
    return float(interval.low), float(interval.high)


def differences(
    way: str, found: Mapping[str, Mutated], against: str, reference: Mapping[str, Mutated]
) -> list[Difference]:
    """Return how far a way differs from another: symptoms, ends, decisions and impacts.

    Mutants without a verdict in one of them are left out, and counted apart.
    """
    pairs = {id_: (found[id_], reference[id_]) for id_ in found if id_ in reference}
    proven = {id_: pair for id_, pair in pairs.items() if NO_VERDICT not in _symptoms(pair)}

    def difference(what: str, compared: Iterable[str], wrong: Iterable[str]) -> Difference:
        compared, wrong = list(compared), sorted(wrong)
        interval = exact_interval(len(wrong), len(compared))
        return Difference(what, way, against, len(compared), len(wrong), *interval, tuple(wrong))

    decided = {
        certainty: [id_ for id_, (one, _) in proven.items() if one.certainty == certainty]
        for certainty in (PROVEN, ASSUMED)
    }
    return [
        difference(
            "symptoms", proven, (i for i, (a, b) in proven.items() if a.symptom != b.symptom)
        ),
        difference("ends", proven, (i for i, (a, b) in proven.items() if a.end != b.end)),
        *(
            difference(f"{name} decisions", ids, (i for i in ids if not agrees(*proven[i])))
            for name, ids in decided.items()
        ),
        difference("impacts", *_impacts(proven)),
        difference("no verdict", pairs, (id_ for id_ in pairs if id_ not in proven)),
    ]


def _symptoms(pair: tuple[Mutated, Mutated]) -> tuple[str, str]:
    return pair[0].symptom, pair[1].symptom


def _impacts(pairs: Mapping[str, tuple[Mutated, Mutated]]) -> tuple[list[str], list[str]]:
    """Return the mutants that propagated in both, and those of them whose impacts differ."""
    both = [i for i, (a, b) in pairs.items() if a.rung == b.rung == Rung.PROPAGATED]
    return both, [i for i in both if pairs[i][0].impact != pairs[i][1].impact]


def agrees(decided: Mutated, ran: Mutated) -> bool:
    """Return whether a complete run ends as a rule has decided.

    A run without probes cannot know whether a value was changed, only whether its line ran.
    """
    if decided.rung == Rung.UNREACHED and ran.rung != Rung.UNREACHED:
        return False
    return decided.end == ran.end


@dataclass(frozen=True)
class Sum:
    """Processor seconds of one way: ``first`` runs with all that goes with them, and ``whole``.

    ``part`` of ``mutants`` have run; where that is less, the figures are scaled.
    """

    first: float
    whole: float
    mutants: int
    part: int


def total(steps: Steps) -> float:
    """Return the processor seconds of all steps together."""
    return sum(float(step["cpu"]) for step in steps)


def summed(
    first: Steps, further: Steps, mutants: int, part: int, fixed_first: float, fixed: float
) -> Sum:
    """Return the processor seconds of a way, scaled to all mutants where only a part ran.

    Args:
        first: The steps of first runs.
        further: Those of further seeds.
        mutants: The number of mutants.
        part: The number of those that ran.
        fixed_first: Seconds of the first steps that do not depend on that number.
        fixed: The same in all steps.

    """
    seconds_first = total(first)
    seconds = seconds_first + total(further)
    return Sum(
        scaled(seconds_first, fixed_first, mutants, part),
        scaled(seconds, fixed, mutants, part),
        mutants,
        part,
    )


def scaled(seconds: float, fixed: float, mutants: int, part: int) -> float:
    """Return the seconds of all mutants, of which a part took those beyond the fixed ones."""
    return fixed + (seconds - fixed) * mutants / part if part else 0.0


def fixed_seconds(stored: Mapping[str, Sequence[float]]) -> float:
    """Return the seconds of stored runs whose number does not depend on that of the mutants."""
    return sum(float(stored[name][1]) for name in FIXED if name in stored)


def seeds_not_run(found: Mapping[str, Mutated], draws: int) -> float:
    """Return what further seeds would have taken that comparisons made unnecessary.

    Each is taken to cost as much as the mean run of its mutant.
    """
    if draws < 2:
        return 0.0
    return sum(
        (draws - each.draws) * (each.cpu + each.further) / each.draws
        for each in found.values()
        if each.end == Rung.PROPAGATED and 0 < each.draws < draws
    )


def by_symptom(
    found: Mapping[str, Mutated], stems: float, after: int = 0
) -> dict[str, dict[str, float]]:
    """Return mutants, those that ran, and their seconds, by symptom.

    Args:
        found: The mutants.
        stems: Processor seconds of all stems, which each warm run bears its part of.
        after: The mutants before this place are left out.

    Returns:
        For each class the ``mutants``, the ``runs``, their own ``cpu``, and ``stems``.

    """
    warm = sum(each.started == "warm" for each in found.values())
    share = stems / warm if warm else 0.0
    sums: dict[str, dict[str, float]] = {}
    for each in found.values():
        if each.place < after:
            continue
        row = sums.setdefault(class_of(each), dict.fromkeys(("mutants", "runs", "cpu", "stems"), 0))
        row["mutants"] += 1
        row["runs"] += each.started != NO_RUN
        row["cpu"] += each.cpu
        row["stems"] += share * (each.started == "warm")
    return sums


def class_of(each: Mutated) -> str:
    """Return the symptom of a mutant, divided further where its cost depends on it."""
    if each.symptom == Symptom.CRASH and each.started != NO_RUN:
        return "crash before learning" if each.is_early_crash else "crash while learning"
    return each.symptom if each.symptom != Symptom.NORMAL else each.end


def pair_costs(
    way: Mapping[str, Mutated], reference: Mapping[str, Mutated], stems: float, after: int
) -> dict[str, float]:
    """Return what early crashes cost in two ways: the same mutants, which ran in both.

    Args:
        way: What one way says of the mutants.
        reference: What the other one says, in which runs start cold.
        stems: Processor seconds of all stems of the first way.
        after: The mutants before this place are left out.

    """
    warm = sum(each.started == "warm" for each in way.values())
    share = stems / warm if warm else 0.0
    pairs = [
        (each, reference[id_])
        for id_, each in way.items()
        if id_ in reference and each.place >= after
        if each.started != NO_RUN and reference[id_].started != NO_RUN
        if reference[id_].is_early_crash
    ]
    return {
        "mutants": len(pairs),
        "warm": sum(one.started == "warm" for one, _ in pairs),
        "own": sum(one.cpu for one, _ in pairs),
        "stems": share * sum(one.started == "warm" for one, _ in pairs),
        "cold": sum(other.cpu for _, other in pairs),
    }
