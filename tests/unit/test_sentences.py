"""Verdicts, impacts and remarks in words (trainwreck.report.sentences, reasons, remarks)."""

import json
from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from build import verdict
from trainwreck.campaign.checks import (
    BareRun,
    Check,
    PlantedRun,
    Question,
    SeedFacts,
    TakenProcesses,
    WatchedRuns,
)
from trainwreck.cli.checks import check_json, check_line, rule_lines
from trainwreck.model import (
    TIME,
    VALUES_ALONE,
    AuditedWrong,
    CauseReason,
    ChosenProcess,
    CleanEndings,
    CleanEvaluations,
    Compared,
    Controls,
    CrashRule,
    DigestComparison,
    Disagreement,
    Divergence,
    EndedBy,
    EndedEarly,
    Ending,
    EnvironmentChange,
    EvidenceItem,
    Exit,
    Ground,
    Hits,
    Impact,
    MissingMetrics,
    Obstacle,
    Part,
    ProbeCounts,
    ProbeKind,
    Raised,
    Recorded,
    Remark,
    Repeatability,
    Rule,
    RuleOutlook,
    Rung,
    SameCode,
    SameWhole,
    Second,
    SecondRun,
    SeedUse,
    Symptom,
    Table,
    Together,
    Unread,
    Verdict,
)
from trainwreck.report.crashes import cause_reason
from trainwreck.report.evidence_sentences import evidence
from trainwreck.report.reasons import comparison, reasons
from trainwreck.report.remarks import note_of
from trainwreck.report.sentences import why
from trainwreck.report.words import all_of, counted, joined, times

SIX = CleanEndings(digests=1, runs=6, chance_of_unseen=0.4)
TWO = CleanEndings(digests=2, runs=12, chance_of_unseen=1.0)
NEVER = CleanEndings(digests=3, runs=3, chance_of_unseen=1.0)
DIGEST = "7dea0123"


