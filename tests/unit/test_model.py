"""The nouns' own promises: identity, edits, names, what a run says."""

import json
from dataclasses import replace
from math import inf, isnan

import pytest

from build import edit_at, failure, mutant, mutants_of, outcome
from trainwreck.model import (
    MODULE_LEVEL,
    Better,
    Ending,
    Exit,
    Margin,
    Metric,
    PhaseTime,
    Stream,
    Trial,
    TrialKind,
    Which,
    content_id,
    described,
    metric_of,
    values_that_count,
)

TEXT = "a + b"


def test_an_id_depends_on_every_part_and_on_the_borders_between_them() -> None:
    assert content_id("ab", "c") != content_id("a", "bc")
    assert content_id("a", 1) == content_id("a", "1")
    assert len(content_id()) == 16


def test_a_mutant_keeps_the_id_that_it_has_today() -> None:
    assert mutant().id == "a695136ba95f51aa"


def test_a_mutant_is_named_by_a_sentence() -> None:
    assert mutant().name == "train.py:1: replace `+` with `-` in fit [ArOR]"
    deleted = mutant(function=MODULE_LEVEL, edits=(edit_at(3, "not ", ""),), operator="LogOR")
    assert deleted.name == "train.py:1: delete `not` at module level [LogOR]"


def test_two_edits_are_made_and_named_together() -> None:
    both = mutant(edits=(edit_at(0, "a", "aaa"), edit_at(4, "b", "")))
    assert both.apply(TEXT) == "aaa + "
    assert "replace `a` with `aaa` and delete `b`" in both.name


def test_a_mutant_refuses_a_text_that_is_not_its_own() -> None:
    with pytest.raises(ValueError, match=r"train\.py no longer reads `\+` at 1"):
        mutant().apply("a - b")


def test_a_counter_goes_around_the_expression_that_holds_the_edit() -> None:
    assert mutant().apply_counted(TEXT, "hit()") == "(hit() and (a - b))"


def test_a_counter_goes_around_an_expression_behind_the_edit() -> None:
    assigned = mutants_of("a += b", "AsOR")[1]
    assert assigned.apply_counted("a += b", "hit()") == "a = (hit() and (b))"


def test_a_counter_follows_what_an_edit_moved() -> None:
    moved = mutant(edits=(edit_at(0, "a", "aaa"),), evaluated=(4, 5))
    assert moved.apply_counted(TEXT, "hit()") == "aaa + (hit() and (b))"


def test_without_an_expression_nothing_is_counted() -> None:
    assert mutant(evaluated=None).apply_counted(TEXT, "hit()") == "a - b"


def test_a_diff_shows_the_changed_line() -> None:
    text = "x = 1\na + b\ny = 2\n"
    shown = mutant(edits=(edit_at(8, "+", "-", line=2),)).diff(text)
    assert shown.startswith("--- a/train.py\n+++ b/train.py\n@@ -1,3 +1,3 @@\n")
    assert "\n-a + b\n+a - b\n" in shown


def test_a_trial_is_the_same_trial_only_where_everything_is_equal() -> None:
    trial = Trial("subject", TrialKind.MUTANT, 0, mutant=mutant())
    others = [
        replace(trial, subject="other"),
        replace(trial, kind=TrialKind.CLEAN),
        replace(trial, seed=1),
        replace(trial, fold=1),
        replace(trial, repeat=1),
        replace(trial, mutant=None),
        replace(trial, mutant=mutant(source_sha="1" * 64)),
        replace(trial, mutant=mutant(anchor="b.0+0")),
    ]
    assert len({trial.id, *(other.id for other in others)}) == 9
    assert replace(trial).id == trial.id


def test_a_run_is_fine_when_it_exits_with_status_nought() -> None:
    assert Exit(Ending.EXITED, 0).fine
    assert not Exit(Ending.EXITED, 1).fine
    assert not Exit(Ending.SIGNAL, 0).fine


def test_only_broken_and_lost_endings_prove_nothing() -> None:
    prove_nothing = {ending for ending in Ending if not Exit(ending, 0).proves}
    assert prove_nothing == {Ending.BROKEN, Ending.LOST}


@pytest.mark.parametrize("code", [0, 9, 255, -6])
@pytest.mark.parametrize("ending", Ending)
def test_an_exit_reads_what_it_writes(ending: Ending, code: int) -> None:
    exit_ = Exit(ending, code)
    assert str(exit_) == f"{ending.value} {code}"
    assert Exit.read(str(exit_)) == exit_


