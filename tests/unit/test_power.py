"""Checks that compare a run with clean ones, and the tables on what they notice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import many_mutants
from trainwreck.errors import UsageError
from trainwreck.findings.comparisons import (
    Reference,
    Trajectory,
    distance,
    every_report,
    final_value,
    first_report,
    first_value,
    last_report,
    mean_over_seeds,
    mean_residual,
    one_report,
    tolerance_and_residual,
    work_counts,
)
from trainwreck.findings.measured_checks import (
    CleanTrajectories,
    Execution,
    Observations,
    Observed,
    alarms_elsewhere,
    false_alarms,
    finals_of,
    standard_checks,
    usual_of,
)
from trainwreck.findings.own_checks import OwnCheck
from trainwreck.findings.power import power_tables
from trainwreck.model import (
    Gap,
    Impact,
    Judged,
    Missing,
    PlannedMutant,
    Rung,
    Share,
    Symptom,
    Verdict,
)
from trainwreck.stats.groups import Chance

GOLDEN = {"loss": [3.0, 2.0, 1.0]}
VALUES = st.lists(st.floats(-9, 9), min_size=1, max_size=5)


def run(*values: float, work: Mapping[str, int] | None = None) -> Trajectory:
    return Trajectory({"loss": list(values)}, work or {"batches": 3})


def known(*finals: float) -> Reference:
    clean = [run(value) for value in finals]
    return Reference(run(3.0, 2.0, 1.0), usual_of(clean, ["loss"]))


@pytest.mark.parametrize(
    ("values", "far"),
    [
        ([3.0, 2.0, 1.0], 0.0),
        ([3.0, 2.5, 1.0], 0.5),
        ([3.0, 2.0], inf),
        ([3.0, 2.0, 1.0, 0.5], inf),
        ([3.0, nan, 1.0], inf),
        ([3.0, inf, 1.0], inf),
    ],
)
def test_distance_is_that_of_the_worst_value(values: Sequence[float], far: float) -> None:
    assert distance({"loss": values}, GOLDEN) == far


def test_distance_of_values_that_are_no_numbers_in_both_runs_is_none() -> None:
    assert distance({"loss": [nan, inf]}, {"loss": [nan, inf]}) == 0
    assert distance({}, GOLDEN) == inf
    assert mean_residual({"loss": [nan]}, {"loss": [nan]}) == 0


@given(VALUES, VALUES)
def test_a_check_with_a_smaller_tolerance_notices_at_least_as_much(
    mine: list[float], golden: list[float]
) -> None:
    reference = Reference(run(*golden), {})
    for make in (every_report, last_report, lambda tolerance: first_report(tolerance, 5)):
        alarms = [make(tolerance).alarm(run(*mine), reference) for tolerance in (0, 0.1, 1, 20)]
        assert alarms == sorted(alarms, reverse=True)
        assert not make(0).alarm(run(*golden), reference)


@pytest.mark.parametrize(
    ("values", "first", "every", "last"),
    [
        ((3.0, 2.0, 1.0), False, False, False),
        ((3.2, 2.0, 1.0), True, True, False),
        ((3.0, 2.2, 1.0), False, True, False),
        ((3.0, 2.0, 1.2), False, True, True),
        ((3.0, 2.0), False, True, True),
        ((), True, True, True),
    ],
)
def test_checks_of_a_golden_run_see_the_reports_that_they_name(
    values: tuple[float, ...], first: bool, every: bool, last: bool
) -> None:
    checks = first_report(0.1, 3), every_report(0.1), last_report(0.1)
    found = [check.alarm(run(*values), known(1.0, 1.1)) for check in checks]
    assert found == [first, every, last]


def test_check_of_the_mean_residual_sees_many_small_differences() -> None:
    small = run(*(value + 5e-4 for value in GOLDEN["loss"]))
    assert not every_report(1e-3).alarm(small, known(1.0, 1.1))
    assert tolerance_and_residual(1e-3, 1e-5).alarm(small, known(1.0, 1.1))


def test_check_of_the_mean_residual_asks_for_a_drift_to_one_side() -> None:
    around = run(3.0 + 5e-4, 2.0 - 5e-4, 1.0)
    assert not tolerance_and_residual(1e-3, 1e-5).alarm(around, known(1.0, 1.1))
    assert mean_residual({"loss": [inf, 0.0, 1.0]}, GOLDEN) == inf
    assert mean_residual({"loss": [inf, -inf, 1.0]}, GOLDEN) == inf


def test_check_of_one_report_sees_no_other() -> None:
    check = one_report(2, 0.1, 3)
    assert check.cost == pytest.approx(2 / 3)
    assert check.alarm(run(3.0, 2.2, 1.0), known(1.0, 1.1))
    assert not check.alarm(run(9.0, 2.0, 9.0), known(1.0, 1.1))
    assert check.alarm(run(3.0), known(1.0, 1.1))


def test_power_has_a_curve_over_the_one_report_that_is_compared() -> None:
    tables = {table.name: table for table in power_tables(seen(observed(3.0, 2.0, 7.0)))}
    table = tables["power-report"]
    assert [row[0] for row in table.rows] == [1, 2, 3]
    assert [row[1] for row in table.rows] == [Share(0, 1), Share(0, 1), Share(1, 1)]
    assert [row[1] for row in tables["power-steps"].rows] == [row[1] for row in table.rows]
    assert isinstance(table.rows[0][2], Chance)


def test_power_by_impact_and_library_has_intervals() -> None:
    bugs = [observed(3.0, 2.0, 7.0), observed(3.0, 2.0, 1.0, impact=Impact.WORSE, number=1)]
    tables = {table.name: table for table in power_tables(seen(*bugs))}
    table = tables["power-impact"]
    assert table.groups == (("", 1), ("degraded", 2), ("worse", 2))
    rows = {row[0]: row for row in table.rows}
    assert rows["every report equal"][1::2] == (Share(1, 1), Share(0, 1))
    assert rows["every report equal"][2].low == pytest.approx(0.025)
    assert tables["power-library"].columns == ("Check", "Noticed", "Share")


def test_check_of_the_first_value_asks_for_its_distance_from_clean_seeds() -> None:
    seeds = [run(first, 2.0, 1.0) for first in (2.0, 3.0, 4.0)]  # mean 3, deviation 1
    mutants = [observed(4.9, 2.0, 1.0), observed(5.1, 2.0, 1.0), observed(3.0, 9.0, 9.0)]
    clean = observations_on({"": ([run(3.0, 2.0, 1.0)], seeds)}, *mutants)
    check = first_value(2, 3)
    assert clean.alarms(check) == [False, True, False]
    # Each of them, compared with the two others: 2 is 1.5 from their mean, and 1.4 is allowed.
    assert false_alarms(check, clean) == Share(2, 3)
    assert false_alarms(final_value(2), clean) == Share(0, 3)


def test_check_of_a_final_value_asks_for_its_distance_from_clean_seeds() -> None:
    clean = known(1.0, 2.0, 3.0)  # mean 2, deviation 1
    assert not final_value(2).alarm(run(9.0, 3.9), clean)
    assert final_value(2).alarm(run(2.0, 4.1), clean)
    assert final_value(2).alarm(run(2.0, nan), clean)
    assert final_value(2).alarm(run(), clean)


def test_check_of_a_mean_over_seeds_has_the_error_of_a_difference_of_means() -> None:
    clean = known(1.0, 2.0, 3.0)
    four = mean_over_seeds(4)  # twice the root of 1/4 + 1/3 is 1.53
    assert not four.alarm(run(3.5, 3.5, 3.5, 3.5), clean)
    assert four.alarm(run(3.6, 3.6, 3.6, 3.6), clean)
    assert not four.alarm(run(9.0, 9.0, 9.0), clean), "too few seeds say nothing"


def test_check_of_work_counts_sees_one_batch_more() -> None:
    assert work_counts().alarm(run(3.0, 2.0, 1.0, work={"batches": 4}), known(1.0, 1.1))


def observed(*values: float, impact: Impact = Impact.DEGRADED, number: int = 0) -> Observed:
    mutant = many_mutants(9)[number]
    verdict = Verdict(mutant.id, Symptom.NORMAL, Rung.PROPAGATED, impact=(impact,))
    item = Judged(PlannedMutant(mutant, ("learning",)), verdict)
    return Observed(item, run(*values), run(values[-1]))


def seen(*mutants: Observed, repeats: int = 3) -> Observations:
    seeds = [run(3.0, 2.0, final) for final in (1.0, 1.1, 0.9, 1.05)]
    same = [run(3.0, 2.0, 1.0)] * repeats
    return observations_on({"": (same, seeds)}, *mutants)


Clean = tuple[Sequence[Trajectory], Sequence[Trajectory]]


def observations_on(clean: Mapping[str, Clean], *mutants: Observed) -> Observations:
    runs = {kind: CleanTrajectories(*each) for kind, each in clean.items()}
    return Observations("x", mutants, runs, masked=5, metrics=("loss",))


def test_power_tables_count_what_each_check_notices() -> None:
    observations = seen(
        observed(3.0, 2.0, 7.0),
        observed(3.0, 2.0, 1.0, impact=Impact.UNDECIDED, number=1),
        observed(3.5, 2.0, 1.0, impact=Impact.EQUIVALENT, number=2),
    )
    tables = {table.name: table for table in power_tables(observations)}
    rows = {row[0]: [share.count for share in row[2:6]] for row in tables["power"].rows}
    assert rows["every report equal"] == [1, 0, 1, 2]
    assert rows["first report equal"] == [0, 0, 1, 1]
    assert rows["final value within 2 deviations"] == [1, 0, 0, 1]
    listed = [(row[0], row[3]) for row in tables["power-unnoticed"].rows]
    assert listed[0][0] == many_mutants(9)[1].id
    assert sum(row[2] for row in tables["power-set"].rows) == 2


def test_a_check_that_ends_at_a_report_costs_what_a_clean_run_has_spent_by_then() -> None:
    measured = replace(seen(observed(3.0, 2.0, 7.0)), seconds=18.0, shares=(0.5, 0.75, 1.0))
    tables = {table.name: table for table in power_tables(measured, price=0.2)}
    assert {row[0]: row[1] for row in tables["power"].rows}["first report equal"] == 0.5
    costs = {row[0]: row[1:] for row in tables["power-costs"].rows}
    assert costs["first report equal"] == (0.5, 9.0, pytest.approx(0.5))
    assert costs["every report equal"] == (1.0, 18.0, pytest.approx(1.0))


def test_without_measured_times_a_check_costs_its_share_of_the_reports() -> None:
    tables = {table.name: table for table in power_tables(seen(observed(3.0, 2.0, 7.0)))}
    assert tables["power-costs"].columns == ("Check", "Trainings", "Processor s")
    costs = {row[0]: row[1:] for row in tables["power-costs"].rows}
    assert costs["first report equal"] == (pytest.approx(1 / 3), Missing(Gap.NOT_KNOWN))


def test_false_alarms_leave_out_of_the_reference_what_is_asked() -> None:
    observations = seen(observed(3.0, 2.0, 7.0))
    same, seeds = observations.clean[""].same_seed, observations.seeds
    outlier = [run(3.0, 2.0, 40.0), *seeds]
    alarms = false_alarms(final_value(3), observations_on({"": (same, outlier)}))
    assert (alarms.count, alarms.total) == (1, 5)
    moved = [*same, run(3.0, 2.0, 1.5)]
    alarms = false_alarms(every_report(0.0), observations_on({"": (moved, seeds)}))
    assert (alarms.count, alarms.total) == (1, 3)
    assert false_alarms(every_report(0.0), seen(repeats=1)).total == 0


def test_a_check_with_a_false_alarm_is_in_no_cheapest_set() -> None:
    observations = seen(observed(3.0, 2.0, 7.0))
    moved = [*observations.clean[""].same_seed, run(3.0, 2.0, 1.5)]
    clean = {"": (moved, observations.seeds)}
    tables = power_tables(observations_on(clean, *observations.mutants))
    (cheapest,) = [table for table in tables if table.name == "power-set"]
    assert cheapest.rows
    assert not any("every report" in str(row[0]) for row in cheapest.rows)


def on_two_kinds(*mutants: Observed) -> Observations:
    """Clean runs on two kinds of machine that differ in their last digits."""
    here = [run(3.0, 2.0, 1.0)] * 3, [run(3.0, 2.0, final) for final in (1.0, 1.1, 0.9)]
    there = [run(3.001, 2.0, 1.0)] * 4, [run(3.001, 2.0, 1.0)]
    return observations_on({"here": here, "there": there}, *mutants)


def test_power_compares_runs_with_clean_ones_of_their_own_kind_of_machine_alone() -> None:
    there = replace(observed(3.001, 2.0, 1.0), kind="there")
    here = replace(observed(3.001, 2.0, 1.0, number=1), kind="here")
    both = on_two_kinds(there, here)
    assert both.alarms(every_report(0.0)) == [False, True]
    assert false_alarms(every_report(0.0), both) == Share(0, 2 + 3)
    assert alarms_elsewhere(every_report(0.0), both) == Share(7, 7)
    assert alarms_elsewhere(every_report(0.01), both) == Share(0, 7)
    # One clean seed on the second kind: nothing to compare a final value with.
    assert both.alarms(final_value(2)) == [None, False]
    assert false_alarms(final_value(2), both).total == 3
    assert [
        each.noticed
        for each in both.predictions()
        if each.comparison == "final value within 2 deviations"
    ] == [False]


def test_power_of_two_kinds_of_machine_has_a_column_for_alarms_on_another_kind() -> None:
    both = on_two_kinds(replace(observed(3.001, 2.0, 1.0), kind="there"))
    (table,) = [table for table in power_tables(both) if table.name == "power"]
    rows = {row[0]: row for row in table.rows}
    assert table.columns[-1] == "On another kind"
    assert rows["every report equal"][5] == Share(0, 1)
    assert rows["every report equal"][-1] == Share(7, 7)


def test_power_of_one_kind_of_machine_has_no_column_for_others() -> None:
    (table, *_) = power_tables(seen(observed(3.0, 2.0, 7.0)))
    assert table.columns[-1] == "Clean runs"


def test_an_execution_is_compared_on_the_kind_of_machine_that_it_ran_on() -> None:
    both = on_two_kinds(replace(observed(3.0, 2.0, 9.0), kind="here"))
    mutant = both.mutants[0].item.mutant.id
    executed = [
        Execution(mutant, "every report equal", run(3.001, 2.0, 1.0), kind="there"),
        Execution(mutant, "first report equal", run(3.001, 2.0, 9.0), kind="there"),
        Execution(mutant, "last report within 0.01", run(3.0, 2.0, 9.0), kind="nowhere"),
    ]
    tables = power_tables(replace(both, executed=executed))
    (table,) = [table for table in tables if table.name == "power-verified"]
    assert {row[0]: (row[1], row[2]) for row in table.rows} == {
        "every report equal": (Share(0, 1), Share(0, 1)),
        "first report equal": (Share(0, 1), Share(1, 1)),
        "all": (Share(0, 2), Share(1, 2)),
    }


def own_check(name: str, alarms: Share, limit: float = 1.0) -> OwnCheck:
    noticed = {mutant.id: True for mutant in many_mutants(9)}
    return OwnCheck(name, noticed, Share(2, 2), 9, alarms, 1, 0.5, 2.0, Share(1, 1), limit)


def test_power_refuses_a_check_that_raises_an_alarm_without_a_bug() -> None:
    own = [
        own_check("always", Share(3, 3)),
        own_check("flaky", Share(2, 9), limit=0.1),
        own_check("allowed", Share(2, 9), limit=0.5),
    ]
    tables = {
        table.name: table for table in power_tables(replace(seen(observed(3.0, 2.0, 7.0)), own=own))
    }
    rows = {row[0]: row for row in tables["power"].rows}
    refused = Missing(Gap.REFUSED)
    assert rows["check always"][2:7] == rows["check flaky"][2:7] == (refused,) * 5
    assert rows["check allowed"][5] == Share(1, 1)
    note = tables["power"].note
    assert "check always is refused: an alarm in 3 of 3 clean runs." in note
    assert "check flaky is refused: an alarm in 2 of 9 clean runs, and its limit is 10 %." in note
    assert {row[0]: row[2] for row in tables["power-own"].rows}["always"] == refused
    for name in ("power-operator", "power-alone"):
        shown = {row[0] for row in tables[name].rows}
        assert "check allowed" in shown
        assert not shown & {"check always", "check flaky"}


def test_power_check_shows_the_named_checks_and_a_set_of_them_alone() -> None:
    own = [own_check("tests", Share(0, 60)), own_check("other", Share(0, 60))]
    both = replace(seen(observed(3.0, 2.0, 7.0)), own=own)
    tables = {
        table.name: table for table in power_tables(both, ["last report within 0.01", "tests"])
    }
    names = {row[0] for row in tables["power"].rows}
    assert names == {"last report within 0.01", "check tests"}
    assert [row[0] for row in tables["power-set"].rows] == ["check tests"]
    assert not any("tolerance" in name for name in tables)
    assert power_tables(both, ["check tests"])[0].rows == tables["power"].rows[1:]
    known = "`first report equal`, .*, `check tests`, `check other`"
    with pytest.raises(UsageError, match=f"there is no check `luck`; there is {known}"):
        power_tables(both, ["luck"])


def test_finals_of_runs_are_their_last_values() -> None:
    assert finals_of([run(1.0, 2.0), run(), run(3.0)], ["loss"]).values == {"loss": [2.0, 3.0]}


def test_standard_checks_have_names_of_their_own() -> None:
    checks = standard_checks(5)
    assert len({check.name for check in checks}) == len(checks)
    assert checks[0].cost == pytest.approx(0.2)


def test_predictions_that_an_execution_contradicts_are_named() -> None:
    observations = seen(observed(3.0, 2.0, 7.0))
    mutant = observations.mutants[0].item.mutant.id
    executed = [
        Execution(mutant, "every report equal", run(3.0, 2.0, 1.0)),
        Execution(mutant, "last report within 0.01", run(3.0, 2.0, 9.0)),
        Execution(mutant, "work unknown to any check", run(1.0)),
        Execution(mutant, "first report equal", None),
    ]
    tables = power_tables(replace(observations, executed=executed))
    (table,) = [table for table in tables if table.name == "power-verified"]
    by_name = {row[0]: (row[1], row[2]) for row in table.rows}
    assert by_name == {
        "every report equal": (Share(0, 1), Share(0, 1)),
        "last report within 0.01": (Share(1, 1), Share(1, 1)),
        "first report equal": (Share(1, 1), Share(0, 1)),
        "all": (Share(2, 3), Share(1, 3)),
    }
    assert mutant in table.note


def test_own_checks_stand_beside_computed_ones_and_a_set_asks_what_all_have_seen() -> None:
    observations = seen(observed(3.0, 2.0, 1.0), observed(3.0, 2.0, 1.0, number=1))
    first, second = (mutant.item.mutant.id for mutant in observations.mutants)
    quiet = OwnCheck(
        name="tests",
        noticed={first: True, second: False},
        masked=Share(1, 4),
        of_masked=9,
        alarms=Share(0, 60),
        seeds=1,
        cost=0.5,
        seconds=2.0,
        reached=Share(1, 2),
    )
    noisy = replace(quiet, name="noisy", noticed={second: True}, alarms=Share(3, 60))
    tables = {t.name: t for t in power_tables(replace(observations, own=[quiet, noisy]))}
    rows = {row[0]: row for row in tables["power"].rows}
    assert rows["check tests"][5] == Share(1, 2)
    assert rows["check tests"][7].high == pytest.approx(0.0487, abs=1e-4)
    assert rows["check noisy"][5] == Share(1, 1)
    assert tables["power-set"].rows == (("check tests", 0.5, 1, Share(1, 2)),)
    alone = {row[0]: row[1] for row in tables["power-alone"].rows}
    assert (alone["check tests"], alone["check noisy"]) == (1, 1)
    assert [row[3] for row in tables["power-own"].rows] == [4, 4]