def compared_with(clean: CleanEndings, is_clean: bool = False) -> DigestComparison:
    return DigestComparison(DIGEST, is_clean, (Part.PARAMETERS, Part.VALUES), clean)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (SameCode(), "The bytecode of both programs is the same."),
        (Together(3, False), "A run with 3 bugs at once ended as a clean run does."),
        (
            Together(2, True),
            "A run with 2 bugs at once stood at its first report as a clean run does.",
        ),
        (
            SameWhole(2),
            "None of 2 evaluations of the whole expression or condition around the bug differs.",
        ),
        (Unread(1), "A clean run stores the constant once and never reads its name."),
        (CleanEvaluations(2), "A clean run with probes evaluates the changed code 2 times."),
        (CleanEvaluations(None), "A clean run executes the changed statement."),
        (Hits(1000, True), "The mutated code ran 1,000 times."),
        (Hits(1, True), "The mutated code ran once."),
        (Hits(0, True), "The mutated code did not run."),
        (Hits(0, False), "The file of the mutant was not loaded."),
        (Hits(None, True), "It is not known how often the mutated code ran."),
        (SIX, "All 6 clean runs agree."),
        (CleanEndings(1, 2, 1.0), "Both clean runs agree."),
        (CleanEndings(1, 1, 1.0), "There is only 1 clean run."),
        (CleanEndings(0, 0, 1.0), "There is no clean run."),
        (TWO, "12 clean runs have 2 different results."),
        (compared_with(SIX, is_clean=True), "The result is that of all 6 clean runs."),
        (compared_with(TWO, is_clean=True), "The result is one of 2 that all 12 clean runs have."),
        (
            compared_with(SIX),
            "The result differs from all 6 clean runs, which agree with each other. "
            "The chance that the next clean run has a new result is below 0.40 (95 % confidence).",
        ),
        (
            compared_with(TWO),
            "The result differs from all 12 clean runs, which have 2 different results. "
            "The chance that the next clean run has a new result is not bounded.",
        ),
        (compared_with(NEVER), "The result cannot be compared. No two of 3 clean runs agree."),
        (
            ProbeCounts(ProbeKind.VALUE, 4, 3, "1 instead of 2"),
            "A clean run with probes evaluates the changed expression 4 times. "
            "3 of 4 evaluations differ, for example 1 instead of 2.",
        ),
        (
            ProbeCounts(ProbeKind.VALUE, 2500, 1000, "1 instead of 2"),
            "A clean run with probes evaluates the changed expression 2,500 times. "
            "At least 1,000 of 2,500 evaluations differ, for example 1 instead of 2.",
        ),
        (
            ProbeCounts(ProbeKind.VALUE, 1, 0, ""),
            "A clean run with probes evaluates the changed expression once. "
            "None of 1 evaluation differs.",
        ),
        (
            ProbeCounts(ProbeKind.DEFAULT, 4, 1, ""),
            "A clean run with probes calls the function 4 times. "
            "In 1 of 4 calls the parameter has the value of the default, left out or passed by the "
            "caller.",
        ),
        (
            ProbeCounts(ProbeKind.DEFAULT, 4, 0, ""),
            "A clean run with probes calls the function 4 times. "
            "None of 4 calls uses the changed default.",
        ),
        *(
            (
                ProbeCounts(ProbeKind.VALUE, 4, 3, example),
                "A clean run with probes evaluates the changed expression 4 times. "
                "3 of 4 evaluations may differ: only built-in values are computed again.",
            )
            for example in ("", "Unknown instead of float64")
        ),
        (
            ProbeCounts(ProbeKind.DEFAULT, 0, 0, ""),
            "A clean run with probes never calls the function.",
        ),
        (
            EndedEarly(DIGEST, "learning"),
            "The run was ended during learning, in the state of a clean run.",
        ),
        (
            SecondRun(Second.SAME, 1, DIGEST),
            "A second run with the same seed ended as the first one.",
        ),
        (Raised("ValueError", "no", "a.py", 40, "import"), "ValueError was raised at a.py:40."),
        (Raised("ValueError", "no", "", 0, "import"), "ValueError was raised."),
        (EndedBy(Exit(Ending.SIGNAL, 11), "x"), "The program was ended by signal 11."),
        (EndedBy(Exit(Ending.EXITED, 3), "x"), "The program exited with status 3."),
        (EndedBy(Exit(Ending.CPU, 9), "x"), "The program was stopped at its processor time limit."),
        (EndedBy(Exit(Ending.DISK, 9), "x"), "The program was stopped at its disk limit."),
        (EndedBy(Exit(Ending.BROKEN, 0), "x"), "The program broke its own run."),
        (EndedBy(Exit(Ending.LOST, 9), "x"), "The run was lost by the machine."),
        (
            MissingMetrics(("loss",)),
            "The program exited with status 0, and loss was not reported.",
        ),
        (
            MissingMetrics(("a", "b", "c")),
            "The program exited with status 0, and a, b and c were not reported.",
        ),
        (Recorded("because"), "An imported record says so."),
    ],
)
def test_each_item_of_evidence_is_a_sentence_without_digests(item: EvidenceItem, text: str) -> None:
    assert evidence(verdict(evidence=(item,))) == text


def test_no_item_of_evidence_has_a_field_that_hides_its_kind_in_json() -> None:
    for kind in get_args(EvidenceItem):
        assert "kind" not in {field.name for field in fields(kind)}


@pytest.mark.parametrize("how", list(Second))
def test_every_second_run_has_a_sentence(how: Second) -> None:
    assert evidence(verdict(evidence=(SecondRun(how, 1, DIGEST),))).endswith(".")


