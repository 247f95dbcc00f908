"""What counts of a stem: its children without a mutant, and its own end where it has one."""

from dataclasses import replace

import pytest

from build import mutant, outcome
from trainwreck.model import Ending, Exit, Outcome, Trial, TrialKind
from trainwreck.model.start import STARTED, WARM
from trainwreck.run.instructions import Instructions, WarmStart
from trainwreck.run.launcher import TrialRequest, TrialResult
from trainwreck.run.limits import Limits
from trainwreck.run.stem.judged import judge
from trainwreck.run.stem.plan import Member, StemPlan
from trainwreck.run.stem.stem import StemEnd

CLEAN, OTHER = outcome(parameters="clean", cpu_seconds=20.0), outcome(parameters="other")
ALSO = outcome(parameters="clean too", cpu_seconds=20.0)
"""Another end of clean runs, which do not repeat."""
CUT = outcome(trial_id="stem", steps={}, parameters=None, cpu_seconds=3.0, seconds=4.0)
"""A stem that ended with its last child, before it had reported anything."""
TRIAL = Trial("s", TrialKind.MUTANT, 0, mutant=mutant())
STEM = Trial("s", TrialKind.STEM, 0)
PREFIX = 3.0


def judged(own: Outcome, *without: Outcome, is_over: bool) -> tuple[Outcome, list[str]]:
    """The stem's result, and why its only mutant starts cold, if it does."""
    start = WarmStart(frozenset([CLEAN.digest, ALSO.digest]))
    request = TrialRequest(TRIAL, Limits(9, 9, 1 << 30), Instructions(start=start))
    started = {"how": WARM, "prefix_seconds": PREFIX, "prefix_cpu": PREFIX}
    child = replace(OTHER, cpu_seconds=PREFIX + 5.0, observations={STARTED: started})
    spent = 5.0 + sum(each.cpu_seconds - PREFIX for each in without)
    end = StemEnd(
        {1: TrialResult(TRIAL, child)}, without=list(without), is_over=is_over, cpu_seconds=spent
    )
    plan = StemPlan({}, (Member(1, request, 1, 1),), (), 1)
    found = judge(plan, end, TrialResult(STEM, own), start.clean)
    assert len(found.results) == (1 if found.cold else 2)
    return found.results[0].outcome, [reason for _, reason in found.cold]


def test_a_stem_that_is_over_is_the_clean_run_that_its_last_child_ended() -> None:
    stem, cold = judged(CUT, CLEAN, CLEAN, is_over=True)
    assert not cold
    assert (stem.digest, stem.steps, stem.trial_id) == (CLEAN.digest, CLEAN.steps, "stem")
    assert stem.seconds == CUT.seconds
    # Its own three seconds, and what two children without a mutant used after their forks.
    assert stem.cpu_seconds == pytest.approx(3.0 + 2 * 17.0)
    assert stem.observations["stem"] == {"children": 1, "cold": 0, "cpu": 3.0, "ended": "clean"}


def test_a_stem_that_failed_is_stored_as_it_ended_although_it_was_over() -> None:
    killed = replace(CUT, exit=Exit(Ending.SIGNAL, 9))
    stem, cold = judged(killed, CLEAN, CLEAN, is_over=True)
    assert cold == ["its stem failed"]
    assert (stem.exit, stem.digest) == (killed.exit, killed.digest)


@pytest.mark.parametrize(
    ("own", "without", "is_over", "reason"),
    [
        (CLEAN, [CLEAN], False, ""),
        (CUT, [CLEAN], True, ""),
        (CUT, [CLEAN], False, "its stem ended otherwise than clean runs"),
        (OTHER, [CLEAN], False, "its stem ended otherwise than clean runs"),
        (CUT, [OTHER], True, "its stem ended otherwise than clean runs"),
        (CUT, [OTHER, CLEAN], True, "a child without a mutant ended otherwise than clean runs"),
        (CUT, [CLEAN, OTHER], True, "its stem ended otherwise than clean runs"),
        (CLEAN, [OTHER], False, "a child without a mutant ended otherwise than clean runs"),
        (CLEAN, [ALSO, CLEAN], False, ""),
        (CUT, [ALSO, CLEAN], True, ""),
        (CLEAN, [], False, "its stem had no child without a mutant"),
        (replace(CUT, exit=Exit(Ending.SIGNAL, 9)), [CLEAN], True, "its stem failed"),
    ],
)
def test_nothing_counts_unless_every_clean_end_is_one_of_clean_runs(
    own: Outcome, without: list[Outcome], is_over: bool, reason: str
) -> None:
    assert judged(own, *without, is_over=is_over)[1] == ([reason] if reason else [])
