"""Verdicts in SQL: store/verdict_file.py, report/verdict_rows.py and the page docs/sql.md."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from test_hostile_text import TEXTS, hostile_campaign

from exchanging import CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD, fill, foreign
from guest import ROOT
from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.main import run
from trainwreck.errors import UsageError
from trainwreck.store.campaign_file import FILE_NAME, CampaignFile

PAGE = (ROOT / "docs/sql.md").read_text()
QUERIES = re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
VIEWS = ("v_mutants", "v_silent", "v_hurting", "v_functions", "v_values")


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    (tmp_path / "campaign").mkdir()
    with CampaignFile.open(tmp_path / "campaign", create=True) as file:
        fill(file)
    return Campaign.open(tmp_path / "campaign")


def asked(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def number(path: Path, query: str) -> Any:
    return asked(path, f"SELECT count(*) FROM {query}")[0][0]


def test_a_file_of_verdicts_has_what_the_report_has(campaign: Campaign, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.sqlite"
    campaign.write_verdicts(out)
    judged = campaign.judged()
    rungs = dict(asked(out, "SELECT mutant, rung FROM verdict"))
    assert rungs == {item.mutant.id: item.verdict.rung for item in judged}
    assert number(out, "mutant") == len(list(campaign.mutants()))
    assert number(out, "v_mutants WHERE fate IS NULL") == number(out, "mutant") - len(judged)
    (summary,) = campaign.summaries()
    assert number(out, "v_silent") == len(summary.silent)
    ids = {row[0] for row in asked(out, "SELECT id FROM v_hurting")}
    assert ids == {bug.item.mutant.id for bug in summary.harmful}
    weights = asked(out, "SELECT sum(weight) FROM verdict")[0][0]
    assert weights == pytest.approx(sum(item.weight for item in judged))
    assert asked(out, "PRAGMA foreign_key_check") == []
    pairs = asked(out, "SELECT value, clean FROM v_values WHERE mutant IS NULL AND seed = 1")
    assert pairs
    assert all(value == clean for value, clean in pairs)


@pytest.mark.parametrize("query", QUERIES)
def test_the_queries_of_the_page_answer(campaign: Campaign, tmp_path: Path, query: str) -> None:
    campaign.write_verdicts(tmp_path / "verdicts.sqlite")
    assert asked(tmp_path / "verdicts.sqlite", query)


def test_the_page_has_three_queries_and_names_every_table(
    campaign: Campaign, tmp_path: Path
) -> None:
    assert len(QUERIES) == 3
    campaign.write_verdicts(tmp_path / "v")
    names = asked(tmp_path / "v", "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
    assert {name for (name,) in names} <= set(re.findall("`([a-z_]+)`", PAGE))


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_texts_and_records_with_gaps_are_only_data(tmp_path: Path, name: str) -> None:
    hostile_campaign(tmp_path / "hostile", TEXTS[name])
    huge = {**CRASH_RECORD, "id": "huge", "line": 2**62, "column": 2**62}
    source = foreign(tmp_path, CLEAN_RECORD, NORMAL_RECORD, huge)
    records = Campaign.import_records(source, tmp_path / "records")
    assert records
    both = [Campaign.open(tmp_path / folder) for folder in ("hostile", "records")]
    both[0].write_verdicts(tmp_path / "v", both[1], both[1])
    assert number(tmp_path / "v", "campaign") == 3
    for view in VIEWS:
        asked(tmp_path / "v", f"SELECT * FROM {view}")


def test_only_a_file_of_verdicts_is_replaced(
    campaign: Campaign, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "verdicts.sqlite"
    report = ["report", "--campaign", str(campaign.folder), "--format", "sqlite"]
    assert run([*report, "--out", str(out)]) == 0
    before = out.stat().st_ino
    assert run([*report, "--out", str(out)]) == 0
    assert out.stat().st_ino != before
    assert run(report) == 1
    with pytest.raises(UsageError, match="no file of verdicts"):
        campaign.write_verdicts(campaign.folder / FILE_NAME)
    with pytest.raises(UsageError, match="cannot be written"):
        campaign.write_verdicts(tmp_path / "nowhere" / "v")
    assert campaign.judged()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
