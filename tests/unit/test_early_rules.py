"""Early decisions without a run to the end, and runs beside clean ones."""

from dataclasses import replace
from typing import Any

import pytest

from build import determinism, failure, mutant, outcome
from trainwreck.judge.baseline_evidence import CleanRuns, clean_runs_of
from trainwreck.judge.early_rules import (
    Facts,
    may_run_together,
    may_stand_clean,
    rule_without_run,
)
from trainwreck.judge.joint_runs import joint_run_of
from trainwreck.judge.verdicts import verdict_of
from trainwreck.model import (
    FIRST,
    RUN,
    CleanEndings,
    CleanEvaluations,
    Divergence,
    EndedEarly,
    Ending,
    EvidenceItem,
    Exit,
    Frame,
    Hits,
    JointRun,
    OperatorCode,
    Pace,
    Part,
    PhaseTime,
    Probe,
    ProbeCounts,
    ProbeKind,
    Report,
    Rule,
    Rung,
    SameCode,
    SameWhole,
    Symptom,
    Together,
    Unread,
    Verdict,
)
from trainwreck.report.evidence_sentences import evidence
from trainwreck.report.sentences import why

METRICS = ("accuracy",)
RUN_TO_THE_END = outcome()
DIGEST = RUN_TO_THE_END.digest
ALL = tuple(Rule)
PHASES = ("import", "data", "learning", "testing")


def probe(kind: ProbeKind = ProbeKind.VALUE, **changes: Any) -> Probe:
    """Four evaluations, two before each of two reports, none of which differed."""
    values: dict[str, Any] = {
        "mutant_id": mutant().id, "trial_id": "probed", "kind": kind, "evaluations": 4,
        "differing": 0, "example": "", "counts": (2, 4), "hits": 2, "doubt": "",
    }  # fmt: skip
    return Probe(**{**values, **changes})


def facts(known: Probe | None = None, **changes: Any) -> Facts:
    """A record of a probed run that ended as clean ones do."""
    return Facts(probe=known or probe(), probe_digest=changes.pop("digest", DIGEST), **changes)


def clean(**changes: Any) -> CleanRuns:
    """Clean runs that all ended alike, with two reports and four phases."""
    values: dict[str, Any] = {
        "determinism": determinism(DIGEST),
        "steps": ({"accuracy": ("0.5", "0.7")},),
        "work": ({"batches": 100, "epochs": 2},),
        "cpu_seconds": (2.0, 0.05),
        "checkpoints": frozenset(["point"]),
        "reports": 2,
        "phases": PHASES,
    }
    return CleanRuns(**{**values, **changes})


def judged(known: Facts, beside: CleanRuns | None = None) -> Verdict:
    found = verdict_of(mutant(), known, beside or clean(), METRICS)
    assert found is not None
    return found


NEVER = probe(evaluations=0, counts=(0, 0))
COUNTED = probe(ProbeKind.EVALUATIONS)
UNTAKEN = probe(ProbeKind.DEFAULT)


@pytest.mark.parametrize(
    ("known", "rule"),
    [
        (facts(), Rule.PROBE),
        (facts(NEVER), Rule.PROBE),
        (facts(replace(NEVER, kind=ProbeKind.EVALUATIONS)), Rule.PROBE),
        (facts(UNTAKEN), Rule.UNUSED_DEFAULT),
        (facts(replace(UNTAKEN, evaluations=0)), Rule.UNUSED_DEFAULT),
        (facts(COUNTED, same_whole=4), Rule.SAME_CALL),
        (facts(probe(differing=4), same_whole=4), Rule.SAME_CALL),
        (facts(COUNTED, unread=1), Rule.UNREAD),
        (Facts(same_code=True), Rule.SAME_CODE),
    ],
)
def test_a_rule_settles_only_where_it_is_used(known: Facts, rule: Rule) -> None:
    others = [other for other in Rule if other is not rule]
    assert rule_without_run(known, clean(), ALL) is rule
    assert rule_without_run(known, clean(), [rule]) is rule
    assert rule_without_run(known, clean(), others) is None
    assert rule_without_run(known, clean(), []) is None


