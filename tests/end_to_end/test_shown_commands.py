"""The commands and the Python that pages show, one after the other on a program of a few lines.

`test_front_door.py` reads the commands of all pages; this runs those of the pages that people
follow with their own program. Words that stand for something of the reader's are filled in.
"""

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from exchanging import CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD, foreign
from guest import ROOT
from trainwreck import Campaign
from trainwreck.cli.main import run

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = """\
import sys

from losses import loss

class Adam:
    def step(self, weight):
        return weight + 0.1

def train(seed):
    weight, optimizer = int(seed) / 1000, Adam()
    for epoch in range(3):
        weight = optimizer.step(weight)
        print("loss", loss(weight))
    unused = 1 + 1

train(next((word for word in sys.argv if word.isdigit()), 0))
"""
LOSSES = "def loss(weight, target=1.0):\n    return target - weight\n"
SETTINGS = """\
[subject]
name = "tiny"
command = ["train.py", "{seed}"]

[metrics.loss]
pattern = 'loss (\\S+)'
better = "lower"

[trials]
clean = 3
seeds = 1
repeats = 1
"""
FIX = """\
--- a/train.py
+++ b/train.py
@@ -6,2 +6,2 @@
     def step(self, weight):
-        return weight + 0.2
+        return weight + 0.1
"""
BUG = FIX.replace("0.2", "old").replace("0.1", "0.2").replace("old", "0.1")
COSTLY = ("study", "doctor --self")
"""Commands that other tests run, as they need minutes or the network."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program in a repository whose last line has changed, and a campaign with five mutants."""
    folder = tmp_path_factory.mktemp("shown")
    (folder / "trainwreck.toml").write_text(SETTINGS)
    (folder / "losses.py").write_text(LOSSES)
    (folder / "train.py").write_text(PROGRAM.replace("1 + 1", "1 + 2"))
    (folder / ".gitignore").write_text(".trainwreck\n")
    words = ("init -q -b main .", "add .", "-c user.name=a -c user.email=a@b commit -q -m x")
    for line in (*words, "update-ref refs/remotes/origin/main main"):
        subprocess.run(["git", *line.split()], cwd=folder, check=True)
    (folder / "train.py").write_text(PROGRAM)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(["run", "--mutants", "5", "--jobs", "1"]) == 0
    return folder


@pytest.fixture
def folder(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, with all else that the pages name."""
    copy = shutil.copytree(prepared, tmp_path / "program")
    shutil.copytree(copy / ".trainwreck", copy / "runs" / "monday")
    (copy / "fix.diff").write_text(FIX)
    (copy / "results").mkdir()
    shutil.copy2(ROOT / "results" / "keras.jsonl.xz", copy / "results")
    shutil.move(foreign(tmp_path, CLEAN_RECORD, NORMAL_RECORD, CRASH_RECORD), copy / "theirs.jsonl")
    monkeypatch.chdir(copy)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    return copy


def lines_of(page: str) -> list[str]:
    """The commands of ours in the blocks of a page."""
    blocks = [text for _, text in BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))]
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    commands = [line for line in lines if line.startswith("trainwreck ")]
    assert commands, page
    return [line for line in commands if not any(words in line for words in COSTLY)]


def code_of(page: str) -> list[str]:
    """The Python of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [code for language, code in BLOCK.findall(text) if language == "python"]


def filled(line: str, ids: Mapping[str, str]) -> list[list[str]]:
    """The words of each command of a pipe, with ids that are there."""
    words = shlex.split(line, comments=True)
    words = [ids.get(word, word) for word in words]
    commands: list[list[str]] = [[]]
    for word in words:
        if word == "|":
            commands.append([])
        else:
            commands[-1].append(word)
    return [command[1:] for command in commands if command[0] == "trainwreck"]


def perform(
    line: str,
    ids: Mapping[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Run a line as a shell does; only a condition that holds may end it otherwise."""
    for words in filled(line, ids):
        # Without `--reverse` the diff must be a bug, and with it a fix.
        Path("fix.diff").write_text(FIX if "--reverse" in words else BUG)
        code = run(words)
        printed = capsys.readouterr()
        assert code in ((0, 6) if "--fail-on" in words else (0,)), f"{line}\n{printed.err}"
        monkeypatch.setattr(sys, "stdin", io.StringIO(printed.out))


PAGES = ("README.md", "docs/index.md", "docs/own-program.md", "docs/own-bugs.md",
         "docs/planning.md", "docs/ci.md", "docs/sql.md", "docs/html-report.md")  # fmt: skip


@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work(
    page: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    no_process_is_left: None,
) -> None:
    first, second, *_ = [item.mutant.id for item in Campaign.open(folder / ".trainwreck").judged()]
    ids = {"3f9a": first[:6], "77c1": second[:6]}
    for line in lines_of(page):
        if line.startswith("trainwreck init"):
            (folder.parent / "new").mkdir(exist_ok=True)
            shutil.copy2(folder / "train.py", folder.parent / "new")
            shutil.copy2(folder / "losses.py", folder.parent / "new")
            (folder.parent / "new" / "trainwreck.toml").unlink(missing_ok=True)
            monkeypatch.chdir(folder.parent / "new")
        perform(line, ids, capsys, monkeypatch)
        monkeypatch.chdir(folder)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", ["docs/notebooks.md", "docs/own-program.md", "docs/own-bugs.md"])
def test_the_python_of_a_page_works(
    page: str, folder: Path, capsys: pytest.CaptureFixture[str], no_process_is_left: None
) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("matplotlib")
    names: dict[str, object] = {"__name__": "example"}
    blocks = code_of(page)
    assert blocks
    for code in blocks:
        exec(compile(code, page, "exec"), names)


def test_ids_and_pipes_of_a_line_are_filled_in() -> None:
    line = "trainwreck list --json | trainwreck run 3f9a --only -   # by id"
    assert filled(line, {"3f9a": "abc"}) == [["list", "--json"], ["run", "abc", "--only", "-"]]
    assert filled("trainwreck list | less", {}) == [["list"]]
    assert json.loads(json.dumps(lines_of("docs/ci.md")))[0].startswith("trainwreck run --since")
