"""Which warm runs are believed, and which mutants run again from a cold start."""

import pytest

from build import outcome
from trainwreck.model import STUCK, Ending, Exit, Standstill, Stuck
from trainwreck.run.stem.belief import doubt_of

BELIEVED = {Standstill.UNCHANGING, Standstill.RUNAWAY}


@pytest.mark.parametrize("why", Standstill)
def test_doubt_of_a_stuck_warm_run_depends_on_whether_it_sleeps(why: Standstill) -> None:
    observed = {STUCK: Stuck(why, 4.0, 1.0).as_json()}
    warm = outcome(exit=Exit(Ending.STUCK, 9), settled="stuck", observations=observed)
    doubt = doubt_of(warm, has_bug=True)
    assert doubt == ("" if why in BELIEVED else "its warm run ended at: stuck")


def test_a_warm_run_that_computed_until_its_limit_is_believed() -> None:
    assert doubt_of(outcome(exit=Exit(Ending.CPU, 9)), has_bug=True) == ""


@pytest.mark.parametrize("ending", sorted({*Ending} - {Ending.EXITED, Ending.CPU}))
def test_doubt_of_a_warm_run_without_evidence_names_its_ending(ending: Ending) -> None:
    doubt = doubt_of(outcome(exit=Exit(ending, 9)), has_bug=True)
    assert doubt == f"its warm run ended at: {ending}"
