"""Mutants and bugs that people choose: the commands `run`, `list`, `show` and `replay`."""

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import copy_zoo
from trainwreck import Campaign
from trainwreck.cli.main import run as command
from trainwreck.errors import UsageError
from trainwreck.model import UNKNOWN_PHASE, Rung, Symptom
from trainwreck.report.story import story_text
from trainwreck.results.status import Status

LIBRARY = """\
--- a/src/toylib/__init__.py
+++ b/src/toylib/__init__.py
@@ -35,5 +35,5 @@
         error = 1 / (1 + math.exp(-model.score(row))) - label
-        model.weights = [w - rate * error * x for w, x in zip(model.weights, row)]
+        model.weights = [w - 2 * rate * error * x for w, x in zip(model.weights, row)]
         model.bias -= rate * error  # fate: AsOR propagated
         loss += error * error
     return loss
--- a/tests/test_toylib.py
+++ b/tests/test_toylib.py
@@ -1 +1 @@
-a
+b
"""
COMMENT = """\
--- train.py
+++ train.py
@@ -17,3 +17,5 @@
 # phase: constructing
+# A further line, which changes no code
+# but moves all below.
 model = toylib.Model(size=2)
 fates.construct(model)
"""
SETTINGS = '''
[[bugs]]
name = "three edits"
link = "https://example.org/1"
edits = [
    { file = "toylib/__init__.py", before = "self.bias = 0.0", after = "self.bias = 1.0" },
    { file = "toylib/__init__.py", before = "loss += error * error", after = "pass" },
    { file = "train.py", before = "rate=0.5", after = "rate=0.25" },
]

[[bugs]]
name = "never called"
file = "notes.py"
before = """
def write_notes(rows):"""
after = """
def unused(rows):
    return 1


def write_notes(rows):"""
'''


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zoo, in a repository of git, with its clean runs made and with bugs in its settings."""
    program = copy_zoo(tmp_path_factory.mktemp("own") / "zoo")
    settings = program / "trainwreck.toml"
    settings.write_text(settings.read_text() + SETTINGS)
    for words in ("init -q .", "add .", "-c user.name=a -c user.email=a@b commit -q -m x"):
        subprocess.run(["git", *words.split()], cwd=program, check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(program)
        assert command(["run", "--bugs"]) == 0
    return program


@pytest.fixture
def zoo(program: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(program)
    return program


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a command and return its exit code and what it printed."""
    capsys.readouterr()
    code = command(list(words))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    code, out, err = said(capsys, "list", "--json", *words)
    assert code == 0, err
    return [json.loads(line) for line in out.splitlines()]


def own(zoo: Path, name: str) -> Any:
    """Return the story of the own bug with this name."""
    campaign = Campaign.open(zoo / ".trainwreck")
    with campaign.source() as source:
        bugs = {item.mutant.name: item.mutant.id for item in source.chosen()}
    return campaign.story(next(bugs[each] for each in bugs if name in each))


def status(zoo: Path) -> Status:
    return Campaign.open(zoo / ".trainwreck").status()


def test_bugs_of_the_settings_are_planted_whole(zoo: Path) -> None:
    story = own(zoo, "three edits")
    assert story.diff.count("\n+++ b/") == 2
    assert story.verdict.rung is Rung.PROPAGATED
    # One model, and 40 rows in each of three epochs, and three calls of `fit`.
    assert story.outcome.hits == 1 + 120 + 3
    assert f"ran at {', '.join(story.mutant.places)}; did not at none" in story_text(story)
    assert story.outcome.steps["loss"] == ("0.0", "0.0", "0.0")
    assert story.mutant.link == "https://example.org/1"
    assert status(zoo).done == 0, "what was chosen is no sample"


def test_a_new_function_that_nobody_calls_is_unreached(zoo: Path) -> None:
    story = own(zoo, "never called")
    assert story.verdict.rung is Rung.UNREACHED
    assert story.outcome.hits == 0


