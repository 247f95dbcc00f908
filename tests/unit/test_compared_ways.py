"""The sums and comparisons behind docs/campaign-costs.md, on numbers made by hand."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from guest import ROOT
from trainwreck.model import Ending, Exit, Outcome, Rung, Symptom

BENCHMARKS = ROOT / "benchmarks"
PARTS = slice(3), slice(3, None)


@dataclass(frozen=True)
class Modules:
    facts: ModuleType
    ways: ModuleType
    campaigns: ModuleType


@pytest.fixture(scope="module")
def bench() -> Iterator[Modules]:
    """The benchmark's modules, without leaving their folder on the path."""
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        import campaign_facts
        import compared_ways
        import real_campaigns

        yield Modules(campaign_facts, compared_ways, real_campaigns)
    for name in set(sys.modules).difference(before):
        if str(BENCHMARKS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def silent(bench: Modules) -> Any:
    """A masked mutant that ran cold for ten seconds."""
    return bench.facts.Mutated(
        0, "normal", "masked", "silent", "run", "run", started="cold", phase="learning", cpu=10.0
    )


@pytest.fixture
def crash(silent: Any) -> Any:
    """A mutant that crashes while the program prepares its data."""
    return replace(silent, symptom="crash", rung="crash", end="crash", phase="preprocessing")


def differing(found: list[Any]) -> dict[str, tuple[int, int]]:
    return {each.what: (each.compared, each.differ) for each in found}


def test_differences_of_ways_that_agree_are_none(bench: Modules, silent: Any, crash: Any) -> None:
    by_rule = replace(silent, rung="uninfected", decided_by="probe", certainty="proven")
    assumed = replace(silent, decided_by="horizon", certainty="assumed")
    found = bench.ways.differences(
        "cold",
        {"a": by_rule, "b": assumed, "c": crash},
        "naive",
        {"a": silent, "b": silent, "c": crash},
    )
    assert differing(found) == {
        "symptoms": (3, 0),
        "ends": (3, 0),
        "proven decisions": (1, 0),
        "assumed decisions": (1, 0),
        "impacts": (0, 0),
        "no verdict": (3, 0),
    }


def test_differences_name_the_wrong_decisions_of_each_certainty(
    bench: Modules, silent: Any, crash: Any
) -> None:
    propagated = replace(silent, rung="propagated", end="propagated")
    decided = {
        "a": replace(silent, decided_by="probe", certainty="proven"),
        "b": replace(silent, decided_by="horizon", certainty="assumed"),
        "c": replace(silent, decided_by="horizon", certainty="assumed"),
        "d": replace(crash, symptom="hang", end="hang", decided_by="stuck", certainty="assumed"),
    }
    ran = {"a": propagated, "b": crash, "c": silent, "d": propagated}
    found = bench.ways.differences("cold", decided, "naive", ran)
    named = {each.what: each.mutants for each in found}
    assert named["symptoms"] == ("b", "d")
    assert named["ends"] == ("a", "b", "d")
    assert named["proven decisions"] == ("a",)
    assert named["assumed decisions"] == ("b", "d")


def test_differences_count_a_line_that_a_rule_calls_unreached_and_that_ran(
    bench: Modules, silent: Any
) -> None:
    unreached = replace(silent, rung="unreached", decided_by="probe", certainty="proven")
    found = bench.ways.differences("cold", {"a": unreached}, "naive", {"a": silent})
    assert differing(found)["ends"] == (1, 0)
    assert differing(found)["proven decisions"] == (1, 1)


def test_differences_leave_out_mutants_without_a_verdict_or_without_a_partner(
    bench: Modules, silent: Any
) -> None:
    broken = replace(silent, symptom="no verdict", rung="", end="no verdict")
    found = bench.ways.differences(
        "warm", {"a": broken, "b": silent, "c": silent}, "cold", {"a": silent, "b": silent}
    )
    assert differing(found)["symptoms"] == (1, 0)
    assert differing(found)["no verdict"] == (2, 1)


def test_differences_compare_impacts_of_what_propagated_in_both_ways(
    bench: Modules, silent: Any
) -> None:
    worse = replace(silent, rung="propagated", end="propagated", impact=("worse",))
    better = replace(worse, impact=("better",))
    found = bench.ways.differences(
        "warm", {"a": worse, "b": worse, "c": silent}, "cold", {"a": worse, "b": better, "c": worse}
    )
    assert differing(found)["impacts"] == (2, 1)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 200, 0.0, 0.01827), (1, 200, 0.000127, 0.02754), (3, 3, 0.2924, 1.0)],
)
def test_exact_interval_is_that_of_clopper_and_pearson(
    bench: Modules, count: int, total: int, low: float, high: float
) -> None:
    assert bench.ways.exact_interval(count, total) == pytest.approx((low, high), abs=5e-5)


