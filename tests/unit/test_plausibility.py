"""What can hardly have been measured is doubted, and what bugs do is not."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from build import metric
from trainwreck.exchange.plausibility.checks import (
    Doubt,
    ObservedMutant,
    ObservedRun,
    PlausibilityCheck,
    find_doubts,
)
from trainwreck.findings import table_doubts
from trainwreck.model import Better, Draw, Metric, Symptom

TRACEBACK = "Traceback (most recent call last):\n  File ..."
LOSS = Metric("loss", "", Better.LOWER, None)
SHARE = Metric("accuracy", "", Better.HIGHER, (0, 1))


def run(line: int = 2, **changes: Any) -> ObservedRun:
    """A run that nobody doubts, another one for each line."""
    values: dict[str, Any] = {
        "line": line,
        "record": f"m{line}",
        "draw": Draw(0),
        "metrics": {"accuracy": 0.7},
        "series": {"accuracy": ("0.5", "0.6", "0.7")},
        "seconds": 20 + line / 1000 + 0.123456,
        "cpu_seconds": 18 + line / 1000,
        "fine": True,
    }
    if "metrics" in changes:
        values["series"] = {}
    return ObservedRun(**{**values, **changes})


CLEAN = [run(line, record="clean run", draw=Draw(line)) for line in range(4)]


def mutant(
    *runs: ObservedRun, symptom: Symptom | None = Symptom.NORMAL, **changes: Any
) -> ObservedMutant:
    return ObservedMutant(runs[0].line if runs else 9, "m", symptom, runs, **changes)


def doubts(
    *mutants: ObservedMutant,
    clean: Sequence[ObservedRun] = CLEAN,
    metrics: Iterable[Metric] = (SHARE,),
) -> list[Doubt]:
    return find_doubts(clean, mutants, metrics)


def checks(*mutants: ObservedMutant, **known: Any) -> list[PlausibilityCheck]:
    return [doubt.check for doubt in doubts(*mutants, **known)]


def test_nothing_is_doubted_of_what_bugs_do() -> None:
    crash = run(12, metrics={}, series={}, fine=False, seconds=0.5, cpu_seconds=0.4, log=TRACEBACK)
    stopped = run(13, fine=False, seconds=230.0, cpu_seconds=229.0)
    assert (
        doubts(
            mutant(run(10)),
            mutant(run(11), run(14, draw=Draw(3))),
            mutant(crash, symptom=Symptom.CRASH, failed=True, hits=3, in_line=True),
            mutant(stopped, symptom=Symptom.HANG),
            mutant(symptom=Symptom.CRASH),
            mutant(symptom=None),
        )
        == []
    )


def test_a_doubt_names_line_mutant_run_check_and_finding() -> None:
    (found,) = doubts(
        mutant(run(17, metrics={"accuracy": 1.5}, draw=Draw(2, 1)), run(18)),
        clean=[*CLEAN, run(5, draw=Draw(2, 1))],
    )
    assert found == Doubt(
        17,
        "m17, seed 2, fold 1",
        PlausibilityCheck.VALUE,
        "accuracy from 0 to 1",
        "1.5",
        "its range",
    )
    assert found.what == "expected accuracy from 0 to 1, its range; it has 1.5"


@pytest.mark.parametrize(
    ("declared", "clean", "value", "doubted"),
    [
        (SHARE, 0.7, 0.0, False),
        (SHARE, 0.7, 1.0, False),
        (SHARE, 0.7, -0.01, True),
        (SHARE, 0.7, float("nan"), True),
        (SHARE, 0.7, float("inf"), True),
        (SHARE, 0.7, 884543.0, True),
        (metric("val_acc"), 0.7, 71.0, True),
        (metric("val_acc"), 70.0, 71.0, False),
        (metric("Accuracy"), 70.0, 100.5, True),
        (LOSS, 0.7, 884543.0, False),
        (LOSS, 0.7, float("nan"), False),
        (metric("accumulated"), 0.7, 71.0, False),
    ],
)
def test_values_outside_of_what_is_legal_are_doubted(
    declared: Metric, clean: float, value: float, doubted: bool
) -> None:
    before = [run(line, metrics={declared.name: clean}, draw=Draw(line)) for line in range(3)]
    bug = mutant(run(10, metrics={declared.name: value}))
    found = checks(bug, clean=before, metrics=[declared])
    assert found == ([PlausibilityCheck.VALUE] if doubted else [])


def test_an_impossible_value_that_is_told_to_be_the_bugs_effect_is_not_doubted() -> None:
    assert checks(mutant(run(10, metrics={"accuracy": 884543.0}, explained=True))) == []
    assert checks(clean=[run(1, metrics={"accuracy": 2.0})]) == [PlausibilityCheck.VALUE]


@pytest.mark.parametrize(
    ("times", "doubted"),
    [
        ({"seconds": 19_000.5}, False),
        ({"seconds": 21_000.5}, True),
        ({"seconds": 0.021, "cpu_seconds": 0.02}, False),
        ({"seconds": 0.019, "cpu_seconds": 0.01}, True),
        ({"seconds": 0.0, "cpu_seconds": 0.0}, True),
        ({"seconds": -3.0}, True),
        ({"seconds": float("nan")}, True),
        ({"cpu_seconds": -1.0}, True),
        ({"cpu_seconds": float("nan")}, True),
        ({"cpu_seconds": 150.0}, False),
        ({"cpu_seconds": 350.0}, True),
        ({"seconds": None, "cpu_seconds": None}, False),
    ],
)
def test_absurd_times_are_doubted(times: dict[str, float], doubted: bool) -> None:
    found = checks(mutant(run(10, **times)))
    assert set(found) == ({PlausibilityCheck.TIME} if doubted else set())


def test_processors_are_counted_as_clean_runs_use_them() -> None:
    busy = [run(line, cpu_seconds=160.0 + line, draw=Draw(line)) for line in range(3)]
    assert checks(mutant(run(10, cpu_seconds=400.0)), clean=busy) == []


def test_a_normal_end_with_a_traceback_in_the_log_is_doubted() -> None:
    assert checks(mutant(run(10, log=TRACEBACK))) == [PlausibilityCheck.LOG]
    assert checks(mutant(run(10, log=TRACEBACK, fine=None))) == [PlausibilityCheck.LOG]
    quiet = run(10, log=TRACEBACK, fine=False, metrics={})
    assert checks(mutant(quiet, symptom=Symptom.CRASH)) == []
    usual = [run(line, log=TRACEBACK, draw=Draw(line)) for line in range(3)]
    assert checks(mutant(run(10, log=TRACEBACK)), clean=usual) == []


@pytest.mark.parametrize(
    ("symptom", "known", "doubted"),
    [
        (Symptom.NORMAL, {"fine": False}, True),
        (Symptom.NORMAL, {"fine": None}, False),
        (Symptom.NORMAL, {"fine": False, "whole": False}, False),
        (Symptom.CRASH, {"fine": True}, True),
        (Symptom.CRASH, {"fine": None}, True),
        (Symptom.CRASH, {"fine": False}, False),
        (Symptom.CRASH, {"fine": True, "metrics": {}, "series": {}}, False),
        (Symptom.HANG, {"fine": True}, True),
        (Symptom.HANG, {"fine": None}, False),
    ],
)
def test_an_end_against_the_symptom_is_doubted(
    symptom: Symptom, known: dict[str, Any], doubted: bool
) -> None:
    assert checks(mutant(run(10, **known), symptom=symptom)) == [PlausibilityCheck.ENDING] * doubted


def test_an_exception_decides_what_an_end_is() -> None:
    assert checks(mutant(run(10), failed=True)) == [PlausibilityCheck.ENDING]
    assert checks(mutant(run(10, fine=None), symptom=Symptom.CRASH, failed=True)) == []


def test_a_run_that_repeats_anothers_times_and_values_is_doubted() -> None:
    (found,) = doubts(mutant(run(10)), mutant(replace(run(10), line=44, record="copy")))
    assert (found.line, found.check) == (44, PlausibilityCheck.REPEAT)
    assert "line 10" in found.what
    assert checks(mutant(run(10), replace(run(10), draw=Draw(1)))) == [PlausibilityCheck.REPEAT]
    assert checks(mutant(CLEAN[1])) == [PlausibilityCheck.REPEAT]


@pytest.mark.parametrize(
    "other",
    [
        {"seconds": 20.133457},
        {"cpu_seconds": 18.011},
        {"metrics": {"accuracy": 0.6}, "series": {"accuracy": ("0.5", "0.6", "0.6")}},
        {"seconds": None, "cpu_seconds": None},
    ],
)
def test_equal_values_alone_and_equal_times_alone_are_not_doubted(other: dict[str, Any]) -> None:
    first = mutant(run(10))
    assert checks(first, mutant(replace(run(10), line=44, **other))) == []


def test_rounded_times_are_equal_by_chance() -> None:
    rounded = {"seconds": 20.1, "cpu_seconds": 18.25}
    assert checks(mutant(run(10, **rounded)), mutant(run(11, **rounded))) == []


A = ("0.51", "0.62", "0.73", "0.74", "0.75", "0.76", "0.77", "0.78")
B = ("0.41", "0.42", "0.43", "0.44", "0.65", "0.66", "0.67", "0.69")


def with_series(line: int, values: tuple[str, ...]) -> ObservedMutant:
    return mutant(run(line, series={"accuracy": values}, draw=None))


def jumps(*series: tuple[str, ...], metrics: Iterable[Metric] = (SHARE,)) -> list[Doubt]:
    mutants = [with_series(10 + index, values) for index, values in enumerate(series)]
    return [
        d for d in doubts(*mutants, clean=[], metrics=metrics) if d.check is PlausibilityCheck.JUMP
    ]


@pytest.mark.parametrize("step", [3, 4, 5])
def test_a_series_that_goes_on_as_another_run_is_doubted(step: int) -> None:
    (found,) = jumps(A, B, A[:step] + B[step:], ("0.1",) * 8)
    assert found.line == 12
    assert f"that of line 10 up to step {step}, then that of line 11" in found.what


@pytest.mark.parametrize(
    "others",
    [
        (A, A, A),
        (A, A[:3] + B[3:]),
        (A, B, A[:2] + B[2:]),
        (A, B, A[:6] + B[6:]),
        (A, B, A[:4] + B[3:]),
        (A, B, (*A[:3], "0.9", *B[4:])),
        (A, (*A[:5], "0.1", "0.2", "0.3"), (*A[:4], "0.4", "0.1", "0.2", "0.9")),
        (("0.5",) * 4 + B[4:], ("0.6", "0.7", *A[2:]), ("0.5",) * 4 + A[4:]),
        (A[:5], B[:5], A[:3] + B[3:5]),
    ],
    ids=[
        "the same",
        "alone",
        "a short beginning",
        "a short end",
        "another length",
        "a step of its own",
        "a late bug",
        "a constant beginning",
        "short",
    ],
)
def test_series_that_are_alike_in_other_ways_are_not_doubted(
    others: tuple[tuple[str, ...], ...],
) -> None:
    assert jumps(*others) == []


@pytest.mark.parametrize(("number", "doubted"), [(50, True), (500, False)])
def test_among_many_series_a_short_end_agrees_by_chance(number: int, doubted: bool) -> None:
    others = [tuple(f"{index}.{step}" for step in range(8)) for index in range(number)]
    assert bool(jumps(A, B, A[:5] + B[5:], *others)) is doubted
    assert jumps(A, B, A[:4] + B[4:], *others)


def test_counts_that_do_not_add_up_are_doubted() -> None:
    unhit = {"symptom": Symptom.CRASH, "failed": True, "hits": 0}
    assert checks(mutant(in_line=True, **unhit)) == [PlausibilityCheck.COUNT]
    assert checks(mutant(in_line=False, **unhit)) == []
    change = ("a.py", 3, 1, "+", "-")
    twice = [mutant(run(10), change=change), mutant(run(11), change=change)]
    (found,) = doubts(*twice)
    assert (found.line, found.check) == (11, PlausibilityCheck.COUNT)
    assert "line 10" in found.what
    assert [d.what for d in find_doubts(CLEAN, twice[:1] * 1, planned=0)] == [
        "expected at most 0 mutants, as planned; it has 1"
    ]
    assert find_doubts(CLEAN, twice[:1], planned=1) == []


@pytest.mark.parametrize(
    ("known", "doubted"),
    [
        ({}, True),
        ({"work": {"epochs": 3}}, True),
        ({"work": {"epochs": 1}}, False),
        ({"work": {}}, False),
        ({"whole": False}, False),
    ],
)
def test_another_number_of_steps_needs_other_work(known: dict[str, Any], doubted: bool) -> None:
    clean = [run(line, draw=Draw(line), work={"epochs": 3}) for line in range(3)]
    short = run(10, series={"accuracy": ("0.7",)}, **known)
    assert checks(mutant(short), clean=clean) == [PlausibilityCheck.COUNT] * doubted


def test_a_seed_that_no_clean_run_has_is_doubted() -> None:
    assert checks(mutant(run(10, draw=Draw(99)))) == [PlausibilityCheck.SEED]
    assert checks(mutant(run(10, draw=Draw(0, 1)))) == [PlausibilityCheck.SEED]
    assert checks(mutant(run(10, draw=None))) == []
    assert checks(mutant(run(10, draw=Draw(99))), clean=[]) == []
    watched = [*CLEAN, run(7, draw=Draw(99), measured=False)]
    assert checks(mutant(run(10, draw=Draw(99))), clean=watched) == [PlausibilityCheck.SEED]


def test_thousands_of_runs_of_which_some_train_alike_raise_no_doubt() -> None:
    source = random.Random(0)

    def trained(line: int, late: int) -> ObservedRun:
        tail = [f"{0.7 + source.random() / 10:.4f}" for _ in range(20 - late)]
        values = (*(f"0.{500 + step}" for step in range(late)), *tail)
        seconds = 20 + source.random()
        last = {"accuracy": float(values[-1])}
        return run(
            line,
            metrics=last,
            series={"accuracy": values},
            seconds=seconds,
            cpu_seconds=seconds - 1,
        )

    clean = [trained(line, 20) for line in range(3)]
    mutants = (mutant(trained(line, source.randrange(21))) for line in range(10, 5010))
    assert find_doubts(clean, mutants, [SHARE]) == []


def test_doubts_are_a_table_in_the_order_of_the_lines() -> None:
    found = doubts(
        mutant(run(30, metrics={"accuracy": 2.0})), mutant(run(20, metrics={"accuracy": 2.0}))
    )
    table = table_doubts(found)
    assert [row[0] for row in table.rows] == [20, 30]
    assert table.rows[0][1:] == (
        "m20, seed 0",
        "impossible value",
        "accuracy from 0 to 1",
        "its range",
        "2",
    )
    assert table.columns[2:] == ("Check", "Expected", "Because", "Found")
    assert table_doubts([]).rows == ()
