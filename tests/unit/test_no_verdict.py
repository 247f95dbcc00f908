"""Mutants whose runs prove nothing are in every denominator, in a column and under every table."""

import json
from pathlib import Path
from typing import Any

import pytest

from build import ENVIRONMENT, many_mutants, outcome
from trainwreck import Campaign
from trainwreck.cli.main import run as command
from trainwreck.findings import ledger_tables
from trainwreck.model import (
    NO_VERDICT,
    Ending,
    Exit,
    Outcome,
    PlannedMutant,
    Share,
    Table,
    Trial,
    TrialKind,
    Withdrawn,
    WithoutVerdict,
)
from trainwreck.report.remarks import note_of
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.store.run_tables import WITHDRAWN

MUTANTS = many_mutants(4)
ENDS = [Ending.EXITED, Ending.BROKEN, Ending.LOST, Ending.BROKEN]


def run_of(trial: Trial, **changes: Any) -> Outcome:
    return outcome(trial_id=trial.id, **changes)


def add(file: CampaignFile, trial: Trial, **changes: Any) -> None:
    file.add_run(trial, run_of(trial, **changes), b"", ENVIRONMENT)


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    """A campaign of four mutants, three of them without a verdict."""
    folder = tmp_path / "campaign"
    folder.mkdir()
    with CampaignFile.open(folder, create=True) as file:
        file.set_meta("subject", "net")
        file.set_meta("metrics", ["accuracy"])
        file.set_plan([PlannedMutant(mutant, ("learning",)) for mutant in MUTANTS], [])
        for repeat in range(3):
            add(file, Trial("s", TrialKind.CLEAN, 0, repeat=repeat))
        for mutant, ending in zip(MUTANTS, ENDS, strict=True):
            reason = {} if ending.proves else {NO_VERDICT: "its folder is gone"}
            trial = Trial("s", TrialKind.MUTANT, 0, mutant=mutant)
            add(file, trial, exit=Exit(ending, 0), observations=reason)
    return Campaign(folder)


def named(campaign: Campaign, name: str) -> Table:
    (table,) = [table for table in campaign.tables() if table.name == name]
    return table


def test_status_counts_them_as_done_and_as_no_verdict(campaign: Campaign) -> None:
    status = campaign.status()
    assert (status.planned, status.done, status.left) == (4, 4, 0)
    assert status.symptoms == {"normal": 1, NO_VERDICT: 3}
    assert status.rungs[NO_VERDICT] == 3


@pytest.mark.parametrize("name", ["table-4", "table-5", "table-6"])
def test_tables_of_symptoms_have_a_column_for_them(campaign: Campaign, name: str) -> None:
    table = named(campaign, name)
    assert table.columns[-2:] == ("No verdict", "Total")
    assert table.rows[-1][-2:] == (Share(3, 4), 4)


def test_the_ledger_has_a_column_for_them(campaign: Campaign) -> None:
    table = named(campaign, "ledger")
    assert table.columns[-2:] == (NO_VERDICT, "Total")
    assert [cell.count for cell in table.rows[0][1:-1] if isinstance(cell, Share)][-1] == 3


def test_tables_without_such_mutants_have_no_such_column() -> None:
    assert all(NO_VERDICT not in table.columns for table in ledger_tables([]))


def test_every_table_says_how_many_have_no_verdict(campaign: Campaign) -> None:
    tables = campaign.tables()
    assert len(tables) > 10
    for table in tables:
        assert table.remarks[-1] == WithoutVerdict("net", broken=2, lost=1, judged=4), table.name
        note = "No verdict, net: 3 of 4 mutants (75 %), 2 broken and 1 lost."
        assert note in note_of(table), table.name


