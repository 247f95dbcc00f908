"""`trainwreck power` on the committed campaign, counted once more from the lines of its export."""

import json
import lzma
import re
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest

from trainwreck import Campaign
from trainwreck.cli.main import run
from trainwreck.errors import UsageError
from trainwreck.model import Table
from trainwreck.report.figures.curves import CURVES

EXPORT = Path(__file__).parents[2] / "results" / "keras.jsonl.xz"


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    with lzma.open(EXPORT, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Table]:
    folder = tmp_path_factory.mktemp("keras") / "campaign"
    Campaign.import_records(EXPORT, folder)
    return {table.name: table for table in Campaign.open(folder).power()}


def test_command_power_counts_as_the_export_does(
    lines: list[dict[str, Any]], tables: dict[str, Table]
) -> None:
    propagated = {
        line["id"]
        for line in lines
        if line["kind"] == "mutant" and line.get("rung") == "propagated"
    }
    runs = [line["row"] for line in lines if line["kind"] == "fact" and line["table"] == "run"]
    steps = {
        (row["kind"], row["mutant_id"], row["seed"], row["repeat"]): [
            float(value) for value in json.loads(row["steps"])["accuracy"]
        ]
        for row in runs
        if row["code"] == 0 and row["kind"] in ("clean", "mutant")
    }
    golden = steps["clean", None, 0, 0]
    finals = [
        values[-1]
        for (kind, _, _, repeat), values in steps.items()
        if kind == "clean" and not repeat
    ]
    middle, deviation = mean(finals), stdev(finals)
    mine = [steps["mutant", mutant, 0, 0] for mutant in propagated]
    assert len(mine) == len(propagated) == 38
    expected = {
        "first report equal": sum(run[0] != golden[0] for run in mine),
        "first report within 0.01": sum(abs(run[0] - golden[0]) > 0.01 for run in mine),
        "every report within 0.05": sum(
            len(run) != len(golden)
            or any(abs(a - b) > 0.05 for a, b in zip(run, golden, strict=True))
            for run in mine
        ),
        "final value within 2 deviations": sum(
            abs(run[-1] - middle) > 2 * deviation for run in mine
        ),
    }
    rows = {row[0]: row[5].count for row in tables["power"].rows}
    assert {name: rows[name] for name in expected} == expected
    assert expected["first report within 0.01"] == 25


def test_command_power_lists_what_is_hard_to_notice(tables: dict[str, Table]) -> None:
    total = sum(row[2] for row in tables["power-set"].rows)
    nothing = [row for row in tables["power-unnoticed"].rows if not isinstance(row[3], str)]
    assert total + len(nothing) == 38


def test_command_power_refuses_a_campaign_that_has_nothing_to_notice(tmp_path: Path) -> None:
    records = tmp_path / "records.jsonl"
    records.write_text(
        '{"kind": "subject", "name": "x"}\n{"kind": "clean", "seed": 0, "metrics": {"a": 1.0}}\n'
        '{"kind": "mutant", "operator": "ArOR", "symptom": "crash", "file": "a.py", "line": 1}\n'
    )
    Campaign.import_records(records, tmp_path / "imported")
    with pytest.raises(UsageError, match="no values step by step"):
        Campaign.open(tmp_path / "imported").power()


def test_command_power_answers_for_a_campaign_of_a_few_mutants(campaign: Path) -> None:
    tables = Campaign.open(campaign).power()
    assert tables[0].rows


def test_command_power_writes_a_page_that_loads_nothing(
    tmp_path: Path, tables: dict[str, Table], capsys: pytest.CaptureFixture[str]
) -> None:
    Campaign.import_records(EXPORT, tmp_path / "campaign")
    out = tmp_path / "power.html"
    assert run(["--campaign", str(tmp_path / "campaign"), "power", "--html", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    page = out.read_text(encoding="utf-8")
    assert "default-src &#x27;none&#x27;; script-src &#x27;none&#x27;;" in page
    assert not re.findall(r'(?:src|href|action)="(?!#|data:image/svg)[^"]*"', page)
    assert "<script" not in page
    for table in tables.values():
        assert f'id="table-{table.name}"' in page
    # One picture for each table of curves.
    assert page.count("<img ") == len(CURVES)
    assert "38 bugs that change the result without an error" in page


def test_command_power_costs_what_clean_runs_have_spent_at_a_report(
    lines: list[dict[str, Any]], tables: dict[str, Table]
) -> None:
    runs = [line["row"] for line in lines if line["kind"] == "fact" and line["table"] == "run"]
    clean = [row for row in runs if row["kind"] == "clean" and not row["code"]]
    first_seed = [row for row in clean if not row["seed"] and not row["fold"]]
    at_first = [json.loads(row["reports"])[0] for row in first_seed]
    share = mean(
        max(cpu / row["cpu_seconds"], seconds / row["seconds"])
        for row, (_, seconds, cpu, _) in zip(first_seed, at_first, strict=True)
    )
    costs = {row[0]: row[1:] for row in tables["power-costs"].rows}
    assert costs["first report equal"][0] == round(share, 2)
    # The epochs are five, and the start of the program is most of a short training.
    assert 0.4 < share < 0.8
    assert costs["every report equal"] == (1, pytest.approx(mean(r["cpu_seconds"] for r in clean)))


def test_command_power_prices_each_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Campaign.import_records(EXPORT, tmp_path / "campaign")
    start = ["--campaign", str(tmp_path / "campaign"), "power", "--json"]
    assert run([*start, "--price", "0.36"]) == 0
    tables = {
        table["name"]: table for table in map(json.loads, capsys.readouterr().out.splitlines())
    }
    table = tables["power-costs"]
    assert table["columns"][-1] == "Price of 1,000"
    for row in table["rows"]:
        assert row[-1] == pytest.approx(row[-2] / 10)
    assert run([*start, "--price", "0,04"]) == 1
    assert "not a price such as 0.04" in capsys.readouterr().err


def test_command_power_check_chooses_checks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Campaign.import_records(EXPORT, tmp_path / "campaign")
    start = ["--campaign", str(tmp_path / "campaign"), "power"]
    chosen = ["--check", "last report within 0.01", "--check", "counts of work equal"]
    assert run([*start, *chosen, "--format", "csv"]) == 0
    shown = capsys.readouterr().out
    assert "last report within 0.01" in shown
    assert "counts of work equal" in shown
    assert "every report" not in shown
    out = tmp_path / "power.html"
    assert run([*start, *chosen, "--html", str(out)]) == 0
    assert "every report" not in out.read_text(encoding="utf-8")
    assert run([*start, "--check", "luck"]) == 1
    said = capsys.readouterr().err
    assert "there is no check `luck`; there is `first report equal`, " in said
    assert "`final value within 3 deviations`" in said


@pytest.mark.parametrize("more", [("--format", "csv"), ("--out", "tables.csv")])
def test_command_power_refuses_two_files(
    campaign: Path, more: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--campaign", str(campaign), "power", "--html", "power.html", *more]) == 1
    assert "`--html` names the format and the file" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_a_mistake(tmp_path: Path) -> None:
    Campaign.import_records(EXPORT, tmp_path / "campaign")
    with pytest.raises(UsageError, match="cannot be written"):
        Campaign.open(tmp_path / "campaign").write_power_html(tmp_path)
