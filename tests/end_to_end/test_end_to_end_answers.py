"""A small campaign from its runs to verdicts, reports, exports and a notebook."""

import csv
import io
import json
from pathlib import Path

import pytest

import trainwreck
from trainwreck.cli.main import run
from trainwreck.model import Impact

SETTINGS = """\
[subject]
name = "tiny"
command = ["train.py"]

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'
range = [0, 1]
margin = 0.1

[trials]
clean = 6
repeats = 2
seeds = 3
clean_timeout = 20
"""
TRAIN = """\
import os

# phase: preprocessing
seed = int(os.environ["TRAINWRECK_SEED"])
fold = int(os.environ["TRAINWRECK_FOLD"])
# phase: constructing
half = 1 + 1
# phase: learning
print("accuracy:", half / 4 + (seed + 8 * fold) / 1000)
"""


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("answers")
    (folder / "trainwreck.toml").write_text(SETTINGS)
    (folder / "train.py").write_text(TRAIN)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(["run", "--jobs", "2"]) == 0
    return folder / ".trainwreck"


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert run([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def test_propagated_mutants_run_with_further_seeds_and_others_do_not(campaign: Path) -> None:
    found = trainwreck.open(campaign)
    buggy = found.outcomes[found.outcomes["mutant"] != ""]
    numbers = buggy.groupby("mutant").size()
    rungs = found.verdicts.set_index("mutant")["rung"]
    impacts = found.verdicts.set_index("mutant")["impact"]
    for mutant, number in numbers.items():
        once = rungs[mutant] != "propagated" or "invalid" in impacts[mutant]
        assert number == (1 if once else 3), mutant
    assert (numbers == 3).any()


def test_verdicts_say_which_way_a_result_went(campaign: Path) -> None:
    found = trainwreck.open(campaign)
    impacts = list(zip(found.verdicts["name"], found.verdicts["impact"], strict=True))
    sums = [impact for name, impact in impacts if ":7: replace `+` with `-`" in name]
    assert [Impact.DEGRADED in impact for impact in sums] == [True]
    quotients = [impact for name, impact in impacts if "replace `/` with `*`" in name]
    assert any(impact.startswith(Impact.INVALID) for impact in quotients)


def test_a_notebook_shows_tables_and_figures(campaign: Path) -> None:
    found = trainwreck.open(campaign)
    assert set(found.figures) >= {f"figure-{number}" for number in range(1, 7)}
    assert "<svg" in found.figures["figure-1"]._repr_svg_()
    assert "Table V" in found.tables["table-5"]._repr_html_()
    assert len(found.mutants) == len(found.verdicts)
    assert found.tables["findings"].frame.shape[0] == 9


def test_every_format_tells_the_same_table(
    campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("--campaign", campaign, "report", "--format")
    assert "Table VI: symptoms by phase" in printed(capsys, *command, "text", "--paper")
    tables = map(json.loads, printed(capsys, *command, "json").splitlines())
    (five,) = [table for table in tables if table["name"] == "table-5"]
    total = five["rows"][-1][-1]
    text = printed(capsys, *command, "csv").split("# table-5")[1].split("\n\n")[0]
    rows = list(csv.reader(io.StringIO(text.split("\n", 1)[1])))
    assert int(rows[-1][-2]) == total
    assert f"| {total} |" in printed(capsys, *command, "markdown")
    assert f"& {total} \\\\" in printed(capsys, *command, "latex")
    assert printed(capsys, *command, "parquet", "--out", tmp_path / "tables") == ""
    import pandas

    frame = pandas.read_parquet(tmp_path / "tables" / "table-5.parquet")
    assert frame["Total"].iloc[-1] == total


def test_campaigns_stand_side_by_side(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(capsys, "report", "--paper", campaign, campaign)
    assert "Table V: symptoms by operator: tiny (2)" in said


def test_an_import_is_the_exported_campaign_again(
    campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first.jsonl.xz", tmp_path / "second.jsonl.xz"
    printed(capsys, "--campaign", campaign, "export", first)
    printed(capsys, "--campaign", tmp_path / "copy", "import", first)
    printed(capsys, "--campaign", tmp_path / "copy", "export", second)
    assert first.read_bytes() == second.read_bytes()
    before = printed(capsys, "--campaign", campaign, "report", "--paper")
    assert printed(capsys, "--campaign", tmp_path / "copy", "report", "--paper") == before


def test_records_carry_what_the_contract_names(
    campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = [
        json.loads(line)
        for line in printed(capsys, "--campaign", campaign, "export", "-").splitlines()
    ]
    assert records[0]["kind"] == "subject"
    clean = next(record for record in records if record["kind"] == "clean")
    assert set(clean) == {"kind", "seed", "fold", "metrics", "seconds", "cpu_seconds", "digest"}
    mutant = next(r for r in records if r["kind"] == "mutant" and r["rung"] == "propagated")
    assert {"operator", "file", "line", "symptom", "impact", "decided_by", "class"} <= set(mutant)
    assert mutant["runs"][0]["exit"] == "exited 0"
    assert str(campaign.parent) not in json.dumps(records)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the file ends before its last record"),
        ("{", "first.jsonl:1: not a whole record"),
        ('{"kind": "mutant"}\n', "the first record must be of kind `subject`"),
        ('{"kind": "subject", "records": 99, "facts": 3}\n', "records of version 99"),
        ('{"kind": "subject", "records": 1}\n', "records of another tool"),
        ('{"kind": "subject", "records": 1, "facts": 3}\n[]\n', "first.jsonl:2: not a whole"),
        (
            '{"kind": "subject", "records": 1, "facts": 3}\n'
            '{"kind": "fact", "table": "run", "row": {"x": 1}}\n',
            "other columns",
        ),
    ],
)
def test_broken_exports_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, problem: str
) -> None:
    (tmp_path / "first.jsonl").write_text(content)
    source = str(tmp_path / "first.jsonl")
    assert run(["--campaign", str(tmp_path / "copy"), "import", source]) == 1
    said = capsys.readouterr().err
    assert problem in said
    assert "Traceback" not in said


def test_folds_repeat_clean_and_buggy_runs_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SETTINGS.replace("clean = 6", "clean = 2\nfolds = 3").replace(
        "seeds = 3", "seeds = 1"
    )
    (tmp_path / "trainwreck.toml").write_text(settings)
    (tmp_path / "train.py").write_text(TRAIN)
    monkeypatch.chdir(tmp_path)
    assert run(["run", "--jobs", "2", "--mutants", "6"]) == 0
    outcomes = trainwreck.open(tmp_path / ".trainwreck").outcomes
    clean = outcomes[outcomes["mutant"] == ""]
    assert set(zip(clean["seed"], clean["fold"], strict=True)) == {
        (seed, fold) for seed in range(2) for fold in range(3)
    }
    buggy = outcomes[outcomes["mutant"] != ""].groupby("mutant")["fold"].agg(set)
    assert {0, 1, 2} in list(buggy)


def test_a_program_that_ignores_the_fold_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trainwreck.toml").write_text(SETTINGS.replace("clean = 6", "clean = 6\nfolds = 3"))
    (tmp_path / "train.py").write_text(TRAIN.replace("8 * fold", "0 * fold"))
    monkeypatch.chdir(tmp_path)
    assert run(["baseline"]) == 1
    assert "`folds = 3` changes nothing" in capsys.readouterr().err


def test_a_margin_that_is_a_share_of_zero_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trainwreck.toml").write_text(SETTINGS.replace("margin = 0.1", 'margin = "2%"'))
    (tmp_path / "train.py").write_text(TRAIN.replace("half / 4 + (seed", "0 * (half + seed"))
    monkeypatch.chdir(tmp_path)
    assert run(["baseline"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "the margin of metric `accuracy` is 2% of the clean runs' median, which is 0" in said


def test_mutants_of_a_program_that_ignores_the_seed_are_changed_after_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trainwreck.toml").write_text(SETTINGS)
    (tmp_path / "train.py").write_text(TRAIN.replace("(seed", "0 * (seed"))
    monkeypatch.chdir(tmp_path)
    assert run(["run", "--jobs", "2"]) == 0
    opened = trainwreck.open(tmp_path / ".trainwreck")
    verdicts = opened.verdicts
    changed = verdicts[verdicts["impact"] == Impact.CHANGED]
    assert len(changed)
    propagated = verdicts[verdicts["rung"] == "propagated"]
    assert set(propagated["impact"]) <= {Impact.CHANGED, Impact.INVALID}
    buggy = opened.outcomes[opened.outcomes["mutant"] != ""]
    assert buggy.groupby("mutant").size().max() == 1
    said = printed(capsys, "show", changed["mutant"].iloc[0])
    assert "the program ignores the seed; the mutant reports" in said


def test_the_story_of_a_propagated_mutant_says_what_it_did(
    campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = trainwreck.open(campaign).verdicts
    worse = found[found["impact"].str.contains(Impact.DEGRADED)]["mutant"].iloc[0]
    said = printed(capsys, "--campaign", campaign, "show", worse)
    assert "normal (propagated), degraded" in said
    assert "accuracy: degraded: lower by more than the margin of 0.1 (p = " in said
    assert "3 mutant runs, 6 clean runs; difference of means" in said
    assert "in the 3 shared draws" in said


def test_a_mutant_of_an_imported_campaign_can_be_shown(
    campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "--campaign", campaign, "export", tmp_path / "all.jsonl.gz")
    printed(capsys, "--campaign", tmp_path / "copy", "import", tmp_path / "all.jsonl.gz")
    mutant = trainwreck.open(tmp_path / "copy").mutants["id"].iloc[0]
    said = printed(capsys, "--campaign", tmp_path / "copy", "show", mutant)
    assert "the sources of the campaign are not here" in said


def test_a_damaged_export_is_refused(
    campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "all.jsonl.gz"
    printed(capsys, "--campaign", campaign, "export", packed)
    content = bytearray(packed.read_bytes())
    for place in range(200, len(content) - 200, 50):
        content[place] ^= 0xFF
    packed.write_bytes(content)
    assert run(["--campaign", str(tmp_path / "copy"), "import", str(packed)]) == 1
    assert str(packed) in capsys.readouterr().err
    assert not list((tmp_path / "copy").glob("*.sqlite"))