@pytest.mark.parametrize(
    "known",
    [
        Facts(),
        facts(probe(differing=1)),
        facts(COUNTED),
        facts(replace(UNTAKEN, differing=1)),
        facts(replace(NEVER, doubt="an evaluation was ended by an exception")),
        facts(replace(UNTAKEN, doubt="the program reads the function's defaults")),
        facts(digest="another"),
        facts(UNTAKEN, digest=""),
        facts(probe(differing=1), digest="another", same_whole=4),
        facts(probe(differing=1, doubt="the program reads the source of this file"), same_whole=4),
        Facts(same_whole=4),
        Facts(unread=1),
        facts(COUNTED, digest="another", unread=1),
        facts(replace(COUNTED, doubt="the program reads the source of this file"), unread=1),
    ],
)
def test_what_may_have_made_a_difference_is_not_settled(known: Facts) -> None:
    assert rule_without_run(known, clean(), ALL) is None
    assert verdict_of(mutant(), known, clean(), METRICS) is None


def test_where_clean_runs_do_not_repeat_no_record_counts() -> None:
    never = clean(determinism=determinism(DIGEST, runs=1, without_news=0))
    for record in (probe(), NEVER, UNTAKEN):
        assert rule_without_run(facts(record), never, ALL) is None
    assert rule_without_run(Facts(same_code=True), never, ALL) is Rule.SAME_CODE


@pytest.mark.parametrize(
    ("known", "number"),
    [
        (facts(probe(evaluations=3, doubt="the program reads the source of this file")), 3),
        (facts(replace(COUNTED, evaluations=1), digest="another"), 1),
        (facts(replace(UNTAKEN, evaluations=0, hits=1)), 1),
        (facts(replace(UNTAKEN, hits=0), executed=True), None),
        (Facts(executed=True), None),
    ],
)
@pytest.mark.parametrize("value", ["0.5", "0.25"])
def test_a_run_without_a_hit_that_clean_runs_have_gets_no_rung(
    known: Facts, number: int | None, value: str
) -> None:
    run = outcome(hits=0, steps={"accuracy": (value, "0.7")})
    found = verdict_of(mutant(), replace(known, outcome=run), clean(), METRICS)
    assert found is not None
    assert (found.symptom, found.rung) == (Symptom.NORMAL, None)
    assert found.evidence[-1] == CleanEvaluations(number)
    assert "yet a clean run evaluates it" in why(found)


@pytest.mark.parametrize("known", [facts(NEVER), facts(replace(UNTAKEN, hits=0)), Facts()])
def test_a_run_without_a_hit_is_unreached_where_clean_runs_have_none(known: Facts) -> None:
    run = outcome(hits=0)
    found = verdict_of(mutant(), replace(known, outcome=run), clean(), METRICS)
    assert found is not None
    assert found.rung is Rung.UNREACHED


def test_a_mutant_of_which_nothing_is_known_has_no_verdict() -> None:
    assert verdict_of(mutant(), Facts(), clean(), METRICS) is None


@pytest.mark.parametrize(
    ("known", "rung", "evidence"),
    [
        (facts(), Rung.UNINFECTED, ProbeCounts(ProbeKind.VALUE, 4, 0, "")),
        (facts(NEVER), Rung.UNREACHED, ProbeCounts(ProbeKind.VALUE, 0, 0, "")),
        (facts(UNTAKEN), Rung.MASKED, ProbeCounts(ProbeKind.DEFAULT, 4, 0, "")),
        (
            facts(replace(UNTAKEN, evaluations=0)),
            Rung.MASKED,
            ProbeCounts(ProbeKind.DEFAULT, 0, 0, ""),
        ),
        (facts(probe(differing=4), same_whole=3), Rung.MASKED, SameWhole(3)),
        (Facts(same_code=True), Rung.UNINFECTED, SameCode()),
    ],
)
def test_a_verdict_without_a_run_gives_its_evidence(
    known: Facts, rung: Rung, evidence: EvidenceItem
) -> None:
    found = judged(known)
    assert found.rung is rung
    endings = () if known.same_code else (CleanEndings(1, 5, 0.75),)
    assert found.evidence == (evidence, *endings)
    assert found.certainty == "proven"
    assert found.decided_by == rule_without_run(known, clean(), ALL)


def test_a_run_to_the_end_counts_before_every_rule() -> None:
    other = outcome(steps={"accuracy": ("0.5", "0.1")})
    for known in (facts(outcome=other), Facts(outcome=other, same_code=True)):
        found = judged(known)
        assert (found.rung, found.decided_by, found.certainty) == (Rung.PROPAGATED, RUN, RUN)