def crash(item: EvidenceItem) -> Verdict:
    return verdict(Symptom.CRASH, Rung.CRASH, evidence=(Hits(1, True), item))


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (Raised("SystemExit", "1", "a.py", 1, "import"), "import: SystemExit(1)"),
        (Raised("ValueError", "no\nshape ", "", 0, "learning"), "learning: ValueError: no shape"),
        (Raised("MemoryError", "", "", 0, "import"), "import: MemoryError"),
        (EndedBy(Exit(Ending.SIGNAL, 11), "import"), "import: the program was ended by signal 11."),
        (
            EndedBy(Exit(Ending.MEMORY, 9), "learning"),
            "learning: the program was stopped at its memory limit.",
        ),
    ],
)
def test_why_a_crash_names_phase_and_end(item: EvidenceItem, text: str) -> None:
    assert why(crash(item)) == f"Crashed during {text}"


def test_why_a_hang_names_the_limit() -> None:
    hang = (Hits(7, True), EndedBy(Exit(Ending.TIME, 9), "learning"))
    assert why(verdict(Symptom.HANG, Rung.HANG, evidence=hang)) == (
        "The program did not end: it was stopped at its time limit during learning."
    )


def normal(rung: Rung | None, *items: EvidenceItem, **known: Any) -> str:
    return why(verdict(Symptom.NORMAL, rung, evidence=items, **known))


def test_why_of_a_normal_run_follows_from_its_evidence() -> None:
    hit, clean = Hits(3, True), compared_with(SIX, is_clean=True)
    assert normal(None, Hits(None, True), clean).startswith("The program finished. It is not known")
    assert normal(Rung.UNREACHED, Hits(0, True), clean).endswith("mutated code was counted.")
    assert "yet the result differs" in normal(None, Hits(0, True), compared_with(SIX))
    assert "Clean runs never repeat" in normal(None, hit, compared_with(NEVER))
    assert normal(Rung.UNINFECTED, hit, clean).endswith("gives the original value.")
    probe = ProbeCounts(ProbeKind.VALUE, 4, 1, "1 instead of 2")
    said = normal(Rung.MASKED, hit, clean, probe)
    assert said.endswith("1 of 4 evaluations differs, for example 1 instead of 2.")
    values_only = DigestComparison(DIGEST, True, VALUES_ALONE, SIX)
    assert normal(Rung.MASKED, hit, values_only).endswith("so the state of the program may differ.")


def test_why_of_a_propagated_mutant_says_where_it_leaves_the_clean_runs() -> None:
    assert normal(Rung.PROPAGATED).endswith("differs only in the parameters.")
    left = Divergence("loss", 3, "learning", "1", ())
    text = normal(Rung.PROPAGATED, divergence=left)
    assert text.endswith("`loss` leaves the clean runs at step 3.")


@pytest.mark.parametrize(
    ("rule", "item", "text"),
    [
        (Rule.SAME_CODE, SameCode(), "compiles to the bytecode"),
        (Rule.SAME_CALL, SameWhole(2), "always has the original value"),
        (Rule.UNREAD, Unread(1), "under a name that nothing reads"),
        (Rule.TOGETHER, Together(3, False), "together with other bugs"),
        (Rule.PROBE, ProbeCounts(ProbeKind.VALUE, 0, 0, ""), "never evaluates"),
        (Rule.PROBE, ProbeCounts(ProbeKind.VALUE, 2, 0, ""), "gives the original value"),
        (Rule.UNUSED_DEFAULT, ProbeCounts(ProbeKind.DEFAULT, 0, 0, ""), "never calls"),
        (Rule.UNUSED_DEFAULT, ProbeCounts(ProbeKind.DEFAULT, 2, 0, ""), "No call"),
        (Rule.HORIZON, EndedEarly("m", "learning"), "ran. At the first report, training"),
        (Rule.CUT, EndedEarly("m", "learning"), "ran. When learning began, the whole program"),
    ],
)
def test_why_of_an_early_decision_follows_from_its_rule(
    rule: Rule, item: EvidenceItem, text: str
) -> None:
    assert text in normal(Rung.MASKED, item, decided_by=rule)


