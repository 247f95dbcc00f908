"""One mutant's story, for people and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from build import failure, mutant, outcome, verdict
from trainwreck.model import (
    Cause,
    CauseReason,
    CleanEndings,
    Compared,
    CrashRule,
    DigestComparison,
    Distance,
    Divergence,
    Effort,
    EndedBy,
    Ending,
    Exit,
    Frame,
    Ground,
    Hits,
    Impact,
    MutantCost,
    Pace,
    Part,
    PlannedMutant,
    Raised,
    Report,
    Rule,
    Rung,
    Second,
    Share,
    Symptom,
    Table,
    Verdict,
)
from trainwreck.report.formats import table_json
from trainwreck.report.story import story_json, story_text
from trainwreck.results.baseline import Noise
from trainwreck.results.story import NoDiff, Story

CRASHED = verdict(Symptom.CRASH, Rung.CRASH)
STATE = (Part.PARAMETERS, Part.VALUES)
MASKED = (Hits(1000, True), DigestComparison("d1g", True, STATE, CleanEndings(1, 6, 0.5)))


def story(**changes: Any) -> Story:
    """A masked mutant that printed two lines."""
    values: dict[str, Any] = {
        "planned": PlannedMutant(mutant(), ("constructing", "learning")),
        "diff": "-a + b\n+a - b\n",
        "verdict": verdict(evidence=MASKED),
        "outcome": outcome(),
        "clean": (Noise("accuracy", 0.6912, 0.0123),),
        "log": "epoch 1\nepoch 2\n",
    }
    return Story(**{**values, **changes})


def text_of(verdict: Verdict, **changes: Any) -> str:
    return story_text(story(verdict=verdict, **changes))


def propagated(divergence: Divergence | None) -> str:
    return text_of(verdict(rung=Rung.PROPAGATED, divergence=divergence))


def crashed(calls: int | None, lines: int | None, seconds: float | None) -> str:
    distance = Distance(calls, lines, seconds)
    return text_of(verdict(Symptom.CRASH, Rung.CRASH, distance=distance))


def paced(pace: Pace, ratio: float, **work: tuple[int, int]) -> str:
    return text_of(verdict(effort=Effort(pace, work, ratio)))


def test_a_story_is_told_from_the_bug_to_the_log() -> None:
    assert story_text(story()) == (
        "train.py:1: replace `+` with `-` in fit [ArOR]\n"
        f"  id {mutant().id}; assigned value; runs in constructing, learning\n"
        "\n"
        "-a + b\n"
        "+a - b\n"
        "\n"
        "normal (masked)\n"
        "  The mutated code ran, and the run ended with every reported value and every final "
        "parameter of a clean run.\n"
        "  decided by its own run\n"
        "  evidence: The mutated code ran 1,000 times. The result is that of all 6 clean runs.\n"
        "  exited 0 after 2.5 s (2.2 s of processor, 1 MB at most)\n"
        "  the mutated code ran once\n"
        "  metrics: accuracy 0.7 (clean: 0.6912 ± 0.012)\n"
        "\n"
        "It printed, at the end:\n"
        "  epoch 1\n"
        "  epoch 2"
    )


def test_a_mutant_of_which_nothing_is_known_has_not_run_yet() -> None:
    text = story_text(story(verdict=None, outcome=None, log=""))
    assert text.endswith("+a - b\n\nIt has not run yet.")


def test_a_mutant_that_waits_for_a_run_with_others_says_so() -> None:
    text = story_text(story(verdict=None, outcome=outcome(settled="together"), log=""))
    assert "It waits for a run to the end with others." in text


def test_a_mutant_that_a_rule_settled_without_a_run_has_no_log() -> None:
    text = text_of(verdict(decided_by=Rule.PROBE), outcome=None, log="")
    assert "  decided by the rule `probe` (proven); it needed no run\n" in text
    assert text.splitlines()[-1].startswith("  evidence: ")


def test_a_run_that_a_rule_ended_early_says_by_which_and_how_sure() -> None:
    text = text_of(verdict(decided_by=Rule.HORIZON), outcome=outcome(settled="horizon"))
    assert "  decided by the rule `horizon` (assumed); its run was ended early\n" in text
    assert "  was ended early after 2.5 s (" in text


def test_a_line_that_no_clean_run_executes_is_told_so() -> None:
    assert "; no clean run executes it\n" in story_text(story(planned=PlannedMutant(mutant())))


def test_a_verdict_without_a_rung_is_told_so() -> None:
    assert "\nnormal (rung unknown)\n" in text_of(verdict(rung=None))


@pytest.mark.parametrize("fate", ["crash", "hang"])
def test_a_symptom_that_is_its_own_rung_is_said_once(fate: str) -> None:
    assert f"\n{fate}\n" in text_of(verdict(Symptom(fate), Rung(fate)))


@pytest.mark.parametrize(
    ("value", "clean", "text"),
    [
        ("0.61", ("0.58", "0.59"), "0.61 here, 0.58 or 0.59 in clean runs"),
        ("0.61", ("0.58",), "0.61 here, 0.58 in clean runs"),
        ("0.61", (), "0.61 here, nothing more in clean runs"),
        (None, ("0.58",), "nothing more here, 0.58 in clean runs"),
    ],
)
def test_a_propagated_bug_shows_where_it_first_differs(
    value: str | None, clean: tuple[str, ...], text: str
) -> None:
    found = propagated(Divergence("loss", 3, "learning", value, clean))
    assert f"  first differs in loss at step 3 (in learning): {text}\n" in found


def test_a_propagated_bug_may_differ_in_its_parameters_only() -> None:
    assert "  differs only in the parameters: every reported value is" in propagated(None)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (NoDiff.RECORD, "(imported records: neither the sources nor the runs are here)"),
        (NoDiff.IMPORTED, "(imported: the sources of the campaign are not here)"),
        (NoDiff.CHANGED, "(lib/net.py is no longer the file that the mutant was made for)"),
    ],
)
def test_a_story_without_a_diff_says_why(reason: NoDiff, text: str) -> None:
    told = story(diff=reason, source=Path("lib/net.py"))
    assert f"\n\n{text}\n\n" in story_text(told)
    assert json.loads(story_json(told))["diff"] == f"{text}\n"


def test_a_bug_that_did_not_propagate_differs_nowhere() -> None:
    assert "differs" not in story_text(story())
    assert "differs" in propagated(None)


def test_a_crash_says_what_was_raised_and_where() -> None:
    text = text_of(CRASHED, outcome=outcome(error=failure()))
    assert "  raised ValueError at layers.py:40 in build\n" in text


def test_a_crash_without_a_traceback_says_what_was_raised() -> None:
    text = text_of(CRASHED, outcome=outcome(error=failure("MemoryError", "", ())))
    assert "  raised MemoryError\n" in text


@pytest.mark.parametrize(
    ("calls", "lines", "seconds", "text"),
    [
        (3, 12, 0.4, "3 calls below the changed function, 12 lines away, "
                     "0.4 s after its first evaluation"),
        (1, 1, None, "1 call below the changed function, 1 line away"),
        (0, 0, 0.0, "in the changed function itself, on the changed line, "
                    "at once after its first evaluation"),
        (None, None, 130.0, "2 min 10 s after its first evaluation"),
        (None, 1200, None, "1,200 lines away"),
    ],
)  # fmt: skip
def test_a_crash_says_how_far_from_the_bug_it_surfaced(
    calls: int | None, lines: int | None, seconds: float | None, text: str
) -> None:
    assert f"  surfaced {text}\n" in crashed(calls, lines, seconds)


def test_a_distance_of_which_nothing_is_known_is_left_out() -> None:
    assert "surfaced" not in crashed(None, None, None)


def test_more_work_names_only_what_was_done_more_often() -> None:
    text = paced(Pace.MORE_WORK, 2.0, batches=(1064, 532), epochs=(2, 2))
    assert "  did more work: 1,064 batches, clean 532\n" in text


def test_less_work_is_told_in_the_same_way() -> None:
    text = paced(Pace.LESS_WORK, 0.5, batches=(1, 532), epochs=(1, 2))
    assert "  did less work: 1 batch, clean 532; 1 epoch, clean 2\n" in text


@pytest.mark.parametrize(
    ("pace", "ratio", "times"),
    [(Pace.SLOWER, 1.8, "1.8"), (Pace.SLOWER, 123.4, "123"), (Pace.FASTER, 0.25, "0.25")],
)
def test_a_slower_or_faster_run_did_the_clean_amount_of_work(
    pace: Pace, ratio: float, times: str
) -> None:
    text = paced(pace, ratio, epochs=(2, 2))
    assert f"  did the clean amount of work in {times} times the CPU time\n" in text


def test_where_no_work_was_counted_none_is_claimed() -> None:
    text = paced(Pace.SLOWER, 1.8)
    assert "  took 1.8 times the CPU time of clean runs; its work was not counted" in text
    assert "clean amount" not in text


def test_work_and_time_that_are_alike_are_not_mentioned() -> None:
    alike = verdict(evidence=MASKED, effort=Effort(Pace.ALIKE, {"epochs": (2, 2)}, 1.0))
    assert text_of(alike) == story_text(story())


@pytest.mark.parametrize(
    ("hits", "first", "text"),
    [
        (None, None, "it is not known how often the mutated code ran"),
        (0, None, "the mutated code never ran"),
        (1, 12.0, "the mutated code ran once, after 12 s"),
        (1064, 3.25, "the mutated code ran 1,064 times, first after 3.2 s"),
        (5, None, "the mutated code ran 5 times"),
    ],
)
def test_a_story_counts_the_evaluations(hits: int | None, first: float | None, text: str) -> None:
    assert f"  {text}\n" in story_text(story(outcome=outcome(hits=hits, first_hit=first)))


@pytest.mark.parametrize(
    ("exit_", "text"),
    [
        (Exit(Ending.EXITED, 1), "exited 1 after"),
        (Exit(Ending.SIGNAL, 11), "signal 11 after"),
        (Exit(Ending.TIME, 9), "stopped at its time limit after"),
        (Exit(Ending.BROKEN, 0), "broken after"),
    ],
)
def test_a_story_tells_how_the_run_ended(exit_: Exit, text: str) -> None:
    assert f"  {text} 2.5 s (" in story_text(story(outcome=outcome(exit=exit_)))


def test_a_stopped_run_shows_where_it_stood() -> None:
    stack = "\n".join(f"frame {index}" for index in range(20))
    text = story_text(story(outcome=outcome(stack=stack)))
    assert "  where it stood:\n    frame 0\n" in text
    assert "    frame 11\n\nIt printed" in text


def test_a_metric_that_no_clean_run_reports_is_told_so() -> None:
    assert "accuracy 0.7 (clean: unknown)" in story_text(story(clean=()))


def test_only_the_end_of_a_long_log_is_shown() -> None:
    text = story_text(story(log="\n".join(f"line {index}" for index in range(40))))
    assert text.splitlines()[-15:] == [f"  line {index}" for index in range(25, 40)]


def test_a_run_that_printed_nothing_is_told_so() -> None:
    assert story_text(story(log="\n")).endswith("\n\nIt printed nothing.")


def test_the_json_of_a_story_has_all_that_is_known_of_the_verdict() -> None:
    known = verdict(
        Symptom.NORMAL, Rung.PROPAGATED, decided_by=Rule.HORIZON,
        divergence=Divergence("loss", 3, "learning", None, ("1",)),
        effort=Effort(Pace.SLOWER, {"epochs": (2, 2)}, 1.5),
    )  # fmt: skip
    found = json.loads(story_json(story(verdict=known)))["verdict"]
    assert (found["decided_by"], found["class"]) == ("horizon", "assumed")
    assert found["divergence"]["clean"] == ["1"]
    assert found["effort"] == {"pace": "slower", "work": {"epochs": [2, 2]}, "cpu_ratio": 1.5}
    assert found["distance"] is None


def test_the_json_of_a_story_has_its_evidence_as_typed_objects_and_as_text() -> None:
    measure = Compared("loss", 5, 20, impact=Impact.UNDECIDED, grounds=(Ground.NO_DIFFERENCE,))
    known = verdict(
        evidence=MASKED, compared=(measure,), second=Second.CLEAN, cause=Cause.DIMENSION,
        cause_reason=CauseReason(CrashRule.MISMATCH, exception="IndexError"),
    )  # fmt: skip
    found = json.loads(story_json(story(verdict=known)))["verdict"]
    assert found["facts"] == [
        {"kind": "hits", "number": 1000, "planted": True},
        {
            "kind": "digest_comparison",
            "digest": "d1g",
            "is_clean": True,
            "parts": ["parameters", "values"],
            "clean": {"digests": 1, "runs": 6, "chance_of_unseen": 0.5},
            "differing": [],
            "files": [],
            "parameters": True,
        },
    ]
    assert found["evidence"].startswith("The mutated code ran 1,000 times.")
    assert found["doubts"] == ["other-run-unseen"]
    assert found["compared"][0]["grounds"] == ["no-difference"]
    assert found["compared"][0]["why"] == "no significant difference (not tested)"
    assert found["cause_reason"] == {
        "rule": "mismatch", "line": None, "exception": "IndexError"
    }  # fmt: skip
    assert found["cause_why"] == "IndexError is about an index, a size or a shape"


def test_the_json_of_a_story_has_the_facts_of_its_run() -> None:
    error = failure(frames=[Frame("train.py", 3, "fit")])
    run = outcome(error=error, reports=(Report(("loss",), 1.0, 0.9, 5),), work={"epochs": 2})
    found = json.loads(story_json(story(outcome=run)))
    assert found["outcome"]["error"]["frames"] == [
        {"file": "train.py", "line": 3, "function": "fit", "statement": ""}
    ]
    assert found["outcome"]["reports"][0]["hits"] == 5
    assert found["outcome"]["work"] == {"epochs": 2}
    assert (found["operator"], found["diff"]) == ("ArOR", "-a + b\n+a - b\n")


def test_the_json_of_a_mutant_that_has_not_run_has_no_verdict() -> None:
    found = json.loads(story_json(story(verdict=None, outcome=None, log="")))
    assert (found["verdict"], found["outcome"]) == (None, None)


def test_a_share_is_an_object_in_the_json_of_a_table() -> None:
    table = Table("rules", "Rules", ("", "Class", "Mutants"), ((Rule.CUT, "proven", Share(1, 2)),))
    assert json.loads(table_json(table))["rows"] == [["cut", "proven", {"count": 1, "total": 2}]]


def test_story_text_says_what_the_verdict_cost() -> None:
    both = story_text(story(cost=MutantCost(18.0, 71.0, 5)))
    assert "the verdict cost 89 s of processor, 71 s of it for 4 runs with other seeds" in both
    assert "the verdict cost 18 s of processor\n" in story_text(
        story(cost=MutantCost(18.0, 0.0, 1))
    )
    assert "the verdict cost" not in story_text(story())


def test_a_story_without_phases_names_none() -> None:
    divergence = Divergence("loss", 3, "import", "0.5", ("0.4",))
    raised = (Raised("ValueError", "no shape", "train.py", 3, "import"),)
    ended = (EndedBy(Exit(Ending.EXITED, 3), "import"),)
    facts: dict[str, Any] = {
        "first differs in loss at step 3: 0.5 here": verdict(
            rung=Rung.PROPAGATED, divergence=divergence
        ),
        "Crashed: ValueError: no shape": verdict(Symptom.CRASH, Rung.CRASH, evidence=raised),
        "Crashed: the program exited with status 3.": verdict(
            Symptom.CRASH, Rung.CRASH, evidence=ended
        ),
        "it was stopped.": verdict(Symptom.HANG, Rung.HANG),
    }
    planned = PlannedMutant(mutant(), ("import",))
    for words, own in facts.items():
        text = text_of(own, planned=planned, has_phases=False)
        assert words in text
        assert "import" not in text
        assert text_of(own, planned=planned).count("import") >= 1
    assert story_json(story(planned=planned, has_phases=False)) == story_json(
        story(planned=planned)
    )


def test_a_story_fits_the_page_but_for_code_and_what_was_printed() -> None:
    wide = "x = " + "a + " * 60
    told = story(diff=f"-{wide}\n+{wide}b\n", log=wide)
    assert max(map(len, story_text(told).splitlines())) > 240
    lines = story_text(told, 80).splitlines()
    assert [line.rstrip() for line in lines if len(line) > 80] == [
        f"-{wide}".rstrip(),
        f"+{wide}b",
        f"  {wide}".rstrip(),
    ]
    assert story_text(told, 80).split() == story_text(told).split()
