"""Messages about metrics that a clean run does not report."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from build import ENVIRONMENT, metric, outcome
from trainwreck.campaign.missing_metrics import check_reading, explain_missing, mixed_problem
from trainwreck.errors import CleanProgramError, UsageError
from trainwreck.model import Ending, Exit, Metric, Outcome, Stream, Trial, TrialKind
from trainwreck.run.metric_files import FOUND
from trainwreck.store.campaign_file import CampaignFile

LOSS = metric("loss", r"val_loss: (\S+)")
FROM_FILE = replace(LOSS, pattern="", file="runs/*.csv", column="val_loss")


def message(
    log: str = "", of: Metric = LOSS, found: dict[str, Any] | None = None, reporting: int = 0
) -> str:
    run = outcome(steps={"loss": ()}, observations={FOUND: {"loss": found or {}}})
    with pytest.raises(CleanProgramError) as caught:
        explain_missing([of], run, log, seed=3, reporting=reporting)
    return f"{caught.value.what} | {caught.value.hint}"


def test_a_pattern_that_never_matched_is_shown_beside_the_nearest_lines_with_numbers() -> None:
    lines = ["step 1", "loss 0.5", "epoch 1, loss: 0.25", "no number", "val loss 0.5 (1 s)", "3 s"]
    text = message("\r".join(lines))
    assert text == (
        r"the pattern of metric `loss` never matched: val_loss: (\S+); lines that hold numbers:"
        "\n    loss 0.5\n    epoch 1, loss: 0.25\n    val loss 0.5 (1 s) | Correct the pattern."
    )


@pytest.mark.parametrize(
    ("log", "of", "told"),
    [
        ("", LOSS, "the program printed nothing | Print the value"),
        ("ready\n", LOSS, "holds a number; it ends:\n    ready | Make the program print"),
        ("val_loss: high\n", LOSS, "held no number: val_loss: (\\S+) found `high` | Put the"),
        (
            "val_loss: 0.5\n",
            replace(LOSS, stream=Stream.STDOUT),
            'is not printed to stdout: val_loss: (\\S+) | Write `stream = "stderr"`',
        ),
    ],
)
def test_the_message_about_a_pattern_says_what_to_do(log: str, of: Metric, told: str) -> None:
    assert told in message(log, of)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            {"files": {}, "written": ["log.txt", "runs/a.cvs"]},
            "the program wrote no file that matches `runs/*.csv`, where metric `loss` is read; it "
            "wrote log.txt, runs/a.cvs | Correct `file`: did you mean `runs/a.cvs`?",
        ),
        ({"files": {}}, "it wrote no file | Correct `file`."),
        (
            {"files": {"runs/a.csv": 0}, "columns": ["epoch", "valloss"]},
            "runs/a.csv has no column `val_loss`, where metric `loss` is read; it has epoch, "
            "valloss | Correct `column`: did you mean `valloss`?",
        ),
        (
            {"files": {"runs/a.csv": 0}, "columns": [f"c{n}" for n in range(20)]},
            "c10, c11 and 8 more | Correct `column`.",
        ),
        (
            {"files": {"runs/a.csv": 0}, "columns": [], "problem": ""},
            "the column `val_loss` of runs/a.csv holds no number | Make the program write",
        ),
        (
            {"files": {"runs/a.csv": 0}, "columns": [], "problem": "line contains NUL"},
            "metric `loss` cannot be read from runs/a.csv: line contains NUL | Name a file of",
        ),
    ],
)
def test_the_message_about_a_file_says_what_is_there(found: dict[str, Any], told: str) -> None:
    assert told in message(of=FROM_FILE, found=found)


def test_a_metric_that_only_some_clean_runs_report_is_named_with_the_seed() -> None:
    text = message("step 1\n", reporting=4)
    assert text.startswith("the clean run with seed 3 reports no `loss`, while 4 clean runs report")
    assert text.endswith("| Make the program report `loss` in every run, or remove the metric.")


@pytest.mark.parametrize(
    "run",
    [
        outcome(steps={"loss": ("0.5",)}),
        outcome(steps={"loss": ()}, exit=Exit(Ending.EXITED, 1)),
    ],
)
def test_nothing_is_explained_where_nothing_is_missing_or_the_run_failed(run: Outcome) -> None:
    explain_missing([LOSS], run, "", seed=0, reporting=0)


# Two readings of one pattern


SPACED = metric("loss", r"loss\s+(\S+)")


@pytest.mark.parametrize(
    ("log", "is_mixed"),
    [
        ("loss 0.5\nloss 0.25\n", False),
        ("loss\n0.5\nloss\n0.25\n", False),
        ("epoch loss\n1 0.5\nloss 0.25\n", True),
        ("", False),
        ("epoch loss\n1 0.5\n[trainwreck: 7 bytes left out]\nloss 0.25\n", False),
    ],
)
def test_a_pattern_that_matches_within_lines_and_over_them_is_a_problem(
    log: str, is_mixed: bool
) -> None:
    assert bool(mixed_problem([SPACED, LOSS, FROM_FILE], log)) is is_mixed
    assert mixed_problem([SPACED, replace(LOSS, stream=Stream.STDERR)], log) == ""


# Campaigns of other versions


@pytest.mark.parametrize(
    ("log", "steps", "is_refused"),
    [
        (b"val_loss: 0.5\n", ("0.5",), False),
        # An earlier version read no number with a comma.
        (b"val_loss: 0.5,\nval_loss: 0.25\n", ("0.25",), True),
        (b"val_loss: 0.5,\n[trainwreck: 7 bytes left out]\n", ("0.25",), False),
        (b"", ("0.5",), False),
    ],
)
def test_a_campaign_whose_clean_runs_were_read_in_another_way_is_not_resumed(
    tmp_path: Path, log: bytes, steps: tuple[str, ...], is_refused: bool
) -> None:
    trial = Trial("subject", TrialKind.CLEAN, 0)
    run = outcome(trial_id=trial.id, steps={"loss": steps})
    with CampaignFile.open(tmp_path, create=True) as file:
        file.add_run(trial, run, log, ENVIRONMENT)
        check_reading(file, [replace(LOSS, stream=Stream.STDOUT)])
        check_reading(file, [FROM_FILE])
        if not is_refused:
            check_reading(file, [LOSS])
            return
        with pytest.raises(UsageError, match="`loss` is read in another way"):
            check_reading(file, [LOSS])