def test_a_patch_of_an_installed_library(
    zoo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patch = tmp_path / "fix.diff"
    patch.write_text(LIBRARY)
    code, _, err = said(capsys, "run", "--patch", str(patch))
    assert code == 0, err
    assert "left out tests/test_toylib.py, which is not installed" in err
    story = own(zoo, "fix.diff")
    # The list has two elements for each of 40 rows in each of three epochs.
    assert (story.outcome.hits, story.verdict.rung) == (240, Rung.PROPAGATED)
    code, _, err = said(capsys, "run", "--patch", str(patch), "--reverse")
    assert code == 1
    assert "is in the file already" in err
    assert "toylib/__init__.py" in err


def test_a_reversed_patch_takes_the_change_away(
    zoo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = LIBRARY.partition("--- a/tests")[0].splitlines()
    swap = {"-": "+", "+": "-"}
    turned = [
        line if line.startswith(("---", "+++", "@@")) else swap.get(line[0], line[0]) + line[1:]
        for line in lines
    ]
    turned[3:6] = [turned[3], turned[5], turned[4]]
    patch = tmp_path / "taken.diff"
    patch.write_text("\n".join(turned) + "\n")
    assert said(capsys, "run", "--patch", str(patch), "--reverse")[0] == 0
    with Campaign.open(zoo / ".trainwreck").source() as source:
        bugs = [i.mutant for i in source.chosen() if "2 * rate" in (i.mutant.replacement or "")]
    assert len(bugs) == 1, "the same change is the same bug, whatever it is called"


def test_a_patch_of_comments_alone_is_the_same_code(
    zoo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patch = tmp_path / "comment.diff"
    patch.write_text(COMMENT)
    assert said(capsys, "run", "--patch", str(patch))[0] == 0
    story = own(zoo, "comment.diff")
    assert (story.outcome, story.verdict.decided_by) == (None, "same-code")
    assert said(capsys, "run", "--patch", str(patch), "--without", "same-code")[0] == 0
    story = own(zoo, "comment.diff")
    assert story.outcome.hits == 0
    phases = [phase.name for phase in story.outcome.phases]
    assert phases == ["preprocessing", "constructing", "learning"]


def test_a_library_that_is_no_target_is_patched_as_well(
    program: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    copy = tmp_path / "program"
    shutil.copytree(program, copy, ignore=shutil.ignore_patterns(".trainwreck*", ".git"))
    settings = copy / "trainwreck.toml"
    text = settings.read_text().replace('["app", "toylib"]', '["app"]')
    settings.write_text(text.partition("\n[[bugs]]")[0])
    (tmp_path / "fix.diff").write_text(LIBRARY)
    monkeypatch.chdir(copy)
    code, _, err = said(capsys, "run", "--patch", str(tmp_path / "fix.diff"))
    assert code == 0, err
    story = own(copy, "fix.diff")
    assert (story.outcome.hits, story.phases) == (240, (UNKNOWN_PHASE,))
    assert "toylib" in story.diff
    assert said(capsys, "run", "--mutants", "1")[0] == 0
    assert "2 * rate" in said(capsys, "show", story.mutant.id)[1], "its library is still known"


def test_lines_changed_in_git_choose_mutants(zoo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys, "--since", "HEAD") == []
    code, _, err = said(capsys, "run", "--since", "HEAD")
    assert (code, "no line of a Python file of the program has changed" in err) == (1, True)
    text = (zoo / "train.py").read_text()
    (zoo / "train.py").write_text(text.replace("range(3)", "range(3 + 0)"))
    (zoo / "new.py").write_text("x = 1\n")
    try:
        found = listed(capsys, "--since", "HEAD", "--uncovered", "--campaign", "none")
    finally:
        (zoo / "train.py").write_text(text)
        (zoo / "new.py").unlink()
    assert {(each["file"], each["line"]) for each in found} == {("train.py", 23), ("new.py", 1)}
    code, _, err = said(capsys, "list", "--since", "nothing")
    assert (code, "has no revision `nothing`" in err) == (1, True)


def test_chosen_mutants_by_id_and_by_condition(
    zoo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = status(zoo)
    first = listed(capsys, "--function", "fit", "--operator", "AsOR")
    assert {each["original"] for each in first} == {"-=", "+="}
    chosen = [each["id"] for each in first[:2]]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"id place\n{chosen[0]} x\n\n# no\n"))
    words = ("run", "--only", "-", chosen[1][:10], "--phase", "learning", "--mutants", "1")
    code, _, err = said(capsys, *words)
    assert code == 0, err
    after = status(zoo)
    assert (after.done, after.chosen - before.chosen) == (0, 1)
    code, _, err = said(capsys, "run", "nothing", chosen[0])
    assert (code, "begins with `nothing`" in err) == (1, True)


def test_any_listed_mutant_is_shown_and_replayed(
    zoo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    everything = listed(capsys, "--all", "--uncovered")
    planned = {each["id"] for each in listed(capsys)}
    other = next(each for each in everything if each["id"] not in planned)
    code, out, _ = said(capsys, "show", other["id"])
    assert code == 0
    assert "It has not run yet" in out
    assert "--- a/" in out
    before = status(zoo)
    code, out, _ = said(capsys, "replay", other["id"], "--json")
    assert code == 0
    assert json.loads(out)["verdict"]["rung"] == Rung.UNREACHED
    assert status(zoo) == before


def test_reports_and_exports_show_chosen_ones_apart(
    zoo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = Campaign.open(zoo / ".trainwreck")
    tables = {table.name: table for table in campaign.tables()}
    assert any("three edits" in str(row) for row in tables["chosen"].rows)
    others = [table for table in tables.values() if table.name != "chosen"]
    assert "three edits" not in str(others)
    assert "'own'" not in str(others), "no row of operators has own bugs"
    out = tmp_path / "out.jsonl"
    assert said(capsys, "export", str(out))[0] == 0
    records = [json.loads(line) for line in out.read_text().splitlines()]
    chosen = [record for record in records if record.get("chosen")]
    assert {each["operator"] for each in chosen} >= {"own"}
    assert [each["link"] for each in chosen if "link" in each] == ["https://example.org/1"]
    plain = tmp_path / "plain.jsonl"
    with plain.open("w") as target:
        for record in records:
            if record["kind"] == "subject":
                record["facts"] = None
            if record["kind"] in ("subject", "clean", "mutant"):
                target.write(json.dumps(record) + "\n")
    for source in (out, plain):
        folder = tmp_path / source.stem
        code, text, err = said(capsys, "--campaign", str(folder), "import", str(source))
        assert (code, "no doubts" in text) == (0, True), text + err
        imported = Campaign.open(folder)
        assert imported.status().chosen == campaign.status().chosen
        assert imported.status().done == campaign.status().done
        (table,) = [table for table in imported.tables() if table.name == "chosen"]
        assert {row[0] for row in table.rows} == {row[0] for row in tables["chosen"].rows}
        assert table.rows[0][2] in set(Symptom)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("run --reverse", "`--reverse` needs a patch"),
        ("run --patch none.diff", "the patch none.diff cannot be read"),
        ("run --patch train.py", "it holds no unified diff"),
        ("run --patch a.diff --bugs", "`--patch` runs own bugs alone"),
        ("run --bugs --function fit", "`--bugs` runs own bugs alone"),
        ("run --file nowhere", "no planned mutant meets the choice"),
        ("run --only none.txt", "none.txt cannot be read"),
        ("list --context nowhere", "not one of if, while"),
    ],
)
def test_mistakes_in_a_choice_are_told(
    words: str, message: str, zoo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(capsys, *words.split())
    assert (code, message in err) == (1, True), err


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ("--- a/other.py\n+++ b/other.py\n@@ -1 +1 @@\n-a\n+b\n", "`other.py` is no file"),
        ("--- a/a.yml\n+++ b/a.yml\n@@ -1 +1 @@\n-a\n+b\n", "`a.yml` is no Python file"),
        ("--- random.py\n+++ random.py\n@@ -1 +1 @@\n-a\n+b\n", "`random.py` is no file"),
        ("--- train.py\n+++ train.py\n@@ -1 +1 @@\n-a\n+b\n", "does not apply: at line"),
        (
            "--- train.py\n+++ train.py\n@@ -18 +18 @@\n-model = toylib.Model(size=2)\n+x = (\n",
            "does not compile with this bug: SyntaxError",
        ),
    ],
)
def test_patches_that_cannot_be_planted(
    patch: str, message: str, zoo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.diff"
    path.write_text(patch)
    code, _, err = said(capsys, "run", "--patch", str(path))
    assert (code, message in err) == (1, True), err


def test_a_bug_keeps_encoding_and_ends_of_lines(tmp_path: Path) -> None:
    clean = "# coding: latin-1\r\n# \xe4\r\nx = '\xe4'\r\nprint(x)\r\n"
    buggy = "# coding: latin-1\r\n# \xe4\r\nx = '\xf6'\r\ny = 1\r\nprint(x)\r\n"
    (tmp_path / "train.py").write_bytes(clean.encode("latin-1"))
    hunk = "@@ -2,3 +2,4 @@\n # \xe4\n-x = '\xe4'\n+x = '\xf6'\n+y = 1\n print(x)\n"
    text = "--- a/train.py\n+++ b/train.py\n" + hunk
    (tmp_path / "fix.diff").write_bytes(text.encode("latin-1"))
    head = '[subject]\nname = "a"\ncommand = ["train.py"]\n[metrics.loss]\n'
    bug = '[[bugs]]\nfile = "train.py"\nbefore = """\nx = \'\xe4\'\nprint"""\n'
    bug += "after = \"x = '%s'\\nprint\"\n"
    settings = tmp_path / "trainwreck.toml"
    settings.write_text(head + bug % "\xf6", encoding="utf-8")
    (of_patch,) = Campaign.create(settings).own_bugs([tmp_path / "fix.diff"])
    assert of_patch.mutant.apply(clean).encode("latin-1") == buggy.encode("latin-1")
    (of_settings,) = Campaign.create(settings).own_bugs()
    assert of_settings.mutant.apply(clean) == buggy.replace("y = 1\r\n", "")
    assert of_settings.mutant.counted == ("body.0.value:3",)
    settings.write_text(head + bug % "\u20ac", encoding="utf-8")
    with pytest.raises(UsageError, match="lacks a character"):
        Campaign.create(settings).own_bugs()


def test_paths_of_a_patch_may_begin_above_or_be_absolute(zoo: Path, tmp_path: Path) -> None:
    names = {"zoo/program/train.py": "train.py", "program/train.py": "train.py",
             str(zoo / "train.py"): "train.py", "lib/toylib/fates.py": "toylib/fates.py",
             str(zoo.parent / "library/toylib/fates.py"): "toylib/fates.py"}  # fmt: skip
    with Campaign.create(zoo / "trainwreck.toml") as campaign:
        for name, file in names.items():
            line = (zoo / file if file == "train.py" else zoo.parent / "library" / file).read_text()
            first = line.splitlines()[0]
            patch = tmp_path / "a.diff"
            patch.write_text(f"--- {name}\n+++ {name}\n@@ -1 +1,2 @@\n {first}\n+x = 1\n")
            (bug,) = campaign.own_bugs([patch])
            assert bug.mutant.file == file
        patch.write_text(f"--- /x/{file}\n+++ /x/{file}\n@@ -1 +1,2 @@\n {first}\n+x = 1\n")
        with pytest.raises(UsageError, match="is no file of the program"):
            campaign.own_bugs([patch])
