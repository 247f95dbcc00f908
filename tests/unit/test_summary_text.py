"""The summary for a user as text: what it says, how wide it is, and what it never does."""

import shlex
from dataclasses import replace
from typing import Any

import pytest

from build import mutant
from trainwreck.findings import Summary, summarize
from trainwreck.model import (
    CampaignCost,
    CleanEndings,
    Compared,
    Controls,
    DigestCovers,
    Draw,
    Impact,
    Judged,
    Part,
    PlannedMutant,
    Repeatability,
    Rung,
    Sample,
    Withdrawn,
)
from trainwreck.report.bug_list import shortened_path
from trainwreck.report.page import Page
from trainwreck.report.summary import LISTED, summary_text
from user_bugs import CLEAN, INFECTED, bug, run, study, summed

COVERS = DigestCovers((Part.PARAMETERS, Part.VALUES), (), (), (), ("accuracy",), False)
PLAIN = Page(80, lambda text: text)
LONG = "deep/" * 30 + "model.py"


def text_of(summary: Summary, page: Page = PLAIN) -> str:
    return summary_text(summary, "trainwreck", page)


def words(summary: Summary) -> str:
    """The text on one line, however it was broken."""
    return " ".join(text_of(summary).split())


def several() -> list[Judged]:
    judged = [bug(f"s{n}", evidence=(INFECTED,), file=f"f{n}.py") for n in range(3)]
    judged += [bug(f"u{n}", Rung.UNREACHED, file=f"f{n}.py") for n in range(2)]
    judged += [bug(f"c{n}", Rung.CRASH, file=f"f{n}.py") for n in range(4)]
    return [*judged, bug("d", Rung.PROPAGATED, Impact.DEGRADED), bug("o", Rung.PROPAGATED)]


def test_summary_text_has_the_five_lines_and_what_is_known() -> None:
    remarks = (
        Repeatability(0, CleanEndings(1, 6, 0.5), 2, 2),
        COVERS,
        CampaignCost(10.0, 200.0, 5.0),
        Controls(3, 0),
        Withdrawn("s", 2),
    )
    text = words(summarize(study(*several()), 300.0, remarks))
    assert "bugs 11 of 10 planned have a verdict: 11 in the program" in text
    assert "unnoticed 5 (45 %" in text
    assert "end as a clean run does: 3 masked and 2 unreached" in text
    assert "hurt 1 (9 %" in text
    assert "makes the result worse without an error: 1 degraded" in text
    assert "1 more may (no further seeds have run)" in text
    assert "noticed 4 (36 %" in text
    assert "none (at most" in text
    assert "known by Compared with clean runs: final parameters" in text
    assert "All 6 clean runs agree." in text
    assert "All runs took 5 min 0 s of processor time; first runs 10 s" in text
    assert "Warning: 2 runs of s were withdrawn" in text


def test_summary_text_of_printed_values_says_that_no_more_was_compared() -> None:
    text = words(summed(bug("a", parts=(Part.VALUES,))))
    assert "ends as a clean run does, as far as is compared: 1 masked (printed values)" in text


def test_summary_text_of_a_campaign_without_verdicts_names_the_next_command() -> None:
    text = text_of(summed())
    assert "no bug has a verdict yet, of 10 planned mutants" in text
    assert "trainwreck run\n" in text
    assert "Silent bugs" not in text
    assert "Bugs that hurt" not in text


def test_summary_text_of_chosen_bugs_has_no_percentages() -> None:
    text = text_of(summed(chosen=several()))
    assert "11 bugs that you chose, no sample" in text
    assert "%" not in text
    assert "chosen by you" in text


def test_summary_text_of_a_chosen_bug_beside_a_sample_counts_it_nowhere() -> None:
    text = words(summed(bug("a"), chosen=[bug("b")]))
    assert "1 of 10 planned have a verdict: 1 in the program; 1 bug that you chose" in text
    assert "unnoticed 1 (100 %" in text


def test_summary_text_lists_the_first_bugs_and_names_the_command_for_all() -> None:
    text = text_of(summed(*(bug(f"b{n}", parts=(Part.VALUES,)) for n in range(LISTED + 2))))
    assert f"Silent bugs: {LISTED} of {LISTED + 2} that" in text
    assert f"\n{LISTED}. " in text
    assert f"\n{LISTED + 1}. " not in text
    assert "trainwreck list --fate silent\n" in text


def test_summary_text_names_the_ranked_lists_of_more_bugs_that_hurt() -> None:
    hurting = [bug(f"b{n}", Rung.PROPAGATED, Impact.DEGRADED) for n in range(LISTED)]
    text = text_of(summed(*hurting, bug("open", Rung.PROPAGATED, Impact.UNDECIDED)))
    assert "trainwreck list --fate hurts\n" in text
    assert "trainwreck list --fate may-hurt\n" in text


def test_summary_text_counts_a_bug_with_several_impacts_once() -> None:
    both = bug("a", Rung.PROPAGATED, Impact.WORSE, Impact.DEGRADED, Impact.SLOWER)
    text = words(summed(both, bug("b", Rung.PROPAGATED, Impact.WORSE), bug("c")))
    assert "make the result worse without an error: 1 degraded and 1 worse" in text


