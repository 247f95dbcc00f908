"""Judges what a stem leaves: whether its children's results count, and what starts again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trainwreck.model import Outcome
from trainwreck.model.start import STARTED, prefix_cpu
from trainwreck.run.agent_events import STEM
from trainwreck.run.launcher import TrialRequest, TrialResult
from trainwreck.run.stem.plan import StemPlan
from trainwreck.run.stem.stem import NOT_REACHED, StemEnd

CLEAN = "clean"
ENDED_STEM = "its warm run ended its stem"


@dataclass(frozen=True, slots=True)
class Judged:
    """The yield of one stem: results, requests to start cold with reasons, and others to repeat.

    ``useless`` is why no result of it counts; empty where one does, and where a child is to blame.
    """

    results: list[TrialResult]
    cold: list[tuple[TrialRequest, str]]
    again: list[TrialRequest]
    useless: str


def judge(plan: StemPlan, end: StemEnd, own: TrialResult | None, clean: Collection[str]) -> Judged:
    """Judge a stem that has ended.

    Args:
        plan: The stem.
        end: What it leaves.
        own: Its own result, None where it did not run.
        clean: The digests of clean runs of its draw.

    """
    problem = end.problem or _problem_of(end, own, clean)
    if end.culprit is None and problem:
        end.culprit = end.spoiler
    requests = {m.number: m.request for m in plan.members if m.request}
    results = {} if problem else end.results
    again = _again(end, requests.keys(), problem)
    cold = [
        (request, _reason(number, end, problem))
        for number, request in requests.items()
        if number not in results and number not in again
    ]
    stem = [_with_facts(own, end, list(results.values()), len(cold), problem)] if own else []
    return Judged(
        [*stem, *(results[number] for number in sorted(results))],
        [*plan.cold, *cold],
        [requests[number] for number in sorted(again)],
        "" if results or again else problem or next(iter(end.cold.values()), NOT_REACHED),
    )


def _problem_of(end: StemEnd, own: TrialResult | None, clean: Collection[str]) -> str:
    """Return why a stem proves nothing, empty where it does."""
    if own is None or not own.outcome.exit.fine:
        return "its stem failed"
    if not end.is_over and own.outcome.digest not in clean:
        return "its stem ended otherwise than clean runs"
    if not end.without:
        return "its stem had no child without a mutant" if end.results else ""
    whole = _whole(own.outcome, end)
    if whole.digest not in clean:
        return "its stem ended otherwise than clean runs"
    # Where clean runs end in several ways, stem and child may each take another one.
    if not all(each.exit.fine and each.digest in clean for each in end.without):
        return "a child without a mutant ended otherwise than clean runs"
    return ""


def _whole(own: Outcome, end: StemEnd) -> Outcome:
    """Return the clean run that a stem is: its last child has done the rest where it is over."""
    if not (end.is_over and own.exit.fine):
        return own
    return replace(
        end.without[-1],
        trial_id=own.trial_id,
        seconds=own.seconds,
        cpu_seconds=own.cpu_seconds,
        peak_rss=max(own.peak_rss, end.without[-1].peak_rss),
        overhead=own.overhead,
    )


def _again(end: StemEnd, numbers: Collection[int], problem: str) -> set[int]:
    """Return the members that may start warm in another stem.

    Where a child has ended its stem, the others can do without that child.
    """
    if not problem:
        left = set(numbers) - end.results.keys() - end.cold.keys() if end.dirty else set()
        return left | end.again.keys()
    if end.culprit is None:
        return set()
    return set(numbers) - end.cold.keys() - {end.culprit}


def _reason(number: int, end: StemEnd, problem: str) -> str:
    """Return why a member starts cold."""
    if number == end.culprit:
        return ENDED_STEM
    return end.cold.get(number) or problem or NOT_REACHED


def _with_facts(
    own: TrialResult, end: StemEnd, results: Sequence[TrialResult], cold: int, problem: str
) -> TrialResult:
    """Return a stem's own result, with its facts, and with the cost of all that is no result."""
    outcome = _whole(own.outcome, end)
    stem: Mapping[str, Any] = {
        "children": len(results),
        "cold": cold,
        "cpu": outcome.cpu_seconds,
        "ended": problem or CLEAN,
    }
    not_of_results = end.cpu_seconds - sum(map(_own_cpu, results))
    return replace(
        own,
        outcome=replace(
            outcome,
            cpu_seconds=outcome.cpu_seconds + max(0.0, not_of_results),
            observations={**outcome.observations, STEM: stem},
        ),
    )


def _own_cpu(result: TrialResult) -> float:
    """Return the processor seconds of a child alone, which are counted as its trial's."""
    outcome = result.outcome
    return outcome.cpu_seconds - prefix_cpu(outcome.observations[STARTED])
