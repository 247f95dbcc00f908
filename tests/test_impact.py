"""What propagated mutants did, by made-up runs."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf, nan

import pytest

from trainwreck.judge import Decision, impacts_of
from trainwreck.model import Better, Draw, Ending, Exit, Impact, Measurement, Metric, Sample

ACCURACY = Metric("accuracy", "", Better.HIGHER, (0, 1), 0.02)
CLEAN = [0.75 + 0.001 * index for index in range(20)]
DECISION = Decision(looks=(3, 5))


def sample(values: Sequence[float], seconds: float = 10.0) -> Sample:
    return Sample.of(runs(values, seconds))


def runs(values: Sequence[float], seconds: float = 10.0) -> list[Measurement]:
    return [
        Measurement(
            mutant_id="m",
            draw=Draw(seed),
            exit=Exit(Ending.EXITED, 0),
            metrics={"accuracy": value},
            seconds=seconds,
            cpu_seconds=seconds + seed / 100,
            whole=True,
        )
        for seed, value in enumerate(values)
    ]


def impact_of(
    values: Sequence[float],
    seconds: float = 10.0,
    metric: Metric = ACCURACY,
    clean: Sequence[float] = CLEAN,
) -> tuple[Impact, ...]:
    return impacts_of({"m": sample(values, seconds)}, runs(clean), [metric], DECISION)["m"].impact


def test_a_clear_loss_is_told_from_a_clear_gain() -> None:
    assert impact_of([0.5, 0.51, 0.52]) == (Impact.DEGRADED,)
    assert impact_of([0.9, 0.91, 0.92]) == (Impact.IMPROVED,)


def test_a_metric_that_is_good_when_low_turns_the_verdict() -> None:
    lower = replace(ACCURACY, better=Better.LOWER)
    assert impact_of([0.5, 0.51, 0.52], metric=lower) == (Impact.IMPROVED,)


def test_one_run_is_never_enough_for_a_difference() -> None:
    assert impact_of([0.5]) == (Impact.UNDECIDED,)


def test_runs_like_the_clean_ones_are_equivalent_within_the_margin_only() -> None:
    assert impact_of(CLEAN) == (Impact.EQUIVALENT,)
    assert impact_of(CLEAN, metric=replace(ACCURACY, margin=None)) == (Impact.UNDECIDED,)
    assert impact_of(CLEAN, metric=replace(ACCURACY, margin=1e-4)) == (Impact.UNDECIDED,)


@pytest.mark.parametrize("value", [884543.0, nan, inf, -0.1])
def test_an_impossible_value_is_invalid_at_once(value: float) -> None:
    assert impact_of([value]) == (Impact.INVALID,)


def test_where_nothing_varies_values_are_compared_and_not_tested() -> None:
    assert impact_of([0.7, 0.7], clean=[0.7, 0.7]) == (Impact.EQUIVALENT,)
    assert impact_of([0.6, 0.6], clean=[0.7, 0.7]) == (Impact.DEGRADED,)
    assert impact_of([0.6], clean=[0.7, 0.7]) == (Impact.UNDECIDED,)


def test_time_counts_from_the_margin_on() -> None:
    assert impact_of(CLEAN, seconds=13.0) == (Impact.EQUIVALENT, Impact.SLOWER)
    assert impact_of(CLEAN, seconds=5.0) == (Impact.EQUIVALENT, Impact.FASTER)
    assert impact_of(CLEAN, seconds=10.5) == (Impact.EQUIVALENT,)


def test_no_runs_and_no_clean_runs_say_what_is_missing() -> None:
    found = impacts_of({"m": Sample()}, runs(CLEAN), [ACCURACY], DECISION)["m"]
    assert found.impact == (Impact.UNDECIDED,)
    assert "no run of the mutant" in found.compared[0].why
    found = impacts_of({"m": sample([0.5])}, [], [ACCURACY], DECISION)["m"]
    assert "no run of the clean program" in found.compared[0].why


def test_many_mutants_without_a_difference_raise_the_bar_for_one() -> None:
    alone = impacts_of({"m": sample([0.9, 0.91, 0.92])}, runs(CLEAN), [ACCURACY], DECISION)
    crowd = {str(number): sample([0.755, 0.76, 0.765]) for number in range(50)}
    among = impacts_of({"m": sample([0.9, 0.91, 0.92]), **crowd}, runs(CLEAN), [ACCURACY], DECISION)
    assert alone["m"].compared[0].p is not None
    assert among["m"].compared[0].p is not None
    assert alone["m"].compared[0].p < among["m"].compared[0].p


def test_further_runs_are_made_only_where_they_can_decide() -> None:
    assert DECISION.worthwhile(30, [])
    assert not Decision(looks=(2,)).worthwhile(2, [])
    assert Decision(looks=(2,)).worthwhile(2, [ACCURACY])
    assert not Decision().worthwhile(30, [ACCURACY])