def test_a_masked_run_says_what_the_probe_saw() -> None:
    run = RUN_TO_THE_END
    assert judged(facts(outcome=run)).rung is Rung.UNINFECTED
    differing = judged(facts(probe(differing=3, example="1 instead of 2"), outcome=run))
    assert differing.rung is Rung.MASKED
    assert ProbeCounts(ProbeKind.VALUE, 4, 3, "1 instead of 2") in differing.evidence
    taken = judged(facts(replace(UNTAKEN, differing=1), outcome=run))
    assert ProbeCounts(ProbeKind.DEFAULT, 4, 1, "") in taken.evidence
    for known in (facts(COUNTED, outcome=run), facts(probe(doubt="?"), outcome=run)):
        assert judged(known).rung is Rung.MASKED
        assert len(judged(known).evidence) == 2


def test_a_run_that_was_ended_early_is_decided_by_its_rule() -> None:
    states = {"learning": "l"}
    cut = judged(Facts(outcome=outcome(settled="cut", states=states)))
    assert (cut.rung, cut.decided_by, cut.certainty) == (Rung.MASKED, Rule.CUT, "proven")
    assert cut.evidence == (Hits(1, True), EndedEarly("l", "learning"), CleanEndings(1, 5, 0.75))
    horizon = judged(Facts(outcome=outcome(settled="horizon", checkpoint="point", hits=0)))
    assert (horizon.rung, horizon.decided_by) == (Rung.UNREACHED, Rule.HORIZON)
    assert horizon.certainty == "assumed"
    assert horizon.evidence[:2] == (Hits(0, True), EndedEarly("point", "learning"))


def test_what_is_seen_of_a_part_of_the_run_or_of_others_is_assumed() -> None:
    assert [rule for rule in Rule if not rule.proven] == [
        Rule.UNREAD,
        Rule.HORIZON,
        Rule.TOGETHER,
        Rule.STUCK,
    ]


@pytest.mark.parametrize(
    ("known", "waits"),
    [
        (facts(), True),
        (facts(probe(differing=4)), True),
        (facts(COUNTED), True),
        (facts(probe(counts=(7, 8, 9), evaluations=9)), False),
        # Test data, the number of epochs or a compiled function is made once, and used later.
        (facts(probe(counts=(9, 9), evaluations=9)), False),
        (facts(probe(counts=(2, 4), evaluations=5)), False),
        (facts(probe(counts=(4,), evaluations=4)), False),
        (facts(probe(counts=(), evaluations=0)), False),
        (facts(UNTAKEN), False),
        (facts(probe(doubt="?")), False),
        (facts(digest="another"), False),
        (Facts(), False),
    ],
)
def test_the_programs_own_code_waits_where_it_runs_before_each_report(
    known: Facts, waits: bool
) -> None:
    assert may_stand_clean(mutant(root="app"), known, clean()) is waits


JOINT = (JointRun("joint", frozenset("ab"), False, DIGEST, (Part.VALUES,)),)


def joint_of(
    counts: dict[str, tuple[int, int]], beside: CleanRuns | None = None, **changes: Any
) -> JointRun | None:
    members = {mutant: facts(probe(evaluations=1, hits=1)) for mutant in counts}
    run = outcome(trial_id="joint", **changes)
    return joint_run_of(run, counts, members, beside or clean())


def test_a_joint_run_shows_its_mutants_only_where_it_ends_clean_with_the_same_evaluations() -> None:
    both = {"a": (1, 1), "b": (1, 1)}
    found = joint_of(both)
    assert found is not None
    assert (found.mutants, found.ended_early, found.ends_as) == ({"a", "b"}, False, DIGEST)
    for counts in ({}, {"a": (1, 1), "b": (2, 1)}, {"a": (1, 1), "b": (0, 0)}):
        assert joint_of(counts) is None
    assert joint_of(both, parameters="other") is None
    assert joint_of(both, exit=Exit(Ending.EXITED, 1)) is None
    assert joint_of(both, exit=Exit(Ending.TIME, 9)) is None
    assert joint_of(both, clean(determinism=determinism(DIGEST, runs=1, without_news=0))) is None


def test_a_joint_run_that_ended_early_is_compared_at_its_first_report() -> None:
    beside = clean(endings={"point": DIGEST})
    early = {"settled": "horizon", "checkpoint": "point"}
    found = joint_of({"a": (1, 1), "b": (1, 1)}, beside, **early)
    assert found is not None
    assert (found.ended_early, found.ends_as) == (True, DIGEST)
    assert joint_of({"a": (1, 0), "b": (1, 1)}, beside, **early) is None
    assert joint_of({"a": (1, 1)}, beside, settled="horizon", checkpoint="another") is None


