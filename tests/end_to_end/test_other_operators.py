"""Operators of other tools are any text, beside the eight, in tables, figures and lists."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

import trainwreck
from build import mutant
from exchanging import CRASH_RECORD, foreign
from trainwreck.cli.main import run
from trainwreck.findings import operator_heads
from trainwreck.findings.heads import FURTHER, MOST, RESERVED
from trainwreck.findings.symptoms import IN_ALL
from trainwreck.model import (
    Judged,
    OperatorCode,
    PlannedMutant,
    Share,
    Symptom,
    Verdict,
    operator_name,
    operator_of,
)
from trainwreck.report.figures.boxes import CLEAN

EIGHT = [code.value for code in OperatorCode]
ODD = [
    "in all",
    "clean",
    "A&B_%#{}\\^~$x$|`",
    "x" * 10_000,
    "x" * 9_999 + "y",
    "операция é",
    "line\nbreak\x1b[31m",
    "comor",
    "\u200b",
    "nan",
    "further operators",
]


def normal(number: int, operator: str, **known: Any) -> dict[str, Any]:
    return {
        "kind": "mutant",
        "operator": operator,
        "symptom": "normal",
        "file": "a.py",
        "line": number + 1,
        "id": f"m{number}",
        "runs": [{"metrics": {"accuracy": 0.7 + number / 10_000}, "seconds": 3.5 + number / 7}],
        **known,
    }


def imported(folder: Path, *records: dict[str, Any]) -> list[str]:
    """The options that name the campaign of these records."""
    here = ["--campaign", str(folder / "copy")]
    assert run([*here, "import", str(foreign(folder, *records))]) == 0
    return here


@pytest.fixture
def odd(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    clean = [{"kind": "clean", "seed": n, "metrics": {"accuracy": 0.75}} for n in range(4)]
    here = imported(
        tmp_path,
        *clean,
        *(normal(number, operator) for number, operator in enumerate([*ODD, " NVR ", "BVR"])),
    )
    capsys.readouterr()
    return here


def judged(*operators: str) -> list[Judged]:
    mutants = [mutant(operator=operator_of(operator)) for operator in operators]
    return [Judged(PlannedMutant(m), Verdict(m.id, Symptom.CRASH, None)) for m in mutants]


def test_the_eight_come_first_and_the_others_in_alphabetical_order() -> None:
    heads = operator_heads(judged("zoom", "Alpha", "beta", "NVR", "beta"))
    assert list(heads.heads) == [*EIGHT, "Alpha", "beta", "zoom"]
    groups = heads.groups(judged("beta", "NVR", "beta"))
    assert {head: len(members) for head, members in groups.items() if members} == {
        "NVR": 1,
        "beta": 2,
    }
    assert list(operator_heads([]).heads) == EIGHT


def test_no_two_heads_are_equal_and_none_is_taken_for_something_else() -> None:
    heads = operator_heads(judged(*ODD, "in all (operator)")).heads
    assert len(heads) == len(set(heads)) == 8 + len(ODD) + 1
    assert not RESERVED & set(heads)
    assert {IN_ALL, CLEAN} < RESERVED
    assert "in all (operator)" in heads
    assert all(head.isprintable() and len(head) <= 100 for head in heads)


def test_a_text_for_each_mutant_is_no_operator() -> None:
    texts = [f"set {number}" for number in range(MOST + 40)]
    heads = operator_heads(judged(*texts, *texts[-MOST:]))
    assert len(heads.heads) == 8 + MOST + 1
    assert heads.heads[-1] == FURTHER
    assert len(heads.groups(judged(*texts))[FURTHER]) == 40


@pytest.mark.parametrize(
    ("text", "operator"), [("NVR", OperatorCode.NVR), (" NVR\n", OperatorCode.NVR), ("nvr", "nvr")]
)
def test_the_eight_keep_their_meaning(text: str, operator: str) -> None:
    assert operator_of(text) == operator
    assert isinstance(operator_of(text), OperatorCode) is isinstance(operator, OperatorCode)


def test_a_name_is_one_line_that_can_be_printed() -> None:
    assert operator_name(" a\n b\x1b") == "a b"
    assert operator_name("\u200b") == "(not printable)"
    assert len(operator_name("x" * 10_000)) == 80


@pytest.mark.parametrize("format_", ["text", "csv", "latex", "markdown", "json"])
def test_reports_of_odd_operators_are_made_in_every_format(
    odd: list[str], format_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*odd, "report", "--format", format_, "--paper"]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "in all (operator)" in said
    if format_ == "latex":
        assert r"A\&B\_\%\#\{\}\textbackslash{}" in said
    if format_ == "json":
        tables = {line["name"]: line for line in map(json.loads, said.splitlines())}
        heads = [row[0] for row in tables["table-5"]["rows"]]
        assert heads[:8] == EIGHT
        assert heads[-1] == "in all"
        assert heads[8:-1] == sorted(heads[8:-1], key=str.casefold)
        assert tables["table-5"]["rows"][-1][-1] == len(ODD) + 2
        for name in ("table-2", "impacts", "ledger-operator", "compared-operator"):
            assert [row[0] for row in tables[name]["rows"]][: len(heads) - 1] == heads[:-1]
    if format_ == "csv":
        assert any("clean (operator)" in row for row in csv.reader(io.StringIO(said)))


def test_figures_and_files_of_odd_operators_are_made(odd: list[str], tmp_path: Path) -> None:
    for number in ("3", "4"):
        picture = tmp_path / f"{number}.svg"
        assert run([*odd, "report", "--figure", str(picture), "--number", number]) == 0
        assert picture.stat().st_size > 1000
    assert run([*odd, "report", "--figure", str(tmp_path / "ledger.png")]) == 0
    assert run([*odd, "report", "--format", "parquet", "--out", str(tmp_path / "files")]) == 0
    assert (tmp_path / "files" / "table-5.parquet").exists()


def test_notebooks_have_the_whole_text_of_an_operator(odd: list[str]) -> None:
    found = trainwreck.open(odd[1])
    assert found.verdicts["operator"].tolist() == [*ODD, "NVR", "BVR"]
    assert found.mutants["operator"].str.len().max() == 10_000
    for table in found.tables.values():
        assert table.frame is not None
        assert table._repr_html_()


def test_operators_are_listed_by_their_whole_text(
    odd: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for operator, number in (("in all", "m0"), (ODD[3], "m3"), ("NVR", f"m{len(ODD)}")):
        assert run([*odd, "list", "--operator", operator]) == 0
        _, line = capsys.readouterr().out.splitlines()
        assert line.startswith(f"{number} ")
        assert len(line) <= 120
    assert run([*odd, "list", "--operator", "MemOR"]) == 0
    assert capsys.readouterr().out == ""
    assert run([*odd, "list", "--operator", "Comor"]) == 1
    assert "no mutant is of the operator `Comor`" in capsys.readouterr().err
    assert run([*odd, "show", "m3"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) < 200


def test_findings_about_the_eight_count_other_operators_as_others(tmp_path: Path) -> None:
    crashes = [{**CRASH_RECORD, "operator": "ComOR", "line": n} for n in range(1, 5)]
    crashes += [{**CRASH_RECORD, "operator": code, "line": 9} for code in ("MemOR", "LogOR")]
    here = imported(tmp_path, *crashes, *(normal(n, "dropout off") for n in range(6)))
    found = trainwreck.open(here[1])
    answers = {row[0]: row for row in found.tables["findings"].table.rows}
    assert answers[5][2] == "holds"
    assert "all others 0 %" in answers[5][3]
    assert answers[7][2] == answers[7][4] == "undecided"
    rows = {row[0]: row for row in found.tables["table-5"].table.rows}
    assert rows["dropout off"][1] == Share(6, 6)


CHANGES = [
    ({"original": "+", "replacement": "-"}, "replace `+` with `-` in fit"),
    ({"original": "not ", "replacement": ""}, "delete `not` in fit"),
    ({"original": "+"}, "replace `+` in fit"),
    ({"replacement": "-"}, "put in `-` in fit"),
    ({"original": "", "replacement": "not "}, "insert `not ` in fit"),
    ({"original": "+", "replacement": "-", "function": "<module>"}, "with `-` at module level"),
    ({"original": "+", "replacement": "-", "function": None}, "with `-` ["),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_a_change_of_which_half_is_known_is_no_deletion(
    tmp_path: Path,
    change: dict[str, Any],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = imported(tmp_path, normal(2, "dropout off", **{"function": "fit", **change}))
    assert run([*here, "list"]) == 0
    assert said in capsys.readouterr().out
    assert run([*here, "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert listed["original"] == change.get("original")
    assert listed["replacement"] == change.get("replacement")
    known = {row[0]: row[1] for row in trainwreck.open(here[1]).tables["records"].table.rows}
    assert known["mutants: the change"] == Share(int({"original", "replacement"} <= {*change}), 1)


def test_a_change_of_which_nothing_is_known_is_named_by_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = imported(tmp_path, normal(2, "dropout off", function="fit"))
    capsys.readouterr()
    assert run([*here, "list"]) == 0
    _, line = capsys.readouterr().out.splitlines()
    assert line.split(maxsplit=2) == ["m2", "a.py:3", "[dropout off]"]