def test_why_of_an_early_decision_without_hits_says_that_nothing_ran() -> None:
    early = (Hits(0, True), EndedEarly("m", "learning"))
    text = normal(Rung.UNREACHED, *early, decided_by=Rule.HORIZON)
    assert text.startswith("The mutated code did not run. ")


def test_why_of_an_imported_record_is_the_reason_of_the_record() -> None:
    assert normal(None, Recorded("because")) == "because"
    assert normal(None, Recorded(""), decided_by=Rule.PROBE) == "The record gives no reason."


def test_every_crash_rule_has_words() -> None:
    for rule in CrashRule:
        text = cause_reason(CauseReason(rule, 12, "IndexError"))
        assert text
        assert "{" not in text
    assert "line 12" in cause_reason(CauseReason(CrashRule.ASSIGNS_BELOW, 12))
    assert cause_reason(None) == ""


def metric(*grounds: Ground, **known: Any) -> str:
    values = {"p": 0.004, "beyond": 0.01, "equivalence": 0.02, "margin": 0.02, "rises": False}
    return reasons(Compared("loss", 5, 20, grounds=grounds, **{**values, **known}))


@pytest.mark.parametrize(
    ("grounds", "text"),
    [
        ((Ground.BEYOND_MARGIN,), "lower by more than the margin of 0.02 (p = 0.01)"),
        (
            (Ground.DIFFERENT, Ground.SIZE_OPEN),
            "lower (p = 0.004); it is not known whether by more than the margin of 0.02",
        ),
        (
            (Ground.DIFFERENT, Ground.NO_MARGIN),
            "lower (p = 0.004); the settings give no margin, so the size of the difference is not "
            "judged",
        ),
        (
            (Ground.NO_DIFFERENCE, Ground.MARGIN_OF_ZERO),
            "no significant difference (p = 0.004); the margin is a share of a clean median of 0, "
            "so equivalence cannot be shown",
        ),
        (
            (Ground.TOO_FEW_RUNS, Ground.TOO_FEW_TO_BE_EQUIVALENT),
            "5 mutant runs and 20 clean runs are too few to show a difference; equivalence needs "
            "10 runs",
        ),
        (
            (Ground.WITHIN_MARGIN,),
            "the difference is smaller than the margin of 0.02 (p = 0.02); 5 runs do not exclude "
            "a collapse in up to 26 % of runs",
        ),
    ],
)
def test_reasons_of_a_metric_follow_from_their_grounds(
    grounds: tuple[Ground, ...], text: str
) -> None:
    excluded = 0.26 if Ground.WITHIN_MARGIN in grounds else None
    assert metric(*grounds, not_excluded=excluded) == text


def test_every_ground_has_words() -> None:
    texts = {metric(ground, illegal=(7.0,)) for ground in Ground if ground != Ground.SEED_IGNORED}
    assert len(texts) == len(Ground) - 1
    assert "1 of 5 runs reported an impossible value (7)" in texts
    changed = metric(Ground.SEED_IGNORED, impact=Impact.CHANGED, difference=-0.1)
    assert changed == "the program ignores the seed; the mutant reports -0.1"


def test_the_time_is_called_cpu_time_and_its_plurals_agree() -> None:
    assert comparison(Compared(TIME, 1, 3)) == (
        "CPU time: no significant difference (1 mutant run, 3 clean runs)"
    )
    slower = Compared(
        TIME, 5, 20, p=1e-6, ratio=1.5, impact=Impact.SLOWER, grounds=(Ground.DIFFERENT,)
    )
    text = comparison(slower)
    assert text.startswith("CPU time: slower: 1.50 times the clean median (p < 0.0001) (")