def test_a_mutant_of_a_joint_run_is_masked_and_that_is_assumed() -> None:
    found = judged(facts(COUNTED, joint=JOINT))
    assert (found.rung, found.decided_by, found.certainty) == (Rung.MASKED, "together", "assumed")
    assert (found.evidence[0], found.parts) == (Together(2, False), (Part.VALUES,))
    assert "A run with 2 bugs at once ended as a clean run does." in evidence(found)
    twice = judged(facts(COUNTED, joint=JOINT * 2))
    assert twice.evidence[0] == Together(2, False, runs=2)
    assert "No other bug of this file was in all of them." in evidence(twice)
    assert rule_without_run(facts(joint=JOINT), clean(), ALL) is Rule.PROBE
    assert rule_without_run(facts(joint=JOINT), clean(), [Rule.TOGETHER]) is Rule.TOGETHER


def test_a_run_that_waits_for_a_joint_run_is_decided_by_nothing_else() -> None:
    run = outcome(settled="together", checkpoint="point")
    metrics = ("accuracy",)
    assert verdict_of(mutant(), facts(COUNTED, outcome=run), clean(), metrics) is None
    found = judged(facts(COUNTED, outcome=run, joint=JOINT))
    assert (found.rung, found.decided_by, found.certainty) == (Rung.MASKED, "together", "assumed")


@pytest.mark.parametrize(
    ("known", "changes", "waits"),
    [
        (facts(), {}, True),
        (facts(probe(counts=(9, 9), evaluations=9, hits=9)), {}, True),
        (facts(probe(doubt="the program reads the source of this file")), {}, True),
        (facts(probe(hits=0)), {}, False),
        (facts(probe(ProbeKind.DEFAULT)), {}, False),
        (facts(probe(doubt="?")), {}, False),
        (facts(probe(counts=(9, 9), evaluations=9, hits=9)), {"root": "app"}, False),
        (facts(), {"evaluated": None}, False),
        (Facts(), {}, False),
    ],
)
def test_library_code_that_ran_by_the_first_report_may_wait_for_a_joint_run(
    known: Facts, changes: dict[str, Any], waits: bool
) -> None:
    changed = mutant(**{"root": "library", **changes})
    assert may_stand_clean(changed, known, clean()) is waits
    assert not may_stand_clean(changed, known, clean(reports=1))
    assert not may_stand_clean(changed, known, clean(checkpoints=frozenset()))


@pytest.mark.parametrize(
    ("doubt", "evaluations", "rung"),
    [
        ("nothing evaluates it", 0, Rung.UNREACHED),
        ("the program reads the source of this file", 1, Rung.MASKED),
    ],
)
def test_doubts_about_the_text_do_not_count_where_mutants_run_together(
    doubt: str, evaluations: int, rung: Rung
) -> None:
    record = probe(doubt=doubt, evaluations=evaluations, hits=evaluations)
    members = {"a": facts(record), "b": facts(probe(evaluations=1, hits=1))}
    run, counts = outcome(trial_id="joint"), {"a": (evaluations, evaluations), "b": (1, 1)}
    joint = joint_run_of(run, counts, members, clean())
    assert joint is not None
    assert joint_run_of(run, {**counts, "a": (2, 2)}, members, clean()) is None
    found = judged(facts(record, joint=(joint,)))
    assert (found.rung, found.decided_by, found.certainty) == (rung, "together", "assumed")
    assert rule_without_run(facts(record), clean(), ALL) is None


@pytest.mark.parametrize(
    ("changes", "known", "expected"),
    [
        ({}, {}, True),
        ({"root": "app"}, {}, False),
        ({"operator": OperatorCode.ComOR}, {}, False),
        ({"evaluated": None}, {}, False),
        ({}, {"evaluations": 2}, False),
        ({}, {"evaluations": 0}, False),
        ({}, {"doubt": "?"}, False),
        ({}, {"doubt": "the program reads the source of this file"}, True),
        ({}, {"doubt": "nothing evaluates it", "evaluations": 0}, True),
        ({"evaluated": None}, {"doubt": "nothing evaluates it", "evaluations": 0}, True),
        ({"root": "app"}, {"doubt": "nothing evaluates it", "evaluations": 0}, False),
        ({}, {"kind": ProbeKind.DEFAULT}, False),
    ],
)
def test_library_code_that_is_evaluated_once_or_never_may_run_together(
    changes: dict[str, Any], known: dict[str, Any], expected: bool
) -> None:
    values: dict[str, Any] = {
        "root": "library", "operator": OperatorCode.NVR, "evaluated": (1, 2)
    }  # fmt: skip
    changed = replace(mutant(), **{**values, **changes})
    record = probe(**{"kind": ProbeKind.EVALUATIONS, "evaluations": 1, **known})
    assert may_run_together(changed, facts(record), clean()) is expected


