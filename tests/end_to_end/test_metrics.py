"""Metrics where programs put them: over lines, on one stream, in files, at the end of a run."""

import json
from pathlib import Path
from typing import Any

import pytest

from trainwreck.cli.main import run
from trainwreck.model import Rung, Symptom, TrialKind
from trainwreck.results.evidence import Evidence
from trainwreck.store.campaign_file import CampaignFile

FRAMEWORKS = Path(__file__).parents[1] / "zoo_rules" / "frameworks"

SETTINGS = r"""
[subject]
name = "written"
command = ["train.py"]

[metrics.acc]
pattern = 'Evaluation:\s+.*acc (\S+)'

[metrics.error]
pattern = 'loss: (\S+)'
stream = "stderr"
better = "lower"

[metrics.val_loss]
file = "runs/version_*/metrics.csv"
column = "val_loss"
better = "lower"
which = "best"

[metrics.mean]
file = "log.jsonl"
column = "eval.loss"
which = "all"
better = "lower"

[mutants]
operators = ["NVR", "BVR"]

[trials]
clean = 1
repeats = 2
seeds = 1
clean_timeout = 60
"""
TRAIN = """\
import json, os, random, sys

version = len(os.listdir("runs")) if os.path.isdir("runs") else 0
os.makedirs("runs/version_%d" % version)
table = open("runs/version_%d/metrics.csv" % version, "w")
table.write("epoch,train_loss,val_loss\\n")
lines = open("log.jsonl", "a")
loss = 1.0
for epoch in range(3):
    loss /= 2
    noted = loss * 4  # only the table
    if True:  # no table
        table.write("%d,%s,\\n%d,,%s\\n" % (epoch, loss, epoch, noted))
    lines.write(json.dumps({"epoch": epoch, "eval": {"loss": loss}}) + "\\n")
    print("\\033[1mEvaluation:\\033[0m\\n")
    print("step %d, loss %s, acc %s, done" % (epoch, loss, 1 - loss))
    print("loss: tensor(%s, device='cpu')" % loss, file=sys.stderr)
    print("loss: none here")
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "trainwreck.toml").write_text(SETTINGS)
    (tmp_path / "train.py").write_text(TRAIN)
    # What an earlier run by hand left behind must not count.
    (tmp_path / "runs" / "version_0").mkdir(parents=True)
    (tmp_path / "runs" / "version_0" / "metrics.csv").write_text("val_loss\n0.0001\n")
    (tmp_path / "log.jsonl").write_text('{"eval": {"loss": 0.0001}}\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = run(list(arguments))
    said = capsys.readouterr()
    return code, said.out + said.err


def test_doctor_says_where_it_found_every_metric(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = told(capsys, "doctor")
    assert code == 0
    assert "acc 0.875 ± 0 (last of 3 values in the output)" in said
    assert "error 0.125 ± 0 (last of 3 values on stderr)" in said
    assert "val_loss 0.5 ± 0 (best of 3 values in runs/version_1/metrics.csv)" in said
    assert "mean 0.2917 ± 0 (mean of 3 values in log.jsonl)" in said
    with CampaignFile.open(program / ".trainwreck") as file:
        (_, _, clean), *_ = file.outcomes(TrialKind.CLEAN)
    assert clean.steps == {
        "acc": ("0.5", "0.75", "0.875"),
        "error": ("0.5", "0.25", "0.125"),
        "val_loss": ("2.0", "1.0", "0.5"),
        "mean": ("0.5", "0.25", "0.125"),
    }


def judged(campaign: Path) -> dict[str, list[tuple[Symptom, Rung | None]]]:
    """Symptom and rung of the mutants, by the text of their line."""
    with CampaignFile.open(campaign) as file:
        verdicts: dict[str, list[tuple[Symptom, Rung | None]]] = {}
        text = TRAIN.splitlines()
        for item in Evidence(file).first_verdicts():
            line = text[item.mutant.lines[0] - 1].strip()
            verdicts.setdefault(line, []).append((item.verdict.symptom, item.verdict.rung))
        return verdicts


def test_run_sees_a_bug_that_only_a_file_shows(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(capsys, "run")[0] == 0
    verdicts = judged(program / ".trainwreck")
    shown = {rung for _, rung in verdicts["noted = loss * 4  # only the table"]}
    assert shown == {Rung.PROPAGATED}
    assert verdicts["if True:  # no table"] == [(Symptom.CRASH, Rung.CRASH)]


def test_export_holds_the_value_that_counts_and_import_doubts_nothing(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["run", "--mutants", "4"]) == 0
    assert run(["export", "records.jsonl", "--logs"]) == 0
    records = [json.loads(line) for line in Path("records.jsonl").read_text().splitlines()]
    described = {metric["name"]: metric for metric in records[0]["metrics"]}
    assert described["val_loss"]["which"] == "best"
    clean = next(record for record in records if record["kind"] == "clean")
    assert clean["metrics"] == {
        "acc": 0.875,
        "error": 0.125,
        "val_loss": 0.5,
        "mean": pytest.approx(0.875 / 3),
    }
    capsys.readouterr()
    code, said = told(capsys, "--campaign", "copy", "import", "records.jsonl")
    assert (code, "no doubts" in said) == (0, True), said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("metrics.csv", "metric.csv", "the program wrote no file that matches `runs/version_*/me"),
        ('"val_loss"', '"val_los"', "has no column `val_los`, where metric `val_loss` is read"),
        ('"eval.loss"', '"epoch.loss"', "it has epoch, eval.loss"),
        ("acc (", "accuracy (", "lines that hold numbers:\n    step"),
        ('stream = "stderr"', 'stream = "stdout"', "`error` is not printed to stdout"),
    ],
)
def test_baseline_explains_a_metric_that_is_missing(
    program: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, said: str
) -> None:
    (program / "trainwreck.toml").write_text(SETTINGS.replace(before, after))
    code, text = told(capsys, "baseline")
    assert (code, said in text) == (2, True), text


def test_baseline_refuses_a_pattern_that_also_matches_over_lines(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "print('epoch acc')\nprint('1 0.5')\nprint('acc 0.75')\n"
    (program / "train.py").write_text(text)
    head, _, rest = SETTINGS.partition("[metrics.acc]")
    settings = head + "[metrics.acc]\npattern = 'acc\\s+(\\S+)'\n\n[mutants]"
    (program / "trainwreck.toml").write_text(settings + rest.partition("[mutants]")[2])
    code, said = told(capsys, "baseline")
    assert code == 2
    assert "matches within lines and over their ends as well" in said


# A metric that comes at the end, in a run that ends before

EARLY_SETTINGS = """
[subject]
name = "early"
command = ["train.py"]