@pytest.mark.parametrize("text", ["", "exited", "exited zero", "fell 1", "0"])
def test_exit_refuses_to_read_another_text(text: str) -> None:
    with pytest.raises(ValueError, match=f"`{text}` does not say"):
        Exit.read(text)


def test_the_last_value_of_a_metric_counts() -> None:
    run = outcome(steps={"loss": ("3", "nan", "1e-2"), "accuracy": ()})
    assert run.metrics == {"loss": 0.01}


def test_a_run_that_marked_no_phase_ended_in_import() -> None:
    assert outcome(phases=()).phase == "import"
    marks = (PhaseTime("constructing", 1, 1, 0), PhaseTime("learning", 2, 2, 0))
    assert outcome(phases=marks).phase == "learning"


def test_an_exception_was_raised_at_its_innermost_frame() -> None:
    place = outcome(error=failure()).place
    assert place is not None
    assert (place.file, place.line) == ("layers.py", 40)
    assert outcome(error=failure(frames=())).place is None
    assert outcome().place is None


def test_a_digest_covers_every_step_and_the_parameters() -> None:
    run = outcome()
    others = [
        outcome(steps={"accuracy": ("0.5", "0.70")}),
        outcome(steps={"accuracy": ("0.7",)}),
        outcome(steps={"loss": ("0.5", "0.7")}),
        outcome(parameters="abd"),
        outcome(parameters=None),
    ]
    assert len({run.digest, *(other.digest for other in others)}) == 6


def test_a_digest_does_not_cover_time_or_the_order_of_metrics() -> None:
    one = outcome(steps={"a": ("1",), "b": ("2",)}, seconds=1.0)
    two = outcome(steps={"b": ("2",), "a": ("1",)}, seconds=9.0, hits=7)
    assert one.digest == two.digest


# The value of a run


@pytest.mark.parametrize(
    ("which", "better", "steps", "value"),
    [
        (Which.LAST, Better.HIGHER, ("0.5", "0.75", "0.625"), 0.625),
        (Which.BEST, Better.HIGHER, ("0.5", "0.75", "0.625"), 0.75),
        (Which.BEST, Better.LOWER, ("0.5", "0.75", "0.625"), 0.5),
        (Which.BEST, Better.HIGHER, ("0.5", "nan"), 0.5),
        (Which.BEST, Better.HIGHER, ("0.5", "1.5"), 1.5),
        (Which.BEST, Better.LOWER, ("0.5", "-inf"), -inf),
        (Which.ALL, Better.HIGHER, ("0.5", "0.75", "0.625"), 0.625),
        (Which.ALL, Better.HIGHER, ("0.5",), 0.5),
        (Which.ALL, Better.HIGHER, ("0.5", "1.5", "0.5"), 1.5),
        (Which.ALL, Better.HIGHER, ("0.5", "inf", "-inf"), inf),
    ],
)
def test_the_value_of_a_run_is_the_last_or_best_or_the_mean_of_all(
    which: Which, better: Better, steps: tuple[str, ...], value: float
) -> None:
    metric = Metric("accuracy", "", better, (0, 1), which=which)
    assert metric.value_of(steps) == value
    assert values_that_count({"accuracy": steps, "other": ("1", "2")}, [metric]) == {
        "accuracy": value,
        "other": 2,
    }


@pytest.mark.parametrize("which", Which)
def test_a_run_that_reports_no_number_has_none_as_its_value(which: Which) -> None:
    metric = Metric("loss", "", Better.LOWER, None, which=which)
    assert isnan(metric.value_of(("nan", "nan")))
    assert values_that_count({"loss": ()}, [metric]) == {}


def test_the_mean_of_huge_values_is_finite() -> None:
    metric = Metric("loss", "", Better.LOWER, None, which=Which.ALL)
    assert metric.value_of(("1.5e308", "1.5e308")) == 1.5e308


@pytest.mark.parametrize(
    "metric",
    [
        Metric("a", "a (.)", Better.HIGHER, None),
        Metric("a", "a (.)", Better.LOWER, (0.0, 1.0), Margin(0.1), Stream.STDERR),
        Metric("a", "", Better.LOWER, None, Margin(0.1, True), None, "a.csv", "b", Which.ALL),
    ],
)
def test_a_metric_is_described_as_data_and_read_back(metric: Metric) -> None:
    assert metric_of(json.loads(json.dumps(described(metric)))) == metric


def test_a_metric_is_described_as_before_unless_it_uses_more() -> None:
    names = ["name", "pattern", "better", "range", "margin"]
    assert list(described(Metric("a", "a (.)", Better.HIGHER, None))) == names
