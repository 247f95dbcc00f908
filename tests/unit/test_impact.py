"""What propagated mutants did, by made-up runs."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf, isfinite, nan

import pytest

from trainwreck.judge.comparison import Decision, ignores_seed
from trainwreck.judge.impact import impacts_of
from trainwreck.model import (
    SHOWN,
    UNKNOWN_FOLD,
    Better,
    Compared,
    Draw,
    Ending,
    Exit,
    Ground,
    Impact,
    Margin,
    Measurement,
    Metric,
    Sample,
)
from trainwreck.report.reasons import reasons

ACCURACY = Metric("accuracy", "", Better.HIGHER, (0, 1), Margin(0.02))
CLEAN = [0.75 + 0.001 * (7 * index % 20) for index in range(20)]
ALIKE = [CLEAN[index] + 0.001 * (-1) ** index for index in range(10)]
DECISION = Decision(analysis_points=(3, 5, 10))


def sample(values: Sequence[float], seconds: float = 10.0) -> Sample:
    return Sample.of(runs(values, seconds))


def runs(
    values: Sequence[float], seconds: float = 10.0, digest: str = "", fold: int = 0
) -> list[Measurement]:
    return [
        Measurement(
            mutant_id="m",
            draw=Draw(seed, fold),
            exit=Exit(Ending.EXITED, 0),
            metrics={"accuracy": value},
            seconds=seconds,
            cpu_seconds=seconds + seed / 100,
            whole=True,
            digest=digest or f"{seed} {value}",
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


def compared(
    values: Sequence[float],
    metric: Metric = ACCURACY,
    clean: Sequence[float] = CLEAN,
    decision: Decision = DECISION,
) -> Compared:
    return impacts_of({"m": sample(values)}, runs(clean), [metric], decision)["m"].compared[0]


def test_a_clear_loss_is_told_from_a_clear_gain() -> None:
    assert impact_of([0.5, 0.51, 0.52]) == (Impact.DEGRADED,)
    assert impact_of([0.9, 0.91, 0.92]) == (Impact.IMPROVED,)


def test_a_metric_that_is_good_when_low_turns_the_verdict() -> None:
    lower = replace(ACCURACY, better=Better.LOWER)
    assert impact_of([0.5, 0.51, 0.52], metric=lower) == (Impact.IMPROVED,)


def test_a_direction_without_a_size_is_worse_or_better() -> None:
    lost, won = [0.735, 0.736, 0.738, 0.735, 0.737], [0.775, 0.776, 0.774, 0.773, 0.778]
    assert impact_of(lost) == (Impact.WORSE,)
    assert impact_of(won) == (Impact.BETTER,)
    assert compared(lost).grounds == (Ground.DIFFERENT, Ground.SIZE_OPEN)
    assert impact_of([0.5, 0.51, 0.52], metric=replace(ACCURACY, margin=None)) == (Impact.WORSE,)


def test_one_run_is_never_enough_for_a_difference() -> None:
    assert impact_of([0.5]) == (Impact.UNDECIDED,)


def test_runs_like_the_clean_ones_are_equivalent_within_the_margin_only() -> None:
    assert impact_of(ALIKE) == (Impact.EQUIVALENT,)
    assert impact_of(ALIKE, metric=replace(ACCURACY, margin=None)) == (Impact.UNDECIDED,)
    assert impact_of(ALIKE, metric=replace(ACCURACY, margin=Margin(1e-4))) == (Impact.UNDECIDED,)


def test_nine_runs_are_too_few_to_be_equivalent() -> None:
    assert impact_of(ALIKE[:9]) == (Impact.UNDECIDED,)
    assert Ground.TOO_FEW_TO_BE_EQUIVALENT in compared(ALIKE[:9]).grounds


def test_a_verdict_of_equivalence_names_the_rate_that_it_does_not_exclude() -> None:
    strict = replace(DECISION, alpha=0.01)
    assert compared(ALIKE).not_excluded == pytest.approx(0.26, abs=0.005)
    assert compared(ALIKE, decision=strict).not_excluded == pytest.approx(0.37, abs=0.005)
    assert compared(ALIKE[:9]).not_excluded is None


def test_one_collapse_among_ten_runs_is_not_equivalent() -> None:
    assert impact_of([*ALIKE[:9], 0.4]) == (Impact.UNDECIDED,)


def test_runs_that_equal_the_clean_ones_of_their_draws_need_no_margin() -> None:
    without = replace(ACCURACY, margin=None)
    assert impact_of(CLEAN[:10], metric=without) == (Impact.EQUIVALENT,)
    assert impact_of(CLEAN[:9], metric=without) == (Impact.UNDECIDED,)
    assert compared(CLEAN[:9], without).grounds[0] is Ground.EQUAL_TO_CLEAN


def test_pairs_of_draws_show_what_ranks_alone_do_not() -> None:
    """Values that go with the draw: each a little below its clean one, all among the clean ones."""
    values = [value - 0.002 + 0.0002 * (-1) ** seed for seed, value in enumerate(CLEAN[:10])]
    assert impact_of(values, metric=replace(ACCURACY, margin=None)) == (Impact.WORSE,)
    unpaired = Sample.of(
        replace(run, draw=Draw(run.draw.seed, UNKNOWN_FOLD)) for run in runs(values)
    )
    metric = replace(ACCURACY, margin=None)
    impacted = impacts_of({"m": unpaired}, runs(CLEAN), [metric], DECISION)["m"]
    assert impacted.impact == (Impact.UNDECIDED,)
    assert impacted.compared[0].pairs == 0
    assert compared(values).shared == pytest.approx(-0.002, abs=1e-4)


def test_a_second_run_of_a_draw_is_no_independent_value() -> None:
    twice = Sample.of([*runs([0.5, 0.51]), *runs([0.5, 0.51]), *runs([0.5, 0.51])])
    assert list(twice.numbers("accuracy")) == [0.5, 0.51]
    unknown = [replace(run, draw=Draw(0, UNKNOWN_FOLD)) for run in runs([0.5, 0.51])]
    assert len(Sample.of([*unknown, *unknown]).numbers("accuracy")) == 4


@pytest.mark.parametrize("value", [884543.0, nan, inf, -0.1])
def test_an_impossible_value_is_invalid_at_once(value: float) -> None:
    assert impact_of([value]) == (Impact.INVALID,)
    found = compared([value])
    assert found.grounds == (Ground.IMPOSSIBLE_VALUE,)
    assert repr(found.illegal) == repr((value,))


def test_where_nothing_varies_few_values_decide_nothing() -> None:
    """Of a coarse metric two runs of each side differ by chance often enough."""
    assert impact_of([0.6, 0.6], clean=[0.7, 0.7]) == (Impact.UNDECIDED,)
    assert impact_of([0.6] * 5, clean=[0.7] * 20) == (Impact.DEGRADED,)
    assert impact_of([0.7] * 10, clean=[0.7] * 20) == (Impact.EQUIVALENT,)
    assert impact_of([0.7] * 3, clean=[0.7] * 3) == (Impact.UNDECIDED,)


def test_a_program_that_ignores_the_seed_is_changed_and_not_tested() -> None:
    clean = runs([0.7] * 10, digest="same")
    impacted = impacts_of({"m": sample([0.6])}, clean, [ACCURACY], DECISION)["m"]
    assert impacted.impact == (Impact.CHANGED,)
    assert impacted.compared[0].p is None
    assert not impacted.is_open
    assert impacted.compared[0].grounds == (Ground.SEED_IGNORED,)
    assert impacted.compared[0].difference == pytest.approx(-0.1)
    assert ignores_seed(clean)
    invalid = impacts_of({"m": sample([7.0])}, clean, [ACCURACY], DECISION)["m"]
    assert invalid.impact == (Impact.INVALID,)
    folds = [run for fold in range(3) for run in runs([0.7 + fold] * 2, digest="a", fold=fold)]
    assert ignores_seed(folds)


def test_time_counts_from_the_margin_on() -> None:
    assert impact_of(ALIKE, seconds=13.0) == (Impact.EQUIVALENT, Impact.SLOWER)
    assert impact_of(ALIKE, seconds=5.0) == (Impact.EQUIVALENT, Impact.FASTER)
    assert impact_of(ALIKE, seconds=10.5) == (Impact.EQUIVALENT,)


def test_unknown_things_are_unknown_for_different_reasons() -> None:
    nothing = impacts_of({"m": Sample()}, runs(CLEAN), [ACCURACY], DECISION)["m"]
    assert nothing.impact == (Impact.UNDECIDED,)
    assert nothing.compared[0].grounds == (Ground.NO_MUTANT_VALUE,)
    assert compared([0.5], clean=[]).grounds == (Ground.NO_CLEAN_VALUE,)
    assert Ground.TOO_FEW_RUNS in compared([0.5, 0.6], clean=CLEAN[:3]).grounds
    assert Ground.NO_DIFFERENCE in compared(ALIKE[:5]).grounds


@pytest.mark.parametrize("clean", [[], [0.7], [0.7, 0.7], [0.7, nan], [inf, 0.7], CLEAN])
@pytest.mark.parametrize("values", [[], [0.5], [0.5, 0.6], [nan], [inf, 0.5], [0.5] * 12, ALIKE])
@pytest.mark.parametrize("margin", [None, Margin(0.02), Margin(0.02, is_share=True), Margin(9)])
def test_bad_values_have_a_verdict_or_a_reason(
    clean: list[float], values: list[float], margin: Margin | None
) -> None:
    metric = replace(ACCURACY, margin=margin)
    for decision in (DECISION, Decision(), Decision(alpha=0.5, analysis_points=(3,))):
        impacted = impacts_of({"m": sample(values)}, runs(clean), [metric], decision)["m"]
        for each in impacted.compared:
            assert each.grounds or each.impact is None
            assert bool(reasons(each)) == bool(each.grounds)
            numbers = (each.difference, each.a12, each.p, each.beyond, each.equivalence)
            assert all(number is None or isfinite(number) for number in numbers)
            assert each.interval is None or all(map(isfinite, each.interval))
    if not values or (not clean and all(map(isfinite, values))):
        assert impacted.impact == (Impact.UNDECIDED,)


def test_a_margin_may_be_a_share_of_the_clean_median() -> None:
    share = replace(ACCURACY, margin=Margin.read("3%"))
    assert compared(ALIKE, share).margin == pytest.approx(0.0228, abs=1e-3)
    assert impact_of(ALIKE, metric=share) == (Impact.EQUIVALENT,)
    of_nothing = replace(share, range=None)
    for values in ([0.1] * 12, [0.0] * 12):
        grounds = compared(values, of_nothing, [0.0, 0.0, 0.0, 0.1]).grounds
        assert Ground.MARGIN_OF_ZERO in grounds


def test_many_mutants_without_a_difference_raise_the_bar_for_one() -> None:
    alone = impacts_of({"m": sample([0.9, 0.91, 0.92])}, runs(CLEAN), [ACCURACY], DECISION)
    crowd = {str(number): sample([0.755, 0.76, 0.765]) for number in range(50)}
    among = impacts_of({"m": sample([0.9, 0.91, 0.92]), **crowd}, runs(CLEAN), [ACCURACY], DECISION)
    assert alone["m"].compared[0].p is not None
    assert among["m"].compared[0].p is not None
    assert alone["m"].compared[0].p < among["m"].compared[0].p


def test_alpha_reaches_every_verdict() -> None:
    strict = replace(DECISION, alpha=1e-9)
    for values in ([0.5, 0.51, 0.52], ALIKE):
        assert compared(values).impact in {Impact.DEGRADED, Impact.EQUIVALENT}
        assert compared(values, decision=strict).impact is Impact.UNDECIDED


def test_further_runs_are_made_only_where_they_can_decide() -> None:
    few, many = 2, len(CLEAN)
    assert DECISION.worthwhile(many, [])
    assert not Decision(analysis_points=(2,)).worthwhile(few, [])
    assert not Decision(analysis_points=(2,)).worthwhile(few, [ACCURACY])
    assert Decision(analysis_points=(10,)).worthwhile(few, [ACCURACY])
    assert not Decision().worthwhile(many, [ACCURACY])


def test_a_mutant_that_more_runs_would_hardly_decide_is_closed() -> None:
    without = replace(ACCURACY, margin=None)
    ordered = sorted(CLEAN)
    middling = [ordered[place] + 1e-4 for place in (1, 5, 9, 13, 18)]
    impacted = impacts_of({"m": sample(middling)}, runs(CLEAN), [without], DECISION)["m"]
    assert impacted.impact == (Impact.UNDECIDED,)
    assert not impacted.is_open
    assert Ground.HOPELESS in impacted.compared[0].grounds
    with_margin = impacts_of({"m": sample(middling)}, runs(CLEAN), [ACCURACY], DECISION)["m"]
    assert with_margin.is_open


def test_a_mutant_whose_size_is_open_runs_on_and_a_degraded_one_does_not() -> None:
    near, far = [0.735, 0.736, 0.738, 0.735, 0.737], [0.5, 0.51, 0.52]
    impacted = impacts_of({"n": sample(near), "f": sample(far)}, runs(CLEAN), [ACCURACY], DECISION)
    assert impacted["n"].impact == (Impact.WORSE,)
    assert impacted["n"].is_open
    assert not impacted["f"].is_open


def test_the_order_of_clean_runs_changes_no_verdict() -> None:
    mutants = {"a": sample(ALIKE), "b": sample([0.5, 0.51, 0.52]), "c": sample([0.73] * 5)}
    usual = impacts_of(mutants, runs(CLEAN), [ACCURACY], DECISION)
    for first in range(1, len(CLEAN)):
        turned = runs(CLEAN)[first:] + runs(CLEAN)[:first]
        again = impacts_of(mutants, turned, [ACCURACY], DECISION)
        assert {m: i.impact for m, i in again.items()} == {m: i.impact for m, i in usual.items()}


def test_the_impacts_that_show_a_difference_are_those_of_a_direction() -> None:
    assert Impact.WORSE in SHOWN
    assert SHOWN.isdisjoint({Impact.EQUIVALENT, Impact.UNDECIDED, Impact.SLOWER})


def test_runs_equal_to_clean_ones_are_closed_where_no_analysis_is_late_enough() -> None:
    early, late = Decision(analysis_points=(3, 5)), Decision(analysis_points=(3, 5, 10))
    same = sample(CLEAN[:3])
    for decision, runs_on in ((early, False), (late, True)):
        impacted = impacts_of({"m": same}, runs(CLEAN), [ACCURACY], decision)["m"]
        assert impacted.impact == (Impact.UNDECIDED,)
        assert impacted.is_open is runs_on


def test_hopeless_mutants_leave_less_to_the_others() -> None:
    without = replace(ACCURACY, margin=None)
    ordered = sorted(CLEAN)
    near = sample([ordered[place] - 5e-4 for place in (1, 2, 4, 6, 7)])
    middling = sample([ordered[place] + 1e-4 for place in (1, 5, 9, 13, 18)])
    alone = impacts_of({"n": near}, runs(CLEAN), [without], DECISION)["n"]
    crowd = {f"m{index}": middling for index in range(40)}
    among = impacts_of({"n": near, **crowd}, runs(CLEAN), [without], DECISION)
    assert not any(among[name].is_open for name in crowd)
    assert 0 <= among["n"].chance < alone.chance


def test_a_mutant_among_many_that_are_shown_keeps_its_chance() -> None:
    without = replace(ACCURACY, margin=None)
    ordered = sorted(CLEAN)
    near = sample([ordered[2] - 5e-4, ordered[6] + 5e-4, ordered[7] + 5e-4])
    shown = {f"s{index}": sample([0.5, 0.51, 0.52]) for index in range(40)}
    alone = impacts_of({"n": near}, runs(CLEAN), [without], DECISION)["n"]
    among = impacts_of({"n": near, **shown}, runs(CLEAN), [without], DECISION)["n"]
    assert among.is_open
    assert among.chance == pytest.approx(alone.chance, rel=0.1)
