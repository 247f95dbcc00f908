"""The tutorial: its commands work one after the other, and print what the page shows."""

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from guest import ROOT
from trainwreck.cli.main import run

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
SHOWN = re.compile(r"^```text\n\$ (.*)\n((?:.*\n)*?)```$", re.MULTILINE)
STABLE = {
    "init": re.compile(
        r"^(?:metrics|seed|bugs in|phases):.*|^  (?:accuracy|loss): .*", re.MULTILINE
    ),
    "list": re.compile(r"^[0-9a-f]{16}  .*", re.MULTILINE),
    "run": re.compile(r"^  rungs: .*", re.MULTILINE),
    "report": re.compile(
        r"^Silent bugs: .*|^Bugs that hurt, or may: .*|trainwreck show [0-9a-f]{16}", re.MULTILINE
    ),
    "show": re.compile(r"^[-+@ ].*train\.py.*|^[-+] {4}.*|^.*(?:by step|[┤│└]).*", re.MULTILINE),
}
"""What commands print on any machine: neither times nor what rests on them."""


@pytest.mark.timeout(1800)
def test_tutorial_commands_print_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy2(ROOT / "examples" / "moons" / "train.py", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    (program, _), *own = [(shlex.split(line), printed) for line, printed in SHOWN.findall(PAGE)]
    assert program[:2] == ["python", "train.py"]
    names = [words[1] for words, _ in own]
    assert names == ["init", "list", "run", "report", "show", "report"]
    for words, printed in own:
        assert run(words[1:]) == 0, capsys.readouterr().err
        answer = capsys.readouterr().out
        stable = STABLE.get(words[1])
        if stable is not None and "--html" not in words:
            expected = stable.findall(printed)
            assert expected
            assert sorted(stable.findall(answer)) == sorted(expected)
    assert (tmp_path / "report.html").stat().st_size > 100_000
