"""From the facts of a run to symptom, rung and evidence."""

import pytest

from build import determinism, failure, mutant, outcome
from trainwreck.judge.baseline_evidence import CleanRuns, DeterminismCheck, check_determinism
from trainwreck.judge.conclusions import symptom_of
from trainwreck.judge.early_rules import Facts
from trainwreck.judge.verdicts import verdict_of
from trainwreck.model import (
    FIRST,
    MASKED_VALUES,
    NO_VERDICT,
    VALUES_ALONE,
    CleanEndings,
    Context,
    DigestComparison,
    Draw,
    EndedBy,
    Ending,
    Exit,
    Hits,
    MissingMetrics,
    Outcome,
    Part,
    Raised,
    Rung,
    Symptom,
    Unproven,
    Verdict,
)

METRICS = ("accuracy",)
CLEAN = outcome()


def judged(run: Outcome, known: DeterminismCheck | None = None) -> Verdict:
    clean = CleanRuns(known or determinism(CLEAN.digest), steps=(CLEAN.steps,))
    found = verdict_of(mutant(), Facts(run), clean, METRICS)
    assert found is not None
    return found


def test_an_annotation_that_python_does_not_evaluate_is_unreached() -> None:
    deferred = mutant(context=Context.DEFERRED, evaluated=None)
    clean = CleanRuns(determinism(CLEAN.digest), steps=(CLEAN.steps,))
    for facts in (Facts(same_code=True), Facts(outcome(hits=0))):
        found = verdict_of(deferred, facts, clean, METRICS)
        assert found is not None
        assert found.rung is Rung.UNREACHED
    evaluated = mutant(context=Context.ANNOTATION, evaluated=None)
    other = verdict_of(evaluated, Facts(same_code=True), clean, METRICS)
    assert other is not None
    assert other.rung is Rung.UNINFECTED


def changed(value: str = "0.1") -> Outcome:
    return outcome(steps={"accuracy": (value,)})


def test_a_run_with_every_metric_is_normal() -> None:
    assert symptom_of(CLEAN, METRICS) is Symptom.NORMAL


@pytest.mark.parametrize("value", ["884543", "nan", "-inf"])
def test_an_absurd_value_is_normal_all_the_same(value: str) -> None:
    assert symptom_of(changed(value), METRICS) is Symptom.NORMAL


@pytest.mark.parametrize("steps", [{}, {"accuracy": ()}, {"loss": ("1",)}])
def test_a_normal_exit_without_the_metric_is_a_crash(steps: dict[str, tuple[str, ...]]) -> None:
    found = judged(outcome(steps=steps))
    assert (found.symptom, found.rung) == (Symptom.CRASH, Rung.CRASH)
    assert found.evidence == (Hits(1, True), MissingMetrics(("accuracy",)))


def test_only_metrics_that_clean_runs_report_are_asked_for() -> None:
    assert symptom_of(outcome(steps={}), ()) is Symptom.NORMAL


@pytest.mark.parametrize(
    "ending", [Exit(Ending.EXITED, 1), Exit(Ending.SIGNAL, 11), Exit(Ending.MEMORY, 9)]
)
def test_an_end_without_success_is_a_crash(ending: Exit) -> None:
    found = judged(outcome(exit=ending))
    assert (found.symptom, found.rung) == (Symptom.CRASH, Rung.CRASH)
    assert found.evidence == (Hits(1, True), EndedBy(ending, "learning"))


@pytest.mark.parametrize("ending", [Ending.TIME, Ending.CPU, Ending.OUTPUT])
def test_a_run_that_had_to_be_stopped_hangs(ending: Ending) -> None:
    found = judged(outcome(exit=Exit(ending, 9), hits=7))
    assert (found.symptom, found.rung) == (Symptom.HANG, Rung.HANG)
    assert found.evidence == (Hits(7, True), EndedBy(Exit(ending, 9), "learning"))


def test_every_ending_that_proves_something_has_a_symptom() -> None:
    symptoms = {ending: symptom_of(outcome(exit=Exit(ending, 1)), METRICS) for ending in Ending}
    assert {ending for ending in symptoms if symptoms[ending] is None} == {
        Ending.BROKEN,
        Ending.LOST,
    }
    assert symptoms[Ending.DISK] is symptoms[Ending.PROCESSES] is Symptom.CRASH
    assert symptoms[Ending.OUTPUT] is Symptom.HANG


def test_an_exception_is_told_with_its_place_and_phase() -> None:
    found = judged(outcome(exit=Exit(Ending.EXITED, 1), error=failure()))
    assert found.evidence[1] == Raised("ValueError", "no shape", "layers.py", 40, "learning")


def test_an_exception_without_a_place_is_told_all_the_same() -> None:
    found = judged(outcome(exit=Exit(Ending.EXITED, 1), error=failure(frames=())))
    assert found.evidence[1] == Raised("ValueError", "no shape", "", 0, "learning")


def test_a_bug_without_hits_is_unreached_and_never_masked() -> None:
    assert judged(outcome(hits=0)).rung is Rung.UNREACHED


def test_a_bug_whose_hits_are_not_known_gets_no_rung() -> None:
    found = judged(outcome(hits=None))
    assert (found.symptom, found.rung) == (Symptom.NORMAL, None)
    assert Hits(None, True) in found.evidence