def test_every_table_says_how_many_runs_were_withdrawn(campaign: Campaign) -> None:
    with CampaignFile.open(campaign.folder, create=True) as file:
        assert file.withdraw_since_clean() == 4
        assert file.withdraw_since_clean() == 0
        assert file.meta(WITHDRAWN) == 4
        assert [kind for kind, _, _ in file.clean_outcomes()] == [TrialKind.CLEAN] * 3
    for table in campaign.tables():
        assert table.remarks[-1] == Withdrawn("net", 4), table.name
        assert "4 runs of net were withdrawn" in note_of(table)
    assert campaign.status().left == 4


def test_runs_before_the_last_control_are_not_withdrawn(campaign: Campaign) -> None:
    with CampaignFile.open(campaign.folder, create=True) as file:
        add(file, Trial("s", TrialKind.CONTROL, 0))
        add(file, Trial("s", TrialKind.AUDIT, 0, mutant=MUTANTS[0]))
        assert file.withdraw_since_clean() == 1
        assert len(list(file.outcomes(TrialKind.MUTANT))) == 4


def test_lost_runs_are_not_finished(campaign: Campaign) -> None:
    with CampaignFile.open(campaign.folder) as file:
        finished, unproven = file.finished_ids(), file.unproven_ids()
    ids = [Trial("s", TrialKind.MUTANT, 0, mutant=mutant).id for mutant in MUTANTS]
    assert [id_ in finished for id_ in ids] == [True, True, False, True]
    assert [id_ in unproven for id_ in ids] == [False, True, True, True]


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_show_says_why_there_is_no_verdict(
    campaign: Campaign, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    show = ["--campaign", str(campaign.folder), "show", MUTANTS[1].id, *words]
    assert command(show) == 0
    text = capsys.readouterr().out
    assert "its folder is gone" in text
    if words:
        verdict = json.loads(text)["verdict"]
        assert (verdict["symptom"], verdict["rung"], verdict["ending"]) == (None, None, "broken")
    else:
        assert f"\n{NO_VERDICT}\n" in text


def test_an_export_names_the_ending_and_no_symptom(campaign: Campaign, tmp_path: Path) -> None:
    out = tmp_path / "records.jsonl"
    assert campaign.export(out) == 4
    lines = map(json.loads, out.read_text().splitlines())
    mutants = [line for line in lines if line["kind"] == "mutant"]
    assert [mutant.get("ending") for mutant in mutants] == [None, "broken", "lost", "broken"]
    assert [mutant["symptom"] for mutant in mutants] == ["normal", None, None, None]
    imported = Campaign.import_records(out, tmp_path / "copy")
    assert imported.doubts == ()
    assert Campaign(tmp_path / "copy").status().symptoms == campaign.status().symptoms


def test_records_of_another_tool_may_have_an_ending(tmp_path: Path) -> None:
    common = {"kind": "mutant", "operator": "X", "file": "a.py", "line": 1, "symptom": None}
    lines = [
        {**common, "ending": "lost"},
        common,
        {**common, "symptom": "crash"},
    ]
    records = tmp_path / "records.jsonl"
    records.write_text("".join(json.dumps(line) + "\n" for line in [{"kind": "subject"}, *lines]))
    Campaign.import_records(records, tmp_path / "copy")
    status = Campaign(tmp_path / "copy").status()
    assert (status.symptoms, status.planned, status.left) == ({NO_VERDICT: 1, "crash": 1}, 3, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"ending": "exited", "symptom": None},
        {"ending": "broken", "symptom": "crash"},
        {"ending": "lost", "symptom": None, "rung": "masked"},
        {"ending": "vanished", "symptom": None},
    ],
)
def test_a_record_that_contradicts_itself_is_refused(
    tmp_path: Path, fields: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    records = tmp_path / "records.jsonl"
    line = {"kind": "mutant", "operator": "X", "file": "a.py", "line": 1, **fields}
    records.write_text(f'{{"kind": "subject"}}\n{json.dumps(line)}\n')
    assert command(["--campaign", str(tmp_path / "copy"), "import", str(records)]) == 1
    assert "cannot be read" in capsys.readouterr().err