def test_summary_text_of_a_bug_has_place_change_values_and_its_command() -> None:
    item = bug("fit", Rung.PROPAGATED, Impact.DEGRADED)
    compared = (Compared("accuracy", 3, 3, difference=-0.3, margin=0.05),)
    item = replace(item, verdict=replace(item.verdict, compared=compared))
    runs = [run(seed, item.mutant.id, accuracy=0.5, loss=0.75) for seed in range(3)]
    text = text_of(summed(item, runs={item.mutant.id: Sample.of(runs)}))
    lines = [line.strip() for line in text.splitlines()]
    assert "1. train.py:1, fit" in lines
    assert "replace `+` with `-` [ArOR]; assigned value; runs in learning" in lines
    assert "accuracy: mean -0.31, margin 0.05, by seed -0.3 -0.31 -0.32" in lines
    assert "loss: mean +0.25, by seed +0.25 +0.25 +0.25" in lines
    assert f"trainwreck show {item.mutant.id}" in lines
    assert "Better is: accuracy higher and loss lower." in " ".join(text.split())


def test_summary_text_shows_values_that_are_no_numbers_as_they_are() -> None:
    item = bug("a", Rung.PROPAGATED, Impact.INVALID)
    runs = {item.mutant.id: Sample.of([run(0, item.mutant.id, accuracy=float("nan"), loss=0.5)])}
    text = words(summed(item, runs=runs))
    assert "accuracy: by seed nan (clean 0.8)" in text
    assert "loss: mean 0, by seed 0" in text


def test_summary_text_without_runs_of_a_metric_says_so() -> None:
    assert "accuracy: no run reports it" in words(summed(bug("a", Rung.PROPAGATED)))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_summary_text_is_no_wider_than_its_page_and_loses_no_id(width: int) -> None:
    judged = [replaced(item, file=LONG, function="Very.long" * 9) for item in several()]
    runs = {
        item.mutant.id: Sample.of([run(seed, item.mutant.id, accuracy=0.1) for seed in range(3)])
        for item in judged
    }
    summary = summed(*judged, runs=runs, clean=CLEAN)
    text = text_of(summary, replace(PLAIN, width=width))
    for line in text.splitlines():
        is_command = "trainwreck " in line
        assert len(line) <= width or is_command or " " not in line.strip()
    for ranked in (*summary.silent, *summary.harmful):
        assert f"show {ranked.item.mutant.id}" in text
    assert "model.py:1" in text


def replaced(item: Judged, **changes: Any) -> Judged:
    edited = item.mutant
    new = mutant(**{"anchor": edited.anchor, "edits": edited.edits, **changes})
    verdict = replace(item.verdict, mutant_id=new.id)
    return replace(item, planned=PlannedMutant(new, item.phases), verdict=verdict)


def test_summary_text_redacts_before_it_breaks_lines() -> None:
    secret = "hidden value of many words " * 4
    item = replaced(bug("a"), file=f"{secret.strip()}.py")
    text = text_of(summed(item), Page(60, lambda text: text.replace(secret.strip(), "***")))
    assert "***.py:1" in text
    assert "hidden" not in text


def test_summary_text_escapes_what_a_terminal_obeys() -> None:
    item = replaced(bug("a"), file="a\x1b[2J\n  known by  all is well.py", function="f\u202eg")
    text = text_of(summed(item))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[2J\\n" in text


def test_summary_text_quotes_ids_of_other_tools_for_a_shell() -> None:
    item = bug("a", Rung.PROPAGATED)
    summary = summed(item)
    (harmful,) = summary.harmful
    foreign = "x; rm -rf ~"
    named = replace(harmful.item, planned=PlannedMutant(recorded(foreign)))
    text = text_of(replace(summary, harmful=(replace(harmful, item=named),)))
    assert f"trainwreck show {shlex.quote(foreign)}" in text


def recorded(own_id: str) -> Any:
    from trainwreck.model import RecordedMutant

    made = mutant()
    values = {name: getattr(made, name) for name in type(made).__dataclass_fields__}
    return RecordedMutant(**values, own_id=own_id)


@pytest.mark.parametrize(
    ("path", "room", "expected"),
    [
        ("a/b/c/d.py", 20, "a/b/c/d.py"),
        ("keras/src/layers/core/dense.py", 24, "keras/…/core/dense.py"),
        ("keras/src/layers/core/dense.py", 10, "…/dense.py"),
        ("long_name_of_a_file.py", 5, "long_name_of_a_file.py"),
    ],
)
def test_a_path_is_shortened_in_its_middle(path: str, room: int, expected: str) -> None:
    assert shortened_path(path, room) == expected


def test_draws_of_folds_are_seeds_of_their_own() -> None:
    item = bug("a", Rung.PROPAGATED, Impact.DEGRADED)
    folds = [replace(run(0, accuracy=0.8), draw=Draw(0, fold)) for fold in range(2)]
    runs = [replace(run(0, item.mutant.id, accuracy=0.5), draw=Draw(0, fold)) for fold in range(2)]
    text = words(summed(item, clean=folds, runs={item.mutant.id: Sample.of(runs)}))
    assert "accuracy: mean -0.3, by seed -0.3 -0.3" in text
