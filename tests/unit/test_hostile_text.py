"""Commands read campaigns whose every text is hostile, and print nothing that a terminal obeys."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from exchanging import CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD, foreign
from hostile_campaigns import hostile_campaign
from trainwreck.cli.main import run
from trainwreck.report.printable import OBEYED

FORGED = "trainwreck: all fine"
TEXTS = {
    "controls": f"\x1b]0;owned\x07\x1b[2J\x9b31m\r{FORGED}\0b\x08\x7f abc\u202egpj.\u2066exe\u2069",
    "surrogate": "half \ud83d and caf\udce9",
    "lines": f"x\n{FORGED}\n\u2028{FORGED}\x85{FORGED}",
    "markup": "[bold red]|`$x_{$ \\input{/etc/passwd} <script>alert(1)</script> {seed} :smile:",
    "long": "x" * 100_000,
}
FORMATS = ("text", "csv", "latex", "markdown", "json", "summary", "stryker", "junit")


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