def test_summed_scales_all_but_the_fixed_runs_to_all_mutants(bench: Modules) -> None:
    first = [{"cpu": 40.0}, {"cpu": 60.0}]
    sums = bench.ways.summed(first, [{"cpu": 50.0}], 120, 30, 10.0, 30.0)
    assert (sums.first, sums.whole) == (10 + 90 * 4, 30 + 120 * 4)
    whole = bench.ways.summed(first, [{"cpu": 50.0}], 120, 120, 10.0, 30.0)
    assert (whole.first, whole.whole) == (100, 150)


def test_fixed_seconds_are_those_of_clean_runs_alone(bench: Modules) -> None:
    stored = {"clean": [3, 30.0], "coverage": [2, 25.0], "control": [1, 9.0], "mutant": [4, 40.0]}
    assert bench.ways.fixed_seconds(stored) == 55.0


def test_seeds_not_run_cost_as_much_as_those_that_ran(bench: Modules, silent: Any) -> None:
    stopped = replace(silent, end="propagated", draws=3, further=26.0)
    complete = replace(stopped, draws=10, further=90.0)
    found = {"a": stopped, "b": complete, "c": replace(silent, draws=1)}
    assert bench.ways.seeds_not_run(found, 10) == pytest.approx(7 * 12.0)
    assert bench.ways.seeds_not_run(found, 1) == 0.0


def test_by_symptom_divides_stems_among_warm_runs_and_keeps_every_second(
    bench: Modules, silent: Any, crash: Any
) -> None:
    found = {
        "a": replace(crash, started="warm", cpu=1.0),
        "b": replace(crash, started="warm", cpu=2.0, phase="learning", place=60),
        "c": replace(silent, started="none", cpu=0.0),
        "d": replace(silent, rung="propagated", end="propagated", cpu=20.0),
    }
    sums = bench.ways.by_symptom(found, stems=30.0)
    assert sums["crash before learning"] == {"mutants": 1, "runs": 1, "cpu": 1.0, "stems": 15.0}
    assert sums["crash while learning"] == {"mutants": 1, "runs": 1, "cpu": 2.0, "stems": 15.0}
    assert sums["silent"]["runs"] == 0
    assert sum(row["cpu"] for row in sums.values()) == 23.0
    assert sum(row["stems"] for row in sums.values()) == 30.0
    assert list(bench.ways.by_symptom(found, 30.0, after=50)) == ["crash while learning"]


def test_pair_costs_are_of_the_same_early_crashes_in_both_ways(
    bench: Modules, silent: Any, crash: Any
) -> None:
    late = replace(crash, place=50)
    cold = {
        "a": late,
        "b": replace(late, cpu=12.0),
        "c": replace(late, phase="learning"),
        "d": late,
        "e": crash,
        "f": replace(silent, place=55),
    }
    warm = {id_: replace(each, started="warm", cpu=0.5) for id_, each in cold.items()}
    warm["b"] = replace(cold["b"], cpu=11.0)
    warm["d"] = replace(late, started="none", cpu=0.0)
    costs = bench.ways.pair_costs(warm, cold, stems=40.0, after=50)
    assert costs == {"mutants": 2, "warm": 1, "own": 11.5, "stems": 10.0, "cold": 22.0}


def test_own_cpu_of_a_warm_run_is_without_the_prefix_of_its_stem(bench: Modules) -> None:
    def outcome(trial: str, seconds: float) -> Outcome:
        ended = Exit(Ending.EXITED, 0)
        return Outcome(trial, ended, 1.0, seconds, 0, 1, {}, None, None, (), True)

    started = {"warm": {"how": "warm", "prefix_cpu": 8.0}, "cold": {"how": "cold", "why": "x"}}
    runs = [outcome("warm", 9.5), outcome("cold", 9.0), outcome("other", 7.0)]
    assert bench.facts.own_cpu(runs, started) == pytest.approx(1.5 + 9.0 + 7.0)


@pytest.mark.parametrize(
    ("symptom", "rung", "end"),
    [
        (Symptom.NORMAL, Rung.UNREACHED, "silent"),
        (Symptom.NORMAL, Rung.PROPAGATED, "propagated"),
        (Symptom.HANG, Rung.HANG, "hang"),
        (None, None, "no verdict"),
    ],
)
def test_end_of_a_mutant_does_not_depend_on_what_probes_know(
    bench: Modules, symptom: Symptom | None, rung: Rung | None, end: str
) -> None:
    assert bench.facts.end_of(symptom, rung) == end


