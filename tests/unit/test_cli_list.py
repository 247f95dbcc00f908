"""The table of `trainwreck list`, src/trainwreck/cli/listing.py."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from trainwreck import Campaign
from trainwreck.cli.listing import MEASURED
from trainwreck.cli.main import run
from trainwreck.findings import Fate

PLACE, CHANGE = "keras/src/layers/core/a_module.py", "replace `<` with `<=` in Dropout.call [ComOR]"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Return the lines that a command printed."""
    capsys.readouterr()
    assert run(list(arguments)) == 0
    return capsys.readouterr().out.splitlines()


@pytest.fixture
def many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A campaign with more mutants than the table measures, of which the later ones are wider."""
    records = [{"kind": "subject", "name": "many", "metrics": ["accuracy"]}]
    for number in range(MEASURED + 3):
        folder = "a" * 90 + "/" if number > MEASURED else ""
        records.append(
            {
                "kind": "mutant",
                "id": f"m{number:05}",
                "operator": "ComOR",
                "file": folder + PLACE,
                "line": number + 1,
                "original": "<" * (1 + 200 * (number == 1)),
                "replacement": "<=",
                "function": "Dropout.call",
                "symptom": "crash" if number % 2 else None,
            }
        )
    file = tmp_path / "records.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert run(["import", "--campaign", str(tmp_path / "many"), str(file)]) == 0
    return str(tmp_path / "many")


def test_list_of_a_campaign_has_columns(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head, *lines = printed(capsys, "list", "--campaign", str(campaign))
    assert head.split() == ["id", "place", "change", "rung"]
    listed = [
        json.loads(line) for line in printed(capsys, "list", "--json", "--campaign", str(campaign))
    ]
    assert [line[:16] for line in lines] == [mutant["id"] for mutant in listed]
    status = json.loads(printed(capsys, "status", "--json", "--campaign", str(campaign))[0])
    rungs = [line[head.index("rung") :] for line in lines]
    assert {rung: rungs.count(rung) for rung in rungs if rung} == status["rungs"]
    assert rungs.count("") == status["left"]
    for line, mutant in zip(lines, listed, strict=True):
        assert line[head.index("place") :].startswith(f"{mutant['file']}:{mutant['line']} ")
        assert line[head.index("change") :].startswith("replace `")


def test_list_shortens_and_aligns(many: str, capsys: pytest.CaptureFixture[str]) -> None:
    head, *lines = printed(capsys, "list", "--campaign", many)
    assert len(lines) == MEASURED + 3
    assert max(map(len, lines)) <= 120
    change, rung = head.index("change"), head.index("rung")
    assert lines[0][change:rung].strip() == CHANGE
    assert lines[1][change:rung].rstrip().endswith("<…")
    assert lines[1][rung:] == "crash"
    assert lines[2][rung:] == ""
    assert lines[-1][head.index("place") : change].rstrip().endswith(f"a_module.py:{MEASURED + 3}")
    assert "…" in lines[-1][head.index("place") : change]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_list_fits_the_terminal(
    many: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda *_: os.terminal_size((width, 24)))
    head, *lines = printed(capsys, "list", "--campaign", many)
    assert max(map(len, lines)) <= width
    beside = head.split() == ["id", "place", "change", "rung"]
    assert beside == (width > 80)
    assert beside or (head.split(), lines.pop(0)) == (["id", "place", "rung"], "    change")
    first = lines[0] if beside else "\n".join(lines[:2])
    assert first.startswith("m00000")
    assert CHANGE in first
    assert re.search(r"a_module.py:1\s", first)
    assert sum(line.startswith("m0") for line in lines) == MEASURED + 3


def test_list_by_rung(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for rung in ("crash", "masked"):
        _, *lines = printed(capsys, "list", "--rung", rung, "--campaign", str(campaign))
        assert lines
        assert all(line.endswith(f" {rung}") for line in lines)
    assert printed(capsys, "list", "--rung", "unreached", "--campaign", str(campaign)) == []


@pytest.mark.parametrize("option", ["--all", "--uncovered"])
def test_list_by_rung_of_sources_is_a_mistake(
    campaign: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["list", option, "--rung", "crash", "--campaign", str(campaign)]) == 1
    assert "only planned ones run" in capsys.readouterr().err


def test_list_by_fate_is_ranked_as_the_report(
    campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--campaign", str(campaign))
    for fate in ("silent", "crash", "may-hurt"):
        (summary,) = Campaign.open(campaign).summaries()
        ranked = [bug.item.mutant.id for bug in (*summary.harmful, *summary.silent)]
        listed = [
            json.loads(line)["id"]
            for line in printed(capsys, "list", "--json", "--fate", fate, *where)
        ]
        names = {"silent": Fate.UNNOTICED, "crash": Fate.CRASH, "may-hurt": Fate.MAY_HURT}
        assert len(listed) == summary.fates[names[fate]].number
        if fate != "crash":
            assert listed == [name for name in ranked if name in listed]
    assert run(["list", "--fate", "far", *where]) == 1
    assert "not one of silent, hurts, may-hurt" in capsys.readouterr().err
    assert run(["list", "--all", "--fate", "silent", *where]) == 1
    assert "`--fate` needs mutants that ran" in capsys.readouterr().err
