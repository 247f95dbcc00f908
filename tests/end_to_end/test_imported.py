"""Records that were made elsewhere are reported on, as far as they go."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

import trainwreck
from exchanging import CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD, foreign
from trainwreck.cli.main import run
from trainwreck.model import Impact, OperatorCode, Rung, Share

PHASES = ("preprocessing", "constructing", "learning")


def normal(number: int, **known: Any) -> dict[str, Any]:
    codes = list(OperatorCode)
    return {
        "kind": "mutant",
        "operator": codes[number % len(codes)].value,
        "symptom": "normal",
        "file": f"net{number % 5}.py",
        "line": number + 1,
        "runs": [{"metrics": {"accuracy": 0.7 + number / 1000}}],
        **known,
    }


def clean(seed: int, **known: Any) -> dict[str, Any]:
    return {"kind": "clean", "seed": seed, "metrics": {"accuracy": 0.75 + seed / 1000}, **known}


def imported(folder: Path, *records: dict[str, Any], **options: Any) -> Path:
    source = foreign(folder, *records, **options)
    assert run(["--campaign", str(folder / "copy"), "import", str(source)]) == 0
    return folder / "copy"


def test_the_least_that_the_contract_asks_for_gives_a_whole_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = imported(tmp_path, CRASH_RECORD, NORMAL_RECORD)
    capsys.readouterr()
    assert run(["--campaign", str(campaign), "report", "--paper"]) == 0
    said = capsys.readouterr().out
    for title in ("Table I:", "Table IV:", "Figure 4:", "Findings 1 to 9", "How far"):
        assert title in said
    assert "by phase" not in said  # The records name none.
    found = trainwreck.open(campaign)
    known = {row[0]: row[1] for row in found.tables["records"].table.rows}
    assert known["clean runs: times"] == Share(0, 0)
    assert known["normal mutants: times"] == Share(0, 1)
    assert found.tables["table-6"].table.rows[-1][0] == "not known"
    assert found.tables["figure-1"].table.rows[0][5] is None
    answers = {row[0]: (row[2], row[4]) for row in found.tables["findings"].table.rows}
    assert answers[8] == answers[9] == ("undecided", "undecided")


def test_what_can_be_computed_is(tmp_path: Path) -> None:
    low = [{"seed": seed, "metrics": {"accuracy": 0.2 + seed / 1000}} for seed in range(12)]
    wild = [{"metrics": {"accuracy": 884543.0}, "seconds": 3.5}]
    records = [
        *(clean(seed) for seed in range(12)),
        *(normal(number, phases=[PHASES[number % 3]]) for number in range(30)),
        normal(30, id="low", runs=low, phases=["learning"]),
        normal(31, id="wild", runs=wild, root="keras", replacement="*", original="/"),
        {**CRASH_RECORD, "error": {"type": "IndexError", "message": "list index out of range"}},
        {**CRASH_RECORD, "line": 9, "symptom": "hang"},
    ]
    campaign = imported(tmp_path, *records)
    found = trainwreck.open(campaign)
    verdicts = found.verdicts.set_index("mutant")
    assert verdicts.loc["low", "impact"] == Impact.WORSE
    assert verdicts.loc["wild", "impact"] == Impact.INVALID
    assert set(verdicts["rung"]) == {"", Rung.CRASH.value, Rung.HANG.value}
    causes = {row[0]: row[1] for row in found.tables["causes"].table.rows}
    assert causes["mismatch of dimensions or indices"] == Share(1, 1)
    figure = found.tables["figure-1"].table
    assert [row[-1] for row in figure.rows] == [(), (884543.0,)]
    assert [row[0] for row in found.tables["table-6"].table.rows] == [*PHASES, "not known"]
    assert len(found.outcomes) == 12 + 30 + 12 + 1
    assert found.mutants.set_index("id").loc["wild", "root"] == "keras"
    doubts = found.tables["doubts"].table.rows
    assert [(row[2], row[1].split(",")[0]) for row in doubts] == [
        ("impossible value", "net1.py:32 [LogOR]".replace("LogOR", doubts[0][1].split("[")[1][:-1]))
    ]


def test_digests_tell_which_mutants_propagated(tmp_path: Path) -> None:
    def with_digest(number: int, digest: str, seed: int = 0) -> dict[str, Any]:
        run = {"seed": seed, "metrics": {"accuracy": 0.75}, "digest": digest}
        return normal(number, id=f"m{number}", runs=[run])

    campaign = imported(
        tmp_path,
        clean(0, digest="a"),
        clean(0, digest="b"),
        with_digest(1, "a"),
        with_digest(2, "c"),
        with_digest(3, "c", seed=1),
        normal(4, id="m4", rung="masked"),
        normal(5, id="m5", decided_by="probe", rung="uninfected", runs=[]),
    )
    found = trainwreck.open(campaign)
    rungs = dict(zip(found.verdicts["mutant"], found.verdicts["rung"], strict=True))
    assert rungs == {"m1": "", "m2": "propagated", "m3": "", "m4": "masked", "m5": "uninfected"}
    assert found.study.value(found.study.judged[-1]) == pytest.approx(0.75)


def test_commands_that_look_work_and_those_that_run_refuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = {**CRASH_RECORD, "symptom": None, "line": 50}
    campaign = imported(
        tmp_path, CLEAN_RECORD, NORMAL_RECORD, {**CRASH_RECORD, "id": "x7"}, waiting
    )
    capsys.readouterr()
    here = ["--campaign", str(campaign)]
    assert run([*here, "status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["subject"], status["planned"], status["done"]) == ("theirs", 3, 2)
    assert run([*here, "list"]) == 0
    head, normal, crash, unknown = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "place", "change", "rung"]
    assert crash.startswith("x7 ")
    assert crash.endswith(" crash")
    assert not normal.endswith("crash")
    assert unknown.startswith("line-5  a.py:50 ")
    assert run([*here, "show", "x7"]) == 0
    assert "(imported records: neither the sources" in capsys.readouterr().out
    assert run([*here, "show", "none"]) == 1
    assert run([*here, "report", "--figure", str(tmp_path / "a.svg"), "--number", "1"]) == 0
    assert (tmp_path / "a.svg").stat().st_size > 1000
    capsys.readouterr()
    (tmp_path / "trainwreck.toml").write_text(
        "[subject]\nname = 'x'\ncommand = ['train.py']\n[metrics.accuracy]\npattern = 'a(b)'\n"
    )
    (tmp_path / "train.py").write_text("")
    monkeypatch.chdir(tmp_path)
    for command in (["run"], ["baseline"], ["replay", "x7"], ["doctor"], ["audit"]):
        assert run([*here, *command]) == 1
        assert "imported records" in capsys.readouterr().err


def test_import_tells_its_doubts_and_leaves_them_out_when_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [normal(number, runs=[{"metrics": {"accuracy": 9.0}}]) for number in range(25)]
    source = foreign(tmp_path, clean(0), normal(40), *bad, {"kind": "note"})
    assert run(["--campaign", str(tmp_path / "all"), "import", str(source)]) == 0
    said = capsys.readouterr().out
    assert "imported records: 26 mutants and 1 clean runs" in said
    assert "25 doubts" in said
    assert (
        "impossible value: expected accuracy from 0 to 1, as clean runs report a share; it has 9"
        in said
    )
    assert "and 5 more" in said
    assert "1 records of kind `note` skipped" in said
    few = ["--campaign", str(tmp_path / "few"), "import", str(source), "--leave-out-doubtful"]
    assert run([*few, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["left_out"], told["mutants"], len(told["doubts"])) == (25, 1, 25)
    assert told["doubts"][0] == {
        "line": 4,
        "record": "net0.py:1 [ArOR]",
        "check": "impossible value",
        "expected": "accuracy from 0 to 1",
        "found": "9",
        "basis": "as clean runs report a share",
        "what": "expected accuracy from 0 to 1, as clean runs report a share; it has 9",
    }
    assert len(trainwreck.open(tmp_path / "few").mutants) == 1
    broken = foreign(tmp_path, {**CRASH_RECORD, "operator": " "}, CRASH_RECORD)
    assert run(["--campaign", str(tmp_path / "b"), "import", str(broken)]) == 1
    assert "--skip-unreadable" in capsys.readouterr().err
    skipping = ["--campaign", str(tmp_path / "b"), "import", str(broken), "--skip-unreadable"]
    assert run(skipping) == 0
    assert "1 unreadable records skipped, the first in line 2" in capsys.readouterr().out


def test_records_are_read_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = foreign(tmp_path, CRASH_RECORD)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(source.read_bytes())))
    assert run(["--campaign", str(tmp_path / "copy"), "import", "-"]) == 0
    assert len(trainwreck.open(tmp_path / "copy").mutants) == 1


def test_a_story_tells_what_is_known_and_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [{"seed": seed, "metrics": {"accuracy": 0.1}, "digest": "x"} for seed in range(12)]
    told = normal(1, id="m1", runs=runs)
    campaign = imported(tmp_path, *(clean(seed, digest="a") for seed in range(12)), told)
    capsys.readouterr()
    assert run(["--campaign", str(campaign), "show", "m1"]) == 0
    said = capsys.readouterr().out
    assert "normal (propagated), worse" in said
    assert "its phases are not known" in said
    assert "accuracy: worse: lower (p < 0.0001); " in said
    assert "the settings give no margin" in said
    assert "differs only in the parameters" not in said
    assert run(["--campaign", str(campaign), "status"]) == 0
    assert "cost" not in capsys.readouterr().out


def test_an_accuracy_is_in_the_unit_of_the_normal_mutants_where_there_is_no_clean_run(
    tmp_path: Path,
) -> None:
    wild = normal(31, id="wild", runs=[{"metrics": {"accuracy": 71.0}}])
    campaign = imported(tmp_path, *(normal(number) for number in range(30)), wild)
    figure = trainwreck.open(campaign).tables["figure-1"].table
    assert figure.rows[1][-1] == (71.0,)