def test_the_programs_own_code_waits_where_its_evaluations_grow_evenly() -> None:
    three, own = clean(reports=3), mutant(root="app")
    assert may_stand_clean(own, facts(probe(counts=(2, 4, 6), evaluations=6)), three)
    assert not may_stand_clean(own, facts(probe(counts=(1, 3, 5), evaluations=5)), three)
    assert not may_stand_clean(own, facts(probe(counts=(1, 3, 6), evaluations=6)), three)
    assert not may_stand_clean(own, facts(probe(counts=(1, 3), evaluations=3)), three)


def phases(*names: str) -> tuple[PhaseTime, ...]:
    return tuple(PhaseTime(name, n, n, 0) for n, name in enumerate(names, 1))


def test_clean_runs_show_only_what_repeats() -> None:
    runs = [
        outcome(checkpoint="a"),
        outcome(checkpoint="a", work={"batches": 1}),
        outcome(checkpoint="b", cpu_seconds=3.25),
    ]
    found = clean_runs_of(FIRST, runs)
    assert found.checkpoints == {"a", "b"}
    assert found.work == ({}, {"batches": 1})
    assert found.phases == ("import", "learning")
    assert clean_runs_of(FIRST, runs[1:]).checkpoints == frozenset()


def test_phases_that_begin_twice_have_no_order() -> None:
    twice = outcome(phases=phases("data", "learning", "data"))
    assert clean_runs_of(FIRST, [twice]).phases == ()
    assert clean_runs_of(FIRST, [outcome(phases=phases("data"))]).phases == ("import", "data")
    assert clean_runs_of(FIRST, []).phases == ()


def test_the_smallest_number_of_reports_counts() -> None:
    report = Report(METRICS, 1.0, 1.0, 0)
    runs = [outcome(reports=(report,) * number) for number in (3, 2)]
    assert clean_runs_of(FIRST, runs).reports == 2
    assert clean_runs_of(FIRST, []).reports == 0


def left(steps: dict[str, tuple[str, ...]], beside: CleanRuns | None = None, **changes: Any) -> Any:
    return judged(Facts(outcome=outcome(steps=steps, **changes)), beside).divergence


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("0.1", "0.7"), (1, "0.1", ("0.5",))),
        (("0.5", "0.1"), (2, "0.1", ("0.7",))),
        (("0.5",), (2, None, ("0.7",))),
        (("0.5", "0.7", "0.9"), (3, "0.9", ())),
        (("0.1", "0.1"), (1, "0.1", ("0.5",))),
    ],
)
def test_a_run_leaves_the_clean_ones_at_the_first_step_that_differs(
    values: tuple[str, ...], expected: tuple[int, str | None, tuple[str, ...]]
) -> None:
    step, value, usual = expected
    found = left({"accuracy": values})
    assert found == Divergence("accuracy", step, "learning", value, usual)


def test_a_run_may_follow_any_clean_run_but_only_one_of_them() -> None:
    two = clean(steps=({"accuracy": ("0.5", "0.7")}, {"accuracy": ("0.6", "0.8")}))
    follows = {"steps": {"accuracy": ("0.6", "0.8")}, "parameters": "other"}
    assert judged(Facts(outcome=outcome(**follows)), two).divergence is None
    assert left({"accuracy": ("0.6", "0.7")}, two).clean == ("0.8",)
    assert left({"accuracy": ("0.9", "0.7")}, two).clean == ("0.5", "0.6")


def test_a_metric_that_no_clean_run_reports_is_left_at_its_first_value() -> None:
    found = left({"accuracy": ("0.5", "0.7"), "loss": ("3",)})
    assert (found.metric, found.step, found.value, found.clean) == ("loss", 1, "3", ())


def test_the_earliest_step_of_all_metrics_is_told_and_then_the_first_name() -> None:
    both = clean(steps=({"accuracy": ("1", "2"), "loss": ("3", "4")},))
    assert left({"accuracy": ("1", "9"), "loss": ("9", "4")}, both).metric == "loss"
    assert left({"accuracy": ("9", "2"), "loss": ("9", "4")}, both).metric == "accuracy"