@pytest.mark.parametrize(
    ("remark", "text"),
    [
        (Controls(5, 1), "1 of 5 control runs has a result that no clean run had before."),
        (
            Controls(3, 3),
            "Warning: results have drifted. None of 3 control runs reproduces the baseline.",
        ),
        (
            Repeatability(0, SIX, 3, 2),
            "Seed 0: All 6 clean runs agree. The chance that the next clean run has a new result "
            "is below 0.40 (95 % confidence). 2 of 3 runs under coverage.py or with probes "
            "reported clean values.",
        ),
        (
            EnvironmentChange(1, ("numpy 1.16.6 → 1.17.0",)),
            "Warning: 1 run used another environment: numpy 1.16.6 → 1.17.0.",
        ),
        (
            AuditedWrong("a.py:1", Disagreement(Symptom.NORMAL, False, 1, SIX)),
            "a.py:1: the result differs from all 6 clean runs, which agree with each other.",
        ),
        (
            AuditedWrong("a.py:1", Disagreement(Symptom.CRASH, False, 1, SIX)),
            "a.py:1: the run ends in a crash.",
        ),
        (
            AuditedWrong("a.py:1", Disagreement(Symptom.NORMAL, True, 2, SIX)),
            "a.py:1: the run evaluates the mutated code 2 times.",
        ),
    ],
)
def test_the_remarks_of_a_table_come_before_its_note(remark: Remark, text: str) -> None:
    assert note_of(Table("t", "T", ("",), (), "Note.", remarks=(remark,))) == f"{text} Note."


def test_words_agree_with_their_numbers() -> None:
    assert [counted(n, "run") for n in (0, 1, 1064)] == ["0 runs", "1 run", "1,064 runs"]
    assert [times(n) for n in (1, 2)] == ["once", "2 times"]
    assert [all_of(n, "run") for n in (1, 2, 3)] == ["the only run", "both runs", "all 3 runs"]
    assert [joined(t) for t in ([], ["a"], ["a", "b", "c"])] == ["", "a", "a, b and c"]


PLANTED = PlantedRun("a.py", 4, 2, Exit(Ending.EXITED, 0), "", is_clean=True)
RANK = ChosenProcess(3, 2, "train.py", "file", 0, ("metrics", "models"))
FORK = ChosenProcess(2, 1, "", "fork", None, ())