def test_a_bug_that_ran_and_left_a_clean_digest_is_masked() -> None:
    found = judged(CLEAN)
    assert (found.symptom, found.rung) == (Symptom.NORMAL, Rung.MASKED)
    clean = CleanEndings(digests=1, runs=5, chance_of_unseen=0.75)
    parts = (Part.PARAMETERS, Part.VALUES)
    assert found.evidence == (Hits(1, True), DigestComparison(CLEAN.digest, True, parts, clean))


def test_any_of_the_clean_digests_will_do() -> None:
    assert judged(CLEAN, determinism("other", CLEAN.digest)).rung is Rung.MASKED


def test_a_bug_that_left_another_digest_propagated() -> None:
    assert judged(changed()).rung is Rung.PROPAGATED
    assert judged(outcome(parameters="other")).rung is Rung.PROPAGATED


def test_without_clean_runs_that_repeat_a_digest_says_nothing() -> None:
    never = determinism(CLEAN.digest, "b", "c", runs=3, without_news=0)
    for run in (CLEAN, changed()):
        found = judged(run, never)
        assert (found.symptom, found.rung) == (Symptom.NORMAL, None)
        comparison = found.evidence[1]
        assert isinstance(comparison, DigestComparison)
        assert comparison.clean == CleanEndings(digests=3, runs=3, chance_of_unseen=1.0)
        assert not comparison.clean.repeats


def test_without_clean_runs_that_repeat_crashes_and_hangs_are_still_told() -> None:
    never = determinism("a", runs=1)
    assert judged(outcome(exit=Exit(Ending.EXITED, 1)), never).rung is Rung.CRASH
    assert judged(outcome(exit=Exit(Ending.TIME, 9)), never).rung is Rung.HANG
    assert judged(outcome(hits=0), never).rung is Rung.UNREACHED


def test_every_rung_can_be_reached_by_a_run_alone_but_for_the_probes() -> None:
    runs = [
        outcome(hits=0),
        CLEAN,
        changed(),
        outcome(exit=Exit(Ending.EXITED, 1)),
        outcome(exit=Exit(Ending.TIME, 9)),
    ]
    assert [judged(run).rung for run in runs] == [r for r in Rung if r is not Rung.UNINFECTED]


def test_a_verdict_is_of_its_mutant() -> None:
    assert judged(CLEAN).mutant_id == mutant().id


def test_a_determinism_check_counts_runs_and_those_since_the_last_news() -> None:
    one, two = outcome(), changed()
    found = check_determinism(Draw(3), [one, two, one, one])
    assert (found.seed, found.runs, found.without_news) == (3, 4, 2)
    assert found.digests == {one.digest, two.digest}
    assert found.repeats


def test_a_determinism_of_different_digests_does_not_repeat() -> None:
    found = check_determinism(FIRST, [changed("1"), changed("2"), changed("3")])
    assert (found.runs, found.without_news, found.repeats) == (3, 0, False)
    assert found.chance_of_unseen == 1.0
    assert not check_determinism(FIRST, [CLEAN]).repeats
    assert not check_determinism(FIRST, []).repeats


def test_more_runs_without_news_leave_less_room_for_doubt() -> None:
    chances = [
        check_determinism(FIRST, [CLEAN] * number).chance_of_unseen for number in (1, 11, 31)
    ]
    assert chances == [1.0, 0.3, 0.1]


def test_without_a_model_to_compare_a_masked_bug_is_said_to_be_so_by_its_values() -> None:
    run = outcome(parameters=None)
    found = judged(run, determinism(run.digest))
    assert found.rung is Rung.MASKED
    assert found.parts == VALUES_ALONE
    assert found.rung_class == MASKED_VALUES
    assert judged(CLEAN).rung_class == Rung.MASKED


def test_a_result_that_differs_without_a_hit_is_not_called_unreached() -> None:
    clean = outcome(hits=0)
    known = determinism(clean.digest)
    assert judged(clean, known).rung is Rung.UNREACHED
    found = judged(outcome(hits=0, steps={"accuracy": ("0.1",)}), known)
    assert found.rung is None
    comparison = found.evidence[1]
    assert isinstance(comparison, DigestComparison)
    assert not comparison.is_clean


@pytest.mark.parametrize("ending", [Ending.BROKEN, Ending.LOST])
def test_a_run_that_proves_nothing_has_no_verdict_whatever_it_left(ending: Ending) -> None:
    run = outcome(
        exit=Exit(ending, 0),
        hits=3,
        error=failure(),
        settled="horizon",
        observations={NO_VERDICT: "its folder is gone"},
    )
    found = judged(run)
    assert (found.symptom, found.rung, found.ending) == (None, None, ending)
    assert (found.symptom_class, found.rung_class) == (NO_VERDICT, NO_VERDICT)
    assert found.evidence == (Hits(3, True), Unproven(ending, "its folder is gone"))
    assert symptom_of(run, METRICS) is None


def test_a_run_that_proves_nothing_without_a_reason_says_so() -> None:
    assert outcome(exit=Exit(Ending.LOST, 0)).reason == "not known"
    assert outcome().reason == ""
