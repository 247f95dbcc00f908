"""Which mutants a choice takes, and when a chosen one joins the sample."""

from dataclasses import replace
from pathlib import Path

import pytest

from build import ENVIRONMENT, listing_of, many_mutants, mutant, outcome
from exchanging import value
from trainwreck.model import (
    APP,
    FIRST,
    OWN,
    Context,
    Draw,
    Mutant,
    OwnBug,
    PlannedMutant,
    Rung,
    Selection,
    Trial,
    TrialKind,
)
from trainwreck.mutants.choice import Choice
from trainwreck.results.evidence import Evidence
from trainwreck.results.own import OwnResults
from trainwreck.results.status import read_status
from trainwreck.store.campaign_file import CampaignFile

TEXT = """\
class Adam:
    def step(self, rate=1):
        if rate > 2:
            return 3 + rate

def step():
    return 4 - 5
"""


def taken(choice: Choice, phases: tuple[str, ...] = ("learning",)) -> set[str | None]:
    """Return what the mutants replace that a choice takes."""
    planned = (PlannedMutant(mutant, phases) for mutant in listing_of(TEXT).mutants)
    return {item.mutant.original for item in planned if choice.accepts(item)}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), {"1", ">", "2", "3", "+", "4", "-", "5"}),
        (Choice(function="Adam"), {"1", ">", "2", "3", "+"}),
        (Choice(function="Adam.step"), {"1", ">", "2", "3", "+"}),
        (Choice(function="step"), {"1", ">", "2", "3", "+", "4", "-", "5"}),
        (Choice(function="ste"), set()),
        (Choice(operators=frozenset(["ArOR"])), {"+", "-"}),
        (Choice(contexts=frozenset([Context.DEFAULT, Context.IF])), {"1", ">", "2"}),
        (Choice(file="train"), {"1", ">", "2", "3", "+", "4", "-", "5"}),
        (Choice(file="model"), set()),
        (Choice(phase="learning", function="Adam", operators=frozenset(["NVR"])), {"1", "2", "3"}),
        (Choice(phase="import"), set()),
        (Choice(changed={"train.py": {3, 4}}), {">", "2", "3", "+"}),
        (Choice(changed={"other.py": {3, 4}}), set()),
        (Choice(changed={}), set()),
    ],
)
def test_a_choice_takes_what_meets_every_condition(
    choice: Choice, expected: set[str | None]
) -> None:
    assert taken(choice) == expected


def test_lines_changed_in_git_are_none_of_a_library() -> None:
    mutant = replace(listing_of(TEXT).mutants[0], root="keras")
    every_line = {"train.py": range(1, 100)}
    assert not Choice(changed=every_line).accepts(PlannedMutant(mutant))


def ran(file: CampaignFile, *mutants: Mutant) -> None:
    for planned in mutants:
        trial = Trial("s", TrialKind.MUTANT, 0, mutant=planned)
        file.add_run(trial, replace(outcome(**value(FIRST)), trial_id=trial.id), b"", ENVIRONMENT)


@pytest.fixture
def file(tmp_path: Path) -> CampaignFile:
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_meta("metrics", ["accuracy"])
        for repeat in range(2):
            trial = Trial("s", TrialKind.CLEAN, 0, repeat=repeat)
            clean = replace(outcome(**value(Draw(0))), trial_id=trial.id)
            file.add_run(trial, clean, b"", ENVIRONMENT)
        yield file  # type: ignore[misc]


def ids(file: CampaignFile, selection: Selection = Selection.SAMPLE) -> list[str]:
    return [item.mutant.id for item in Evidence(file).first_verdicts(selection)]


def test_a_chosen_mutant_joins_the_sample_in_its_planned_turn(file: CampaignFile) -> None:
    first, second, third, beyond = many_mutants(4)
    plan = [PlannedMutant(mutant, ("learning",)) for mutant in (first, second, third)]
    file.set_plan(plan, [])
    file.add_chosen([plan[1], PlannedMutant(beyond, ())])
    ran(file, second, beyond)
    assert ids(file) == []
    assert ids(file, Selection.CHOSEN) == [second.id, beyond.id]
    status = read_status(OwnResults(file))
    assert (status.done, status.left, status.chosen, status.chosen_done) == (0, 3, 2, 2)
    ran(file, first)
    assert ids(file) == [first.id, second.id]
    status = read_status(OwnResults(file))
    assert (status.done, status.left, status.chosen, status.chosen_done) == (2, 1, 1, 1)
    ran(file, third)
    assert ids(file) == [first.id, second.id, third.id], "what is not planned never joins"


def test_no_rate_of_a_report_counts_chosen_mutants(file: CampaignFile) -> None:
    first, second, beyond = many_mutants(3)
    file.set_plan([PlannedMutant(mutant, ("learning",)) for mutant in (first, second)], [])
    file.add_chosen([PlannedMutant(second, ("learning",)), PlannedMutant(beyond, ())])
    ran(file, second, beyond)
    study = OwnResults(file).judged_campaign("s")
    assert (study.judged, study.first, study.runs) == ([], {}, {})
    assert [item.mutant.id for item in study.chosen] == [second.id, beyond.id]


def test_a_chosen_bug_of_several_files_is_stored_whole(file: CampaignFile) -> None:
    one, other = many_mutants(2)
    names = [name for name in Mutant.__dataclass_fields__ if name != "operator"]
    values = {name: getattr(one, name) for name in names}
    bug = OwnBug(
        **{**values, "counted": ("body.0", "body.1")}, operator="own", label="a", link="b",
        others=(other,),
    )  # fmt: skip
    file.add_chosen([PlannedMutant(bug, ("learning",)), PlannedMutant(one, ("import", "x"))])
    file.add_chosen([PlannedMutant(bug, ())])
    stored = file.chosen()
    assert stored == [PlannedMutant(bug, ("learning",)), PlannedMutant(one, ("import", "x"))]
    assert stored[0].mutant.parts == (bug, other)
    assert type(stored[1].mutant.operator) is type(one.operator)


@pytest.mark.parametrize(
    ("changed", "rung"),
    [
        (mutant(lines=(7, 8), evaluated=None), None),
        (mutant(lines=(8, 8), evaluated=None), Rung.UNREACHED),
        (mutant(lines=(7, 7), evaluated=(0, 5)), Rung.UNREACHED),
        (mutant(lines=(7, 8), evaluated=None, context=Context.DEFERRED), Rung.UNREACHED),
        (mutant(lines=(7, 8), evaluated=None, operator=OWN), Rung.UNREACHED),
        (mutant(lines=(7, 8), evaluated=None, file="other.py"), Rung.UNREACHED),
    ],
)
def test_evidence_has_the_executed_line_of_a_statement_without_a_hit(
    file: CampaignFile, changed: Mutant, rung: Rung | None
) -> None:
    file.set_executed({(APP, "train.py"): {7: ["learning"]}})
    found = Evidence(file).verdict(changed, FIRST, outcome(hits=0, **value(FIRST)))
    assert found is not None
    assert found.rung is rung
