"""Where there are no clean runs, the normal runs of mutants stand in for them."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from trainwreck.exchange.plausibility import logs
from trainwreck.exchange.plausibility.checks import (
    Doubt,
    NormalRuns,
    PlausibilityCheck,
    PrintedMetrics,
    find_doubts,
)
from trainwreck.exchange.plausibility.observations import ObservedMutant, ObservedRun
from trainwreck.model import Better, Metric, Rung, Stream, Symptom, Which

ACCURACY = Metric("accuracy", r"acc (\S+)", Better.HIGHER, None)
LOG = "acc 0.5\nacc 0.6\nacc 0.7\n"
TRACEBACK = "Traceback (most recent call last):\n"


def run(line: int, **changes: Any) -> ObservedRun:
    """A run with times of its own."""
    values: dict[str, Any] = {
        "metrics": {"accuracy": 0.7},
        "series": {"accuracy": ("0.5", "0.6", "0.7")},
        "seconds": 20.123456 + line,
        "cpu_seconds": 19.123456 + line,
    }
    if "metrics" in changes:
        values["series"] = {}
    return ObservedRun(line=line, record=f"m{line}", **{**values, **changes})


def mutant(line: int, symptom: Symptom = Symptom.NORMAL, **changes: Any) -> ObservedMutant:
    known = {name: changes.pop(name) for name in ("hits", "rung") if name in changes}
    return ObservedMutant(line, f"m{line}", symptom, (run(line, **changes),), **known)


def many(number: int = 10, **changes: Any) -> list[ObservedMutant]:
    return [mutant(line, **changes) for line in range(2, 2 + number)]


def doubts(mutants: Iterable[ObservedMutant], **known: Any) -> list[Doubt]:
    mutants = list(mutants)
    normal = NormalRuns(PrintedMetrics([ACCURACY]))
    for each in mutants:
        normal.add(each)
    return find_doubts([], mutants, [ACCURACY], normal=normal, **known)


def test_a_time_is_held_against_the_median_of_normal_runs() -> None:
    (found,) = doubts([*many(), mutant(30, seconds=1e6)])
    assert (found.line, found.check) == (30, PlausibilityCheck.TIME)
    assert found.what == "expected about 27.12 s, the median of 11 normal runs; it has 1e+06 s"
    # Two or three runs do not show which one is absurd.
    assert doubts([*many(2), mutant(30, seconds=1e6)]) == []


def test_a_number_of_values_is_held_against_the_most_common_one() -> None:
    short = {"series": {"accuracy": ("0.7",)}}
    (found,) = doubts([*many(19), mutant(30, **short)])
    assert (found.line, found.record, found.check) == (30, "m30", PlausibilityCheck.COUNT)
    assert found.what == "expected 3 values of accuracy, as 19 of 20 normal runs have; it has 1"
    # Early stopping: no number is usual.
    assert doubts([*many(10), *(mutant(30 + n, **short) for n in range(10))]) == []
    assert doubts([*many(3), mutant(30, **short)]) == []


@pytest.mark.parametrize(
    ("others", "value", "doubted"),
    [(0.7, 71.0, True), (0.7, 0.99, False), (70.0, 71.0, False), (70.0, 101.0, True)],
)
def test_a_range_is_that_of_the_other_records(others: float, value: float, doubted: bool) -> None:
    usual = many(metrics={"accuracy": others})
    found = doubts([*usual, mutant(30, metrics={"accuracy": value})])
    assert [(doubt.line, doubt.check) for doubt in found] == [
        (30, PlausibilityCheck.VALUE)
    ] * doubted


def test_tracebacks_that_most_normal_runs_print_are_not_doubted() -> None:
    assert doubts(many(log=TRACEBACK + LOG)) == []
    quiet = many(log=LOG)
    (found,) = doubts([*quiet, mutant(30, log=TRACEBACK + LOG)])
    assert (found.line, found.check) == (30, PlausibilityCheck.LOG)


def test_a_crash_is_doubted_where_it_reported_all_that_normal_runs_do() -> None:
    crash = mutant(30, Symptom.CRASH)
    assert [doubt.check for doubt in doubts([*many(), crash])] == [PlausibilityCheck.ENDING]
    early = mutant(30, Symptom.CRASH, series={"accuracy": ("0.7",)})
    assert doubts([*many(), early]) == []
    # Without normal runs it is unknown how much there is to report.
    assert doubts([crash]) == []
    assert [d.check for d in doubts([mutant(30, Symptom.CRASH, fine=True)])] == [
        PlausibilityCheck.ENDING
    ]


def test_runs_that_were_ended_early_show_nothing_usual() -> None:
    ended = [mutant(line, whole=False, series={"accuracy": ("0.7",)}) for line in range(40, 80)]
    assert doubts([*many(), *ended]) == []


@pytest.mark.parametrize(
    ("value", "series", "doubted"),
    [
        (0.7, ("0.6", "0.70"), False),
        (float("nan"), ("0.6", "nan"), False),
        (float("inf"), ("0.6", "inf"), False),
        (0.1 + 0.2, ("0.3",), False),
        (0.7, ("0.6", "0.71"), True),
        (0.7, ("0.7", "0.6"), True),
        (0.7, ("0.6", "nan"), True),
        (0.7, ("0.6", "n/a"), True),
        (0.7, (), True),
    ],
)
def test_a_metric_is_the_last_value_of_its_series(
    value: float, series: tuple[str, ...], doubted: bool
) -> None:
    loss = {"metrics": {"loss": value}, "series": {"loss": series}}
    (found,) = [*doubts([mutant(2, **loss)]), None][:1]
    assert (found is not None and found.check is PlausibilityCheck.LAST) is doubted


def test_a_series_of_a_metric_without_a_value_is_no_doubt() -> None:
    assert doubts([mutant(2, metrics={}, series={"loss": ("0.1",)})]) == []


LOGS = {
    "fewer values": ("acc 0.5\nacc 0.7\n", "expected 2 values of accuracy"),
    "more values": (LOG + "acc 0.7\n", "expected 4 values of accuracy"),
    "another last value": (LOG.replace("0.7", "0.8"), "expected accuracy 0.8"),
}


@pytest.mark.parametrize(("log", "said"), LOGS.values(), ids=LOGS)
@pytest.mark.parametrize("others", [0, 10])
def test_a_log_that_prints_other_values_is_doubted(log: str, said: str, others: int) -> None:
    (found,) = doubts([*many(others, log=LOG), mutant(30, log=log)])
    assert (found.line, found.check) == (30, PlausibilityCheck.PRINTED)
    assert said in found.what


@pytest.mark.parametrize(
    "log",
    [
        LOG,
        "acc many\nacc 0.5\racc 0.6 acc 0.70\n",
        "acc 0.5\n[trainwreck: 700 bytes left out]\nacc 0.7\n",
        "acc 0.5\n" + "x" * 1_000_000,
        "nothing that matches",
    ],
    ids=["whole", "other texts", "cut", "long", "no match"],
)
def test_a_log_that_is_whole_or_cut_is_not_doubted(log: str) -> None:
    assert doubts([mutant(30, log=log)]) == []


def test_a_log_without_a_value_is_doubted_where_the_logs_of_others_have_them() -> None:
    (found,) = doubts([*many(log=LOG), mutant(30, log="nothing")])
    assert "expected 0 values of accuracy" in found.what


def test_logs_that_mostly_hold_the_end_only_are_not_doubted() -> None:
    assert doubts([*many(log="acc 0.7\n"), mutant(30, log=LOG)]) == []


@pytest.mark.parametrize("pattern", ["", "(", "acc", "(?:acc)", "*", "(?P<n>"])
def test_patterns_that_cannot_be_used_are_left_alone(pattern: str) -> None:
    metric = Metric("accuracy", pattern, Better.HIGHER, None)
    assert not PrintedMetrics([metric]).names


@pytest.mark.parametrize(
    ("hits", "rung", "doubted"),
    [
        (0, Rung.MASKED, True),
        (0, Rung.PROPAGATED, True),
        (0, Rung.UNREACHED, False),
        (3, Rung.UNREACHED, True),
        (3, Rung.MASKED, False),
        (None, Rung.UNREACHED, False),
        (0, None, False),
    ],
)
def test_evaluations_are_held_against_the_rung(
    hits: int | None, rung: Rung | None, doubted: bool
) -> None:
    found = doubts([mutant(30, hits=hits, rung=rung)])
    assert [doubt.check for doubt in found] == [PlausibilityCheck.COUNT] * doubted


def test_a_plan_is_held_against_the_number_of_records() -> None:
    waiting = ObservedMutant(99, "m99", None)
    assert doubts(many(3), planned=5) == []
    assert doubts([*many(3), waiting], planned=4) == []
    (found,) = doubts([*many(3), waiting], planned=5)
    assert found.what.startswith("expected 5 mutants, as planned, since 1 without a symptom")
    (found,) = doubts(many(3), planned=2)
    assert found.what == "expected at most 2 mutants, as planned; it has 3"


def test_odd_records_get_an_answer() -> None:
    nan, inf = float("nan"), float("inf")
    odd = [
        [],
        [mutant(2)],
        [mutant(2), mutant(3)],
        [mutant(line, seconds=1.0, cpu_seconds=1.0) for line in range(2, 30)],
        [mutant(line, metrics={"accuracy": nan}) for line in range(2, 30)],
        [mutant(line, metrics={"accuracy": inf, "loss": -inf}) for line in range(2, 30)],
        [mutant(line, metrics={"accuracy": 0.5} if line % 2 else {}) for line in range(2, 30)],
        [mutant(line, series={"a": ("x", "y") * 4}, metrics={}) for line in range(2, 30)],
        [mutant(line, Symptom.HANG) for line in range(2, 30)],
        [*many(10), *(mutant(40 + n, metrics={"f1": 31.0}, seconds=9e9) for n in range(10))],
        [mutant(line, series={"a": ()}, metrics={}) for line in range(2, 30)],
        [mutant(line, seconds=nan, cpu_seconds=inf) for line in range(2, 30)],
    ]
    for mutants in odd:
        assert all(doubt.what for doubt in doubts(mutants, planned=3))


def test_a_foreign_pattern_that_takes_for_ever_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs, "LONGEST_MATCH", 0.1)
    printed = PrintedMetrics([Metric("accuracy", r"(?:a|a)*(b)", Better.HIGHER, None), ACCURACY])
    assert printed.names == {"accuracy"}
    slow = PrintedMetrics([Metric("slow", r"(?:a|a)*(b)", Better.HIGHER, None), ACCURACY])
    both = run(30, series={"slow": ("1",), "accuracy": ("0.5", "0.6", "0.7")}, log="a" * 60 + LOG)
    assert [found.metric for found in slow.in_log(both)] == ["accuracy"]
    assert slow.names == {"accuracy"}


def test_logs_are_left_alone_where_no_limit_can_be_set() -> None:
    printed = PrintedMetrics([ACCURACY])
    with ThreadPoolExecutor() as pool:
        assert pool.submit(printed.in_log, run(30, log=LOG)).result() == []
    assert printed.in_log(run(30, log=LOG))


def test_a_log_is_compared_only_with_last_values_of_the_whole_output() -> None:
    best = replace(ACCURACY, which=Which.BEST)
    assert not PrintedMetrics([best, replace(ACCURACY, stream=Stream.STDERR)]).names
    rising = {"metrics": {"accuracy": 0.9}, "series": {"accuracy": ("0.5", "0.9", "0.7")}}
    assert len(find_doubts([], [mutant(30, **rising)], [ACCURACY])) == 1
    assert find_doubts([], [mutant(30, **rising)], [best]) == []


def test_a_log_of_two_streams_is_not_compared_as_their_pieces_are_in_any_order() -> None:
    error = Metric("error", r"error (\S+)", Better.LOWER, None, stream=Stream.STDERR)
    mixed = mutant(30, log="aerror 0.5\ncc 0.5\nacc 0.6\nacc 0.7\n")
    assert [doubt.check for doubt in doubts([mixed])] == [PlausibilityCheck.PRINTED]
    assert find_doubts([], [mixed], [ACCURACY, error]) == []