[metrics.loss]
pattern = 'loss: (\\S+)'

[metrics.final]
pattern = 'final: (\\S+)'

[metrics.written]
file = "final.csv"
column = "final"

[mutants]
operators = ["NVR"]

[trials]
clean = 1
repeats = 2
seeds = 1
clean_timeout = 60
"""
EARLY_TRAIN = """\
import numpy
from theano.compile.sharedvalue import SharedVariable

weight = SharedVariable(numpy.ndarray([3.0]))


def report(name):
    spare1 = 11
    spare2 = 12
    spare3 = 13
    spare4 = 14
    spare5 = 15
    spare6 = 16
    spare7 = 17
    spare8 = 18
    del spare1, spare2, spare3, spare4, spare5, spare6, spare7, spare8
    print(name, weight.get_value().values[0])


for epoch in range(3):
    weight.set_value(numpy.ndarray([weight.get_value().values[0] / 2]))
    report("loss:")
report("final:")
with open("final.csv", "w") as file:
    file.write("final\\n%s\\n" % weight.get_value().values[0])
"""


def early_records(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert run(["run"]) == 0
    said = capsys.readouterr().err
    assert run(["export", "records.jsonl"]) == 0
    records = [json.loads(line) for line in Path("records.jsonl").read_text().splitlines()]
    crashes = sum(record.get("symptom") == "crash" for record in records)
    assert f" {crashes} crash" in said
    return records


def test_a_metric_at_the_end_is_not_missing_in_a_run_that_was_ended_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trainwreck.toml").write_text(EARLY_SETTINGS)
    (tmp_path / "train.py").write_text(EARLY_TRAIN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(FRAMEWORKS))
    records = early_records(capsys)
    early = [r for r in records if r.get("decided_by") == "together" and r["kind"] == "mutant"]
    assert early
    for record in early:
        assert (record["symptom"], record["rung"]) == ("normal", "masked")
        assert "final" not in record["runs"][0]["metrics"]
    capsys.readouterr()
    assert run(["show", early[0]["id"]]) == 0
    assert "loss 1.5" in capsys.readouterr().out
    assert run(["--campaign", "copy", "import", "records.jsonl"]) == 0
    assert "no doubts" in capsys.readouterr().out
