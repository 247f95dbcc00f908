"""Commands read campaigns whose every text is hostile, and print nothing that a terminal obeys."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from build import edit_at, failure, mutant
from exchanging import CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD, Adding, foreign, value
from trainwreck.cli.main import run
from trainwreck.model import (
    APP,
    ChainedError,
    Draw,
    Ending,
    Environment,
    Exit,
    FileFrame,
    Frame,
    PlannedMutant,
    Stratum,
    StratumFrame,
    TrialKind,
)
from trainwreck.report.printable import OBEYED
from trainwreck.store.campaign_file import CampaignFile

FORGED = "trainwreck: all fine"
TEXTS = {
    "controls": f"\x1b]0;owned\x07\x1b[2J\x9b31m\r{FORGED}\0b\x08\x7f abc\u202egpj.\u2066exe\u2069",
    "surrogate": "half \ud83d and caf\udce9",
    "lines": f"x\n{FORGED}\n\u2028{FORGED}\x85{FORGED}",
    "markup": "[bold red]|`$x_{$ \\input{/etc/passwd} <script>alert(1)</script> {seed} :smile:",
    "long": "x" * 100_000,
}
FORMATS = ("text", "csv", "latex", "markdown", "json")


def hostile_campaign(folder: Path, text: str) -> list[str]:
    """A campaign in which others wrote ``text`` everywhere; gives the ids of its mutants."""
    name = text.encode("utf-8", "replace").decode()  # Sources and their names are whole text.
    bugs = [
        mutant(
            file=f"{name}.py",
            function=name,
            edits=(edit_at(index, name, f"{name}-"),),
            anchor=f"a.{index}",
        )
        for index in range(3)
    ]
    frame = Frame(f"{text}.py", 1, text, text)
    error = failure(text, text, [frame])
    error = replace(error, chain=(ChainedError(text, text, (frame,)),) * 2)
    log = text.encode("utf-8", "surrogatepass") + b"\xff\n"
    measured = value(Draw(0))
    steps = {text: ("0.5", "0.7"), **measured.pop("steps")}
    folder.mkdir()
    with CampaignFile.open(folder, create=True) as file:
        file.set_meta("subject", text)
        file.set_meta("metrics", [text, "accuracy"])
        measures = [{"name": name, "pattern": "x"} for name in (text, "accuracy")]
        file.set_meta("measures", measures)
        file.set_meta("reported", {text: text})
        file.set_meta("versions", {text: text})
        planned = [PlannedMutant(bug, (text,)) for bug in bugs]
        strata = [StratumFrame(APP, f"{name}.py", Stratum.CODE, 21, 3, 1 / 3)]
        file.set_plan(planned, [FileFrame(APP, f"{name}.py", 3, 3, 0, 3, 3, 3, 3, text)], strata)
        add = Adding(file)
        other = Environment(text, {text: text})
        for number in range(3):
            add(TrialKind.CLEAN, Draw(0), number, log=log, steps=steps, **measured)
        changed = {**steps, text: ("0.5", "0.6")}
        add(TrialKind.MUTANT, Draw(0), bug=bugs[0], log=log, environment=other, steps=changed)
        failed = {"exit": Exit(Ending.EXITED, 1), "error": error, "steps": {}, "stack": text}
        add(TrialKind.MUTANT, Draw(0), bug=bugs[1], log=log, **failed)
        hung = {"exit": Exit(Ending.TIME, 9), "steps": {}, "stack": text}
        add(TrialKind.MUTANT, Draw(0), bug=bugs[2], log=log, **hung)
    return [bug.id for bug in bugs]


@pytest.fixture(params=TEXTS)
def text(request: pytest.FixtureRequest) -> str:
    return TEXTS[request.param]


def check(said: str) -> None:
    """Check that nothing is obeyed, that no line is forged, and that nothing is our fault."""
    assert not OBEYED.findall(said)
    assert not [line for line in said.splitlines() if line.startswith(FORGED)]
    assert "Traceback" not in said, said[-3000:]


class Commands:
    """Commands on one campaign, and what they print."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._where = ["--campaign", str(folder)]
        self._capsys = capsys

    def __call__(self, *arguments: str) -> str:
        code = run([*arguments, *self._where])
        said = self._capsys.readouterr()
        check(said.out)
        check(said.err)
        assert code == 0, said.err
        if "--json" in arguments:
            for line in said.out.splitlines():
                msgspec.json.decode(line)
        return said.out


def test_every_command_that_reads_shows_text_of_others_and_obeys_none(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = hostile_campaign(tmp_path / "campaign", text)
    command = Commands(tmp_path / "campaign", capsys)
    for words in (["status"], ["list"], *(["show", name] for name in ids)):
        assert max(map(len, command(*words).splitlines())) < 10_000
        command(*words, "--json")


def test_every_format_of_a_report_is_text_that_is_safe_to_print(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile_campaign(tmp_path / "campaign", text)
    command = Commands(tmp_path / "campaign", capsys)
    for name in FORMATS:
        out = tmp_path / f"report.{name}"
        printed = command("report", "--format", name)
        assert command("report", "--format", name, "--out", str(out)) == ""
        assert out.read_text(encoding="utf-8") == printed
    command("report", "--json")


def test_exports_of_hostile_text_are_utf_8_and_come_back(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = hostile_campaign(tmp_path / "campaign", text)
    out = tmp_path / "out.jsonl"
    Commands(tmp_path / "campaign", capsys)("export", str(out), "--logs")
    for line in out.read_text(encoding="utf-8").split("\n")[:-1]:
        json.loads(line)
    command = Commands(tmp_path / "again", capsys)
    command("import", str(out))
    for words in (["status"], ["list"], *(["show", name] for name in ids), ["report"]):
        command(*words)
        command(*words, "--json")


def test_imported_records_of_hostile_text(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = text.encode("utf-8", "replace").decode()
    named = {"file": f"{text}.py", "name": text, "function": text, "context": text}
    crash = {**CRASH_RECORD, **named, "error": {"type": text, "message": text, "file": text}}
    normal = {**NORMAL_RECORD, **named, "why": text, "original": text, "replacement": "b"}
    clean = {**CLEAN_RECORD, "metrics": {text: 0.5, "accuracy": 0.75}}
    records = foreign(tmp_path, clean, crash, normal, {"kind": text}, subject=subject_of(text))
    command = Commands(tmp_path / "campaign", capsys)
    command("import", str(records))
    listed = [json.loads(line) for line in command("list", "--json").splitlines()]
    assert len(listed) == 2
    for words in (["status"], ["list"], ["report"], *(["show", m["id"]] for m in listed)):
        command(*words)
        command(*words, "--json")


def subject_of(text: str) -> dict[str, Any]:
    return {"kind": "subject", "name": text, "versions": {text: text}}