@pytest.mark.parametrize(
    ("check", "line"),
    [
        (
            Check(Question.EDIT_NEUTRAL, True, PLANTED, root="app"),
            "ok    an edit in app that changes nothing leaves a clean result: "
            "a.py:4 ran 2 times, and the result is that of a clean run",
        ),
        (
            Check(Question.CRASH_CAUGHT, False, PLANTED, root="app"),
            "FAIL  a certain crash in app is caught: "
            "a.py:4 ran 2 times, and the program exited with status 0",
        ),
        (
            Check(
                Question.CRASH_CAUGHT,
                True,
                replace(PLANTED, is_clean=False),
                root="app",
                note=True,
            ),
            "note  a certain crash in app: a.py:4 ran 2 times; the program caught the exception, "
            "and ended in another result",
        ),
        (
            Check(
                Question.EDIT_NEUTRAL,
                True,
                replace(PLANTED, is_clean=False),
                root="app",
                note=True,
            ),
            "note  an edit in app that changes nothing: a.py:4 ran 2 times, and the result is not "
            "that of a clean run",
        ),
        (
            Check(Question.CRASH_CAUGHT, False, None, root="app"),
            "FAIL  a certain crash in app is caught: "
            "no expression on an executed line could be changed",
        ),
        (
            Check(Question.PROCESS_CHOSEN, True, TakenProcesses((RANK,))),
            "ok    clean runs agree on the process that is the program's: train.py (rank 0 of 2), "
            "which reports metrics and has models (of 3 with Python)",
        ),
        (
            Check(Question.PROCESS_CHOSEN, True, TakenProcesses((FORK, None)), warning=True),
            "warn  clean runs do not agree on the program's process: a process of kind fork, "
            "which runs a file of the program (of 2 with Python); the first one",
        ),
        (
            Check(Question.WATCHED_AGREE, True, WatchedRuns(3, 1), warning=True),
            "warn  the values of runs under coverage.py: 1 of 3 runs report those of clean runs, "
            "although clean runs agree. The program may depend on time or on tracing.",
        ),
        (
            Check(Question.CLEAN_REPEATS, False, Repeatability(0, NEVER, 0, 0)),
            "FAIL  clean runs with the same seed repeat: seed 0: No two of 3 clean runs agree. "
            "The chance that the next clean run has a new result is not bounded.",
        ),
        (
            Check(
                Question.AGENT_NEUTRAL,
                False,
                BareRun(False, True, {"loss": 0.5}, Exit(Ending.EXITED, 0)),
            ),
            "FAIL  the agent does not change the result: no clean run with it reports what the "
            "program does without it in 1 run: loss 0.5",
        ),
        (
            Check(
                Question.AGENT_NEUTRAL,
                True,
                BareRun(False, True, {"loss": 0.5}, Exit(Ending.EXITED, 0), runs=2, different=2),
                note=True,
            ),
            "note  the result without the agent: it cannot be compared, as 2 of 2 runs without the "
            "agent differ from each other. The program does not seed everything itself; the agent "
            "seeds it.",
        ),
        (
            Check(Question.SEED_USED, True, SeedFacts(SeedUse.USED, 2, True)),
            "ok    the program uses the seed: other seeds give other results",
        ),
        (
            Check(Question.SEED_USED, True, SeedFacts(SeedUse.IGNORED, 3, True), warning=True),
            "warn  the use of the seed: 3 seeds give one result, although the settings hand "
            "it over by `{seed}`",
        ),
        (
            Check(Question.SEED_USED, True, SeedFacts(SeedUse.IGNORED, 3, False), note=True),
            "note  the use of the seed: 3 seeds give one result. To compare bugs over seeds, "
            "make it take `{seed}` (docs/seeds.md).",
        ),
    ],
)
def test_a_check_of_the_doctor_is_a_line(check: Check, line: str) -> None:
    assert check_line(check) == line


def test_the_checks_of_rules_that_lack_the_same_are_one_line() -> None:
    doubts = (("a process reported nothing", 2),)
    outlooks = [
        RuleOutlook(Rule.SAME_CODE),
        RuleOutlook(Rule.PROBE, (Obstacle.NO_RECORD_COUNTS,), records=2, doubts=doubts),
        RuleOutlook(Rule.SAME_CALL, (Obstacle.NO_RECORD_COUNTS,), records=2, doubts=doubts),
        RuleOutlook(Rule.STUCK, (Obstacle.NOT_CHOSEN,)),
        RuleOutlook(Rule.TOGETHER, records=2, limits=(Obstacle.ONE_REPORT,)),
        RuleOutlook(Rule.UNREAD, records=9, doubts=doubts),
    ]
    lines = rule_lines(
        [
            Check(Question.RULE_DECIDES, True, each, root=each.rule, warning=number == 3)
            for number, each in enumerate(outlooks)
        ]
    )
    assert lines == [
        "ok    rules that can decide mutants early: same-code, together and unread",
        "note  records that do not count for some of these rules: 2 of 9 (a process reported "
        "nothing)",
        "note  rule together decides nothing that runs while the program trains: a run reports its "
        "metrics only once, at its end",
        "note  rules probe and same-call cannot decide early: no record of the clean run with "
        "probes counts; 2 of 2 records do not count: a process reported nothing",
        "warn  rule stuck cannot decide early: the settings or the last `run` leave it out",
    ]


def test_the_json_of_a_doctor_check_has_its_facts_as_data() -> None:
    found = json.loads(check_json(Check(Question.EDIT_NEUTRAL, True, PLANTED, root="app")))
    assert found["facts"]["hits"] == 2
    assert found["check"] == "edit-neutral"
    assert found["question"] == "an edit in app that changes nothing leaves a clean result"
    assert (found["passed"], found["warning"]) == (True, False)
