"""Final states that no clean run has shown: second runs, shared endings, watched runs."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import trainwreck
from build import determinism, failure, mutant, outcome, verdict
from exchanging import SUBJECT, foreign
from trainwreck.cli.main import run
from trainwreck.findings import JudgedCampaign, table_ledger
from trainwreck.judge.baseline_evidence import (
    CleanRuns,
    DeterminismCheck,
    check_determinism,
    clean_runs_of,
)
from trainwreck.judge.conclusions import may_be_chance
from trainwreck.judge.early_rules import Facts
from trainwreck.judge.endings import doubts_of, shared_digests
from trainwreck.judge.verdicts import verdict_of
from trainwreck.model import (
    FIRST,
    ChainedError,
    Controls,
    DoubtfulMutants,
    Draw,
    Ending,
    EndingDoubt,
    Exit,
    Judged,
    Measurement,
    Mutant,
    Outcome,
    PhaseTime,
    PlannedMutant,
    Probe,
    ProbeKind,
    Rule,
    Rung,
    Second,
    SecondRun,
    Symptom,
    Verdict,
)
from trainwreck.report.evidence_sentences import evidence
from trainwreck.report.remarks import note_of
from trainwreck.report.sentences import doubts, why
from trainwreck.results.judged_campaign import with_shared

METRICS = ("accuracy",)
ONE, TWO = outcome(), outcome(steps={"accuracy": ("0.6",)})
NEW = outcome(steps={"accuracy": ("0.1",)})
THIRD = outcome(steps={"accuracy": ("0.2",)})
SEVERAL = determinism(ONE.digest, TWO.digest)
SINGLE = determinism(ONE.digest)


def judged(first: Outcome, second: Outcome | None, known: DeterminismCheck = SEVERAL) -> Verdict:
    clean = CleanRuns(known, steps=(ONE.steps, TWO.steps))
    found = verdict_of(mutant(), Facts(first, second=second), clean, METRICS)
    assert found is not None
    return found


def hit(run: Outcome, hits: int | None) -> Outcome:
    return outcome(steps=run.steps, hits=hits)


@pytest.mark.parametrize(
    ("second", "rung", "how", "unseen"),
    [
        (ONE, Rung.MASKED, Second.CLEAN, [NEW]),
        (TWO, Rung.MASKED, Second.CLEAN, [NEW]),
        (NEW, Rung.PROPAGATED, Second.SAME, [NEW]),
        (THIRD, Rung.PROPAGATED, Second.OTHER, [NEW, THIRD]),
        (None, Rung.PROPAGATED, Second.MISSING, [NEW]),
        (hit(ONE, 0), Rung.PROPAGATED, Second.UNREACHED, [NEW]),
        (hit(ONE, None), Rung.PROPAGATED, Second.UNREACHED, [NEW]),
        (hit(THIRD, 0), Rung.PROPAGATED, Second.UNREACHED, [NEW, THIRD]),
        (outcome(exit=Exit(Ending.EXITED, 1)), Rung.PROPAGATED, Second.FAILED, [NEW]),
        (outcome(exit=Exit(Ending.TIME, 9)), Rung.PROPAGATED, Second.FAILED, [NEW]),
        (outcome(steps={}), Rung.PROPAGATED, Second.FAILED, [NEW]),
    ],
)
def test_where_clean_runs_have_several_endings_the_second_run_decides(
    second: Outcome | None, rung: Rung, how: Second, unseen: list[Outcome]
) -> None:
    found = judged(NEW, second)
    assert (found.rung, found.second) == (rung, how)
    assert list(found.unseen) == [run.digest for run in unseen]


ABORTED = outcome(steps=NEW.steps, exit=Exit(Ending.SIGNAL, 6))


@pytest.mark.parametrize("first", [ABORTED, outcome(exit=Exit(Ending.EXITED, 1), hits=None)])
@pytest.mark.parametrize(
    ("second", "symptom", "how"),
    [
        (None, Symptom.CRASH, Second.MISSING),
        (ABORTED, Symptom.CRASH, Second.SAME),
        (outcome(exit=Exit(Ending.EXITED, 1), error=failure()), Symptom.CRASH, Second.SAME),
        (outcome(exit=Exit(Ending.TIME, 9)), Symptom.CRASH, Second.FAILED),
        (outcome(exit=Exit(Ending.LOST, 9)), Symptom.CRASH, Second.UNREACHED),
        (ONE, None, Second.CLEAN),
        (NEW, None, Second.OTHER),
    ],
)
@pytest.mark.parametrize("known", [SINGLE, SEVERAL])
def test_a_crash_without_an_exception_is_a_verdict_where_it_repeats(
    first: Outcome,
    second: Outcome | None,
    symptom: Symptom | None,
    how: Second,
    known: DeterminismCheck,
) -> None:
    found = judged(first, second, known)
    assert (found.symptom, found.second) == (symptom, how)
    assert (found.rung, found.ending) == (
        (None, Ending.LOST) if symptom is None else (Rung.CRASH, None)
    )
    assert why(found).startswith("Chance decided") is (symptom is None)
    assert doubts_of(found) == []


def crashed_in(
    processes: Mapping[str, Any] | None, kind: str, message: str = "", *earlier: str
) -> Outcome:
    chain = tuple(ChainedError(each, "") for each in earlier)
    return outcome(
        exit=Exit(Ending.EXITED, 1),
        error=replace(failure(kind, message), chain=chain),
        observations={} if processes is None else {"processes": processes},
    )


RANKS = {"python": 3, "ranks": 2, "chosen": "train.py", "kind": "file", "rank": 0, "why": []}
CHILD = {**RANKS, "python": 2, "ranks": 1, "rank": None}


@pytest.mark.parametrize(
    ("first", "is_chance"),
    [
        (crashed_in(RANKS, "ChildFailedError", "train.py FAILED"), True),
        (crashed_in(None, "CalledProcessError", "died with <Signals.SIGABRT: 6>."), True),
        (crashed_in(None, "RuntimeError", "no worker", "ProcessExitedException"), True),
        (crashed_in(CHILD, "SystemExit", "-6"), True),
        (crashed_in(CHILD, "SystemExit", "no data"), False),
        (crashed_in(None, "SystemExit", "1"), False),
        (crashed_in(RANKS, "RuntimeError", "[gloo] Connection closed by peer [::1]"), True),
        (crashed_in(CHILD, "RuntimeError", "[gloo] Connection closed by peer [::1]"), False),
        (crashed_in(None, "ConnectionError", "no route to host"), False),
        (crashed_in(RANKS, "ValueError", "no shape"), False),
    ],
)
def test_an_exception_that_only_tells_of_another_process_names_no_cause(
    first: Outcome, is_chance: bool
) -> None:
    assert may_be_chance(first) is is_chance
    assert judged(first, None).second is (Second.MISSING if is_chance else None)
    assert (judged(first, ONE).symptom is None) is is_chance
    if is_chance:
        assert "only says that another process had failed" in why(judged(first, ONE))


@pytest.mark.parametrize(
    "first",
    [
        outcome(exit=Exit(Ending.EXITED, 1), error=failure()),
        outcome(exit=Exit(Ending.MEMORY, 9)),
        outcome(steps={}),
    ],
)
def test_a_crash_that_shows_its_cause_needs_no_second_run(first: Outcome) -> None:
    found = judged(first, None)
    assert (found.symptom, found.second) == (Symptom.CRASH, None)


def test_with_one_clean_ending_no_second_run_is_asked_for() -> None:
    found = judged(NEW, None, SINGLE)
    assert (found.rung, found.second, found.unseen) == (Rung.PROPAGATED, None, (NEW.digest,))
    assert doubts_of(found) == []


def test_a_first_run_that_ends_as_a_clean_one_needs_no_second() -> None:
    for second in (None, NEW, ONE):
        found = judged(TWO, second)
        assert (found.rung, found.second, found.unseen) == (Rung.MASKED, None, ())


@pytest.mark.parametrize("first", [hit(NEW, 0), hit(NEW, None)])
def test_a_first_run_without_a_known_hit_is_not_masked_by_a_second_run(first: Outcome) -> None:
    found = judged(first, ONE)
    assert (found.rung, found.second, found.unseen) == (None, None, (NEW.digest,))


@pytest.mark.parametrize(
    "known",
    [
        determinism(ONE.digest, TWO.digest, runs=2, without_news=0),
        determinism(ONE.digest, runs=1, without_news=0),
        determinism(runs=0, without_news=0),
    ],
)
def test_where_clean_runs_do_not_repeat_no_ending_is_suspected(known: DeterminismCheck) -> None:
    found = judged(NEW, ONE, known)
    assert (found.rung, found.second, found.unseen) == (None, None, ())


def test_the_doubt_of_a_masked_mutant_is_named_in_its_reason() -> None:
    found = judged(NEW, ONE)
    assert found.evidence[2] == SecondRun(Second.CLEAN, 1, ONE.digest)
    assert doubts_of(found) == [EndingDoubt.OTHER_RUN_UNSEEN]
    assert why(found) == (
        "The mutated code ran. One of two runs with the same seed ended exactly as a clean run "
        "does. Doubt: The other run ended in a state that no clean run has shown."
    )


@pytest.mark.parametrize(
    ("without_news", "words"), [(0, "is not bounded"), (12, "is below 0.25 (95 % confidence)")]
)
def test_the_chance_of_a_new_clean_ending_is_always_given(without_news: int, words: str) -> None:
    found = judged(NEW, None, determinism(ONE.digest, runs=13, without_news=without_news))
    text = evidence(found)
    assert text.endswith(f"The chance that the next clean run has a new result {words}.")
    assert ONE.digest not in text


def item(file: str, number: int, *unseen: str, **known: Any) -> Judged:
    bug = mutant(file=file, anchor=f"a.{number}")
    values = {"rung": Rung.PROPAGATED, "unseen": unseen, **known}
    return Judged(PlannedMutant(bug), verdict(mutant_id=bug.id, **values))


def pairs(items: list[Judged]) -> list[tuple[Mutant, Verdict]]:
    return [(each.mutant, each.verdict) for each in items]


def test_an_ending_is_shared_by_mutants_of_different_files_alone() -> None:
    items = [item("a.py", 1, "x"), item("a.py", 2, "x"), item("b.py", 3, "y"), item("b.py", 4)]
    assert shared_digests(pairs(items)) == frozenset()
    assert with_shared(items) == items
    assert shared_digests(pairs([*items, item("a.py", 5, "z", "y")])) == {"y"}
    other = [item("a.py", 1, "x")]
    elsewhere = Judged(PlannedMutant(mutant(root="keras", file="a.py")), verdict(unseen=("x",)))
    assert shared_digests(pairs([*other, elsewhere])) == {"x"}


def test_a_shared_ending_is_one_noun_for_all_its_mutants() -> None:
    items = [item(f"{number % 7}.py", number, "x") for number in range(50)]
    found = with_shared(items)
    shared = found[0].verdict.shared
    assert shared is not None
    assert shared.files == 7
    assert shared.mutants == tuple(each.mutant.id for each in items)
    assert all(each.verdict.shared is shared for each in found)
    (doubt,) = doubts(found[0].verdict)
    assert items[0].mutant.id not in doubt
    assert f"{items[1].mutant.id}, {items[2].mutant.id}, {items[3].mutant.id} and 46 more" in doubt
    (doubt,) = doubts(found[40].verdict)
    assert f"{items[0].mutant.id}, {items[1].mutant.id}, {items[2].mutant.id} and 46" in doubt


def test_an_ending_of_a_second_run_is_shared_as_well() -> None:
    first = item("a.py", 1, "x", "y", second=Second.OTHER)
    masked = item("b.py", 2, "y", rung=Rung.MASKED, second=Second.CLEAN)
    unhit = item("c.py", 3, "y", rung=None)
    found = with_shared([first, masked, unhit])
    assert [each.verdict.shared and each.verdict.shared.files for each in found] == [3, 3, 3]


def test_the_note_of_the_ledger_counts_each_doubt_once() -> None:
    items = with_shared(
        [
            item("a.py", 1, "x"),
            item("b.py", 2, "x", second=Second.MISSING),
            item("c.py", 3, "z", rung=Rung.MASKED, second=Second.CLEAN),
            item("c.py", 4),
        ]
    )
    controls = Controls(runs=4, new=1)
    table = table_ledger(items, [controls])
    assert table.remarks == (controls, DoubtfulMutants(shared=2, unproven=1, half_masked=1))
    note = note_of(table)
    assert note.startswith("1 of 4 control runs has a result that no clean run had before.")
    assert "Doubtful: 2 of the propagated mutants share a final state" in note
    assert "1 of the propagated mutants has no second run" in note
    assert "1 of the masked mutants ended as a clean run in one of two runs" in note
    assert table_ledger([item("c.py", 4)], [controls]).remarks == (controls,)


def watched(run: Outcome, trial: str, **changes: Any) -> Outcome:
    return outcome(steps=run.steps, trial_id=trial, **changes)


def test_a_watched_run_that_ends_as_a_clean_one_is_a_run_without_news() -> None:
    found = check_determinism(FIRST, [ONE, watched(ONE, "w"), ONE], {"w"})
    assert (found.runs, found.without_news) == (2, 2)
    assert (found.watched, found.agreeing) == (1, 1)


def test_a_watched_run_that_ends_elsewhere_is_news_and_no_clean_ending() -> None:
    found = check_determinism(FIRST, [ONE, ONE, ONE, watched(NEW, "w"), ONE], {"w"})
    assert (found.runs, found.without_news, found.digests) == (4, 1, {ONE.digest})
    assert (found.watched, found.agreeing) == (1, 0)
    assert found.repeats


def test_a_watched_run_agrees_with_an_ending_that_a_later_clean_run_shows() -> None:
    found = check_determinism(FIRST, [ONE, watched(NEW, "w"), ONE, NEW], {"w"})
    assert (found.without_news, found.agreeing) == (0, 1)
    assert found.digests == {ONE.digest, NEW.digest}


def test_a_measured_run_without_parameters_proves_as_much_as_was_compared() -> None:
    alike = watched(ONE, "w", parameters=None)
    found = check_determinism(FIRST, [ONE, ONE, alike], {"w"})
    assert (found.without_news, found.watched, found.agreeing) == (1, 1, 1)
    found = check_determinism(FIRST, [ONE, ONE, watched(NEW, "w", parameters=None)], {"w"})
    assert (found.without_news, found.watched, found.agreeing) == (0, 1, 0)


def test_watched_runs_alone_make_no_clean_ending() -> None:
    found = check_determinism(FIRST, [watched(ONE, "v"), watched(ONE, "w")], {"v", "w"})
    assert (found.runs, found.digests, found.repeats) == (0, frozenset(), False)
    assert found.chance_of_unseen == 1.0


def test_what_a_watched_run_did_is_no_clean_runs() -> None:
    other = watched(NEW, "w", checkpoint="c", states={"data": "d"}, work={"epochs": 9})
    found = clean_runs_of(FIRST, [ONE, ONE, other], {"w"})
    assert (found.steps, found.work) == ((ONE.steps,), ({},))
    assert (found.checkpoints, found.endings) == (frozenset(), {})


def test_a_probed_run_counts_only_where_a_clean_run_ended_as_it_did() -> None:
    probe = Probe(mutant().id, "w", ProbeKind.VALUE, 4, 0, "", (2, 4), 2, "")
    for ended, rule in ((ONE, Rule.PROBE), (NEW, None)):
        clean = clean_runs_of(FIRST, [ONE, ONE, watched(ended, "w")], {"w"})
        facts = Facts(probe=probe, probe_digest=ended.digest)
        found = verdict_of(mutant(), facts, clean, METRICS)
        assert (found.decided_by if found else None) == rule


def measured(run: Outcome) -> Measurement:
    return Measurement(None, FIRST, run.exit, run.metrics, 1.0, 1.0, True, run.digest)


def value_of(found: Verdict) -> float | None:
    study = JudgedCampaign(
        name="s",
        judged=[Judged(PlannedMutant(mutant()), found)],
        planned=1,
        metrics=(trainwreck.model.Metric("accuracy", "", trainwreck.model.Better.HIGHER, None),),
        clean=[measured(ONE)],
        first={},
        endings={run.digest: measured(run) for run in (ONE, TWO)},
    )
    return study.value(study.judged[0])


def test_a_settled_mutant_has_the_value_of_the_clean_run_whose_course_it_shares() -> None:
    phases = (PhaseTime("learning", 1.0, 0.5, 0),)
    first = outcome(checkpoint="one", states={"learning": "l1"})
    second = outcome(steps=TWO.steps, checkpoint="two", states={"learning": "l2"})
    clean = clean_runs_of(FIRST, [first, second, first, second])

    def settled(rule: Rule, **changes: Any) -> Verdict:
        ended = outcome(settled=rule.value, phases=phases, steps={}, **changes)
        found = verdict_of(mutant(), Facts(ended), clean, METRICS)
        assert found is not None
        return found

    assert value_of(settled(Rule.HORIZON, checkpoint="one")) == 0.7
    assert value_of(settled(Rule.HORIZON, checkpoint="two")) == 0.6
    assert value_of(settled(Rule.HORIZON, checkpoint="unknown")) == 0.7
    assert value_of(settled(Rule.CUT, states={"learning": "l2"})) == 0.6
    probe = Probe(mutant().id, "w", ProbeKind.VALUE, 4, 0, "", (2, 4), 2, "")
    seen = verdict_of(mutant(), Facts(probe=probe, probe_digest=TWO.digest), clean, METRICS)
    same = verdict_of(mutant(), Facts(same_code=True), clean, METRICS)
    assert seen is not None
    assert same is not None
    assert (value_of(seen), value_of(same)) == (0.6, 0.7)


def record(number: int, file: str, digest: str, *again: str, **known: Any) -> dict[str, Any]:
    run = {"seed": 0, "metrics": {"accuracy": 0.5}}
    runs = [{**run, "digest": digest}]
    runs += [{**run, "digest": other, "purpose": "repeat"} for other in again]
    place = {"file": file, "line": number, "id": f"m{number}"}
    fate = {"kind": "mutant", "operator": "NVR", "symptom": "normal"}
    return {**fate, **place, "runs": runs, **known}


def imported(folder: Path, *records: dict[str, Any]) -> dict[str, Verdict]:
    source = foreign(folder, *records, subject=SUBJECT)
    assert run(["--campaign", str(folder / "copy"), "import", str(source)]) == 0
    judged = trainwreck.open(folder / "copy").study.judged
    return {each.mutant.id: each.verdict for each in judged}


def clean_record(digest: str) -> dict[str, Any]:
    return {"kind": "clean", "seed": 0, "metrics": {"accuracy": 0.5}, "digest": digest}


def test_records_from_elsewhere_that_share_an_ending_are_doubted(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        clean_record("a"),
        record(1, "x.py", "n"),
        record(2, "y.py", "n"),
        record(3, "x.py", "o"),
        record(4, "y.py", "a"),
    )
    assert {name: each.rung for name, each in found.items()} == {
        "m1": Rung.PROPAGATED,
        "m2": Rung.PROPAGATED,
        "m3": Rung.PROPAGATED,
        "m4": None,
    }
    shared = {name for name, each in found.items() if each.shared}
    assert shared == {"m1", "m2"}


def test_records_from_elsewhere_with_second_runs_are_read_with_them(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        clean_record("a"),
        clean_record("b"),
        record(1, "x.py", "n", "b"),
        record(2, "x.py", "n", "n"),
        record(3, "x.py", "n"),
    )
    assert [each.rung for each in found.values()] == [None, Rung.PROPAGATED, Rung.PROPAGATED]
    assert [each.second for each in found.values()] == [None, None, Second.MISSING]
    opened = trainwreck.open(tmp_path / "copy")
    assert len(opened.outcomes) == 5


def test_records_with_digests_and_without_clean_runs_get_no_rung_from_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = imported(
        tmp_path,
        record(1, "x.py", "n"),
        record(2, "y.py", "n"),
        record(3, "x.py", "o", rung="propagated"),
        record(4, "y.py", "o", rung="propagated"),
    )
    assert [each.rung for each in found.values()] == [None, None, *[Rung.PROPAGATED] * 2]
    assert [each.shared is not None for each in found.values()] == [False, False, True, True]
    capsys.readouterr()
    assert run(["--campaign", str(tmp_path / "copy"), "show", "m3", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["verdict"]
    assert shown["shared"] == {"mutants": ["m3", "m4"], "files": 2}


def test_two_bugs_of_the_committed_campaign_that_disable_dropout_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = Path(__file__).parents[2] / "results" / "keras.jsonl.xz"
    here = ["--campaign", str(tmp_path / "keras")]
    assert run([*here, "import", str(results)]) == 0
    judged = trainwreck.open(tmp_path / "keras").study.judged
    shared = {each.mutant.file: each for each in judged if each.verdict.shared}
    assert set(shared) == {
        "keras/src/layers/regularization/dropout.py",
        "keras/src/backend/tensorflow/random.py",
    }
    assert {each.verdict.rung for each in shared.values()} == {Rung.PROPAGATED}
    first, second = (each.mutant.id for each in shared.values())
    capsys.readouterr()
    assert run([*here, "show", first]) == 0
    assert f"Doubt: The final state is also that of {second}, in 2 files" in capsys.readouterr().out


def test_draws_keep_their_watched_runs_apart() -> None:
    other = check_determinism(Draw(1), [ONE, ONE], {"w"})
    assert (other.watched, other.agreeing) == (0, 0)