def plan_of(bench: Modules, **changes: Any) -> Any:
    plan = bench.campaigns.Plan("torch", "tiny", 100, 60, 40, 1, ("naive", "cold", "warm"))
    return replace(plan, **changes)


def test_schedule_lets_ways_take_turns_and_the_naive_one_stop_early(bench: Modules) -> None:
    planned, steps = (list(bench.campaigns.schedule(plan_of(bench)))[part] for part in PARTS)
    assert planned == [("plan", "naive", 0), ("plan", "cold", 0), ("plan", "warm", 0)]
    assert steps == [
        ("first", "naive", 40),
        ("first", "cold", 40),
        ("first", "warm", 40),
        ("first", "cold", 80),
        ("first", "warm", 80),
        ("first", "naive", 60),
        ("first", "warm", 100),
        ("first", "cold", 100),
    ]


def test_schedule_ends_with_further_seeds_where_the_study_has_some(bench: Modules) -> None:
    steps = list(bench.campaigns.schedule(plan_of(bench, profile="quick", slice_=100)))
    assert steps[-3:] == [
        ("further", "naive", 60),
        ("further", "cold", 100),
        ("further", "warm", 100),
    ]
    assert [stage for stage, _, _ in steps].count("further") == 3


def test_steps_that_were_half_written_are_not_there(bench: Modules, tmp_path: Path) -> None:
    kept = bench.campaigns.Bench(tmp_path)
    kept.add({"way": "cold", "cpu": 1.0})
    with (tmp_path / "steps.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"way": "warm", "cp')
    assert kept.steps() == [{"way": "cold", "cpu": 1.0}]
    kept.add({"way": "warm", "cpu": 2.0})
    assert [step["way"] for step in kept.steps()] == ["cold", "warm"]


def test_a_campaign_is_restored_where_a_step_was_cut_off(bench: Modules, tmp_path: Path) -> None:
    kept = bench.campaigns.Bench(tmp_path)
    campaign = kept.campaign("cold")
    kept.keep("cold")
    (campaign / "campaign.sqlite").write_text("first half", encoding="utf-8")
    kept.keep("cold")
    assert list(campaign.iterdir()) == []
    (campaign / "campaign.sqlite").write_text("whole", encoding="utf-8")
    kept.forget("cold")
    kept.keep("cold")
    assert (campaign / "campaign.sqlite").read_text(encoding="utf-8") == "whole"


def test_parts_of_a_way_sum_up_to_what_was_measured(bench: Modules) -> None:
    way = {
        "steps": [{"cpu": 30.0}, {"cpu": 70.0}],
        "own": 5.0,
        "stored": {"clean": [2, 40.0], "mutant": [3, 50.0]},
    }
    parts = bench.campaigns.parts(way)
    assert sum(parts.values()) == pytest.approx(100.0)
    assert parts["listing, keepers, walls, lost runs"] == pytest.approx(5.0)


def test_pooled_differences_add_up_over_studies(bench: Modules) -> None:
    one = {"what": "assumed decisions", "way": "warm", "against": "naive"}
    results = [
        {"differences": [{**one, "compared": 90, "differ": 0}]},
        {"differences": [{**one, "compared": 110, "differ": 1}]},
    ]
    (row,) = bench.campaigns.pooled(results)
    assert (row["compared"], row["differ"], row["wanted"]) == (200, 1, 1 / 200)
    assert row["high"] == pytest.approx(0.02754, abs=5e-5)


def test_impacts_are_pooled_where_both_ways_had_further_seeds_or_neither(bench: Modules) -> None:
    one = {"what": "impacts", "way": "warm", "against": "naive", "compared": 9, "differ": 1}
    whole, first = {"is_complete": True}, {"is_complete": False}
    results = [
        {"differences": [one], "ways": {"warm": whole, "naive": first}},
        {"differences": [{**one, "differ": 0}], "ways": {"warm": whole, "naive": whole}},
        {"differences": [{**one, "differ": 0}], "ways": {"warm": first, "naive": first}},
    ]
    (row,) = bench.campaigns.pooled(results)
    assert (row["compared"], row["differ"]) == (18, 0)


@pytest.mark.process
def test_metered_counts_processes_that_outlive_the_command(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    start = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {busy!r}])"
    meter = (
        "import sys; from pathlib import Path; import metered; "
        f"print(metered.metered([sys.executable, '-c', {start!r}], Path('log')).cpu)"
    )
    # It waits for all children of its process, so that it has one of its own.
    done = subprocess.run(
        [sys.executable, "-c", meter],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(BENCHMARKS)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) >= 0.3