def test_only_the_parameters_may_differ() -> None:
    found = judged(Facts(outcome=outcome(parameters="other")))
    assert (found.rung, found.divergence) == (Rung.PROPAGATED, None)


def test_a_divergence_has_the_phase_of_its_report() -> None:
    times = phases("data", "learning", "testing")
    reports = tuple(Report(METRICS, seconds, 0.0, 0) for seconds in (0.5, 2.5))
    known = {"phases": times, "reports": reports}
    assert left({"accuracy": ("9", "0.7")}, **known).phase == "import"
    assert left({"accuracy": ("0.5", "9")}, **known).phase == "learning"
    assert left({"accuracy": ("0.5", "0.7", "9")}, **known).phase == "testing"


def crash(*frames: Frame, seconds: float | None = 5.0, **changes: Any) -> Any:
    error = replace(failure(frames=frames), seconds=seconds)
    run = outcome(exit=Exit(Ending.EXITED, 1), error=error, **changes)
    found = judged(Facts(outcome=run)).distance
    return found and (found.calls, found.lines, found.seconds)


def test_a_crash_is_as_far_from_its_bug_as_calls_lines_and_seconds_tell() -> None:
    own, other = Frame("train.py", 4, "fit"), Frame("layers.py", 40, "build")
    assert crash(own, first_hit=3.0) == (0, 3, 2.0)
    assert crash(own, other, other, first_hit=3.0) == (2, None, 2.0)
    assert crash(own, other, own, other) == (1, None, None)
    assert crash(other, Frame("train.py", 9, "main")) == (None, 8, None)
    assert crash(own, first_hit=6.0) == (0, 3, 0.0)
    assert crash(own, seconds=None, first_hit=3.0) == (0, 3, None)
    assert crash() is None


@pytest.mark.parametrize(
    ("batches", "seconds", "pace"),
    [
        (101, 2.0, Pace.MORE_WORK),
        (99, 9.0, Pace.LESS_WORK),
        (100, 2.4, Pace.ALIKE),
        (100, 2.6, Pace.SLOWER),
        (100, 1.4, Pace.FASTER),
    ],
)
def test_work_goes_before_time(batches: int, seconds: float, pace: Pace) -> None:
    work = {"batches": batches, "epochs": 2}
    effort = judged(Facts(outcome=outcome(work=work, cpu_seconds=seconds))).effort
    assert effort is not None
    assert effort.pace is pace
    assert effort.work == {"batches": (batches, 100), "epochs": (2, 2)}
    assert effort.cpu_ratio == pytest.approx(seconds / 2)


def test_the_largest_change_of_work_counts_beside_the_nearest_clean_run() -> None:
    two = clean(work=({"batches": 100, "epochs": 2}, {"batches": 80, "epochs": 2}))
    fewer = judged(Facts(outcome=outcome(work={"batches": 81, "epochs": 1})), two).effort
    assert fewer is not None
    assert fewer.pace is Pace.LESS_WORK
    assert fewer.work == {"batches": (81, 80), "epochs": (1, 2)}


def test_times_that_scatter_widely_are_alike() -> None:
    wide = clean(cpu_seconds=(2.0, 1.0))
    work = {"batches": 100, "epochs": 2}
    for seconds, pace in ((5.9, Pace.ALIKE), (6.1, Pace.SLOWER)):
        effort = judged(Facts(outcome=outcome(work=work, cpu_seconds=seconds)), wide).effort
        assert effort is not None
        assert effort.pace is pace


def test_effort_is_told_of_runs_to_the_end_beside_clean_ones_only() -> None:
    assert judged(Facts(outcome=RUN_TO_THE_END), clean(cpu_seconds=(0.0, 0.0))).effort is None
    early = outcome(settled="horizon", checkpoint="point")
    assert judged(Facts(outcome=early)).effort is None
    assert judged(Facts(outcome=outcome(exit=Exit(Ending.TIME, 9)))).effort is None


def test_a_constant_that_nothing_reads_is_an_assumed_decision_and_none_that_is_proven() -> None:
    found = judged(facts(COUNTED, unread=1))
    assert (found.decided_by, found.certainty, found.parts) == ("unread", "assumed", ())
    assert (found.rung, found.evidence[0]) == (Rung.MASKED, Unread(1))
    assert not Rule.UNREAD.proven_where(1)
    proven = [rule for rule in Rule if rule.proven_where(1)]
    assert rule_without_run(facts(COUNTED, unread=1), clean(), proven) is None
