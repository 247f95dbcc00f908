"""Metrics in the files that one run writes into its working copy."""

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from build import metric
from trainwreck.model import Metric
from trainwreck.run.metric_files import MetricFiles
from trainwreck.run.written_files import WrittenFiles, own_paths


def of_file(pattern: str, column: str = "loss") -> Metric:
    return replace(metric("loss", ""), file=pattern, column=column)


def read(folder: Path, files: MetricFiles) -> tuple[tuple[str, ...], dict[str, Any]]:
    found = files.read()
    return found.steps["loss"], found.observations["metric files"]["loss"]


def begun(folder: Path, pattern: str, column: str = "loss") -> MetricFiles:
    files = MetricFiles(folder, [metric(), of_file(pattern, column)])
    files.begin()
    return files


def test_a_file_that_the_run_writes_has_its_values(tmp_path: Path) -> None:
    files = begun(tmp_path, "runs/*.csv")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.csv").write_text("loss\n0.5\n0.25\n")
    assert read(tmp_path, files) == (("0.5", "0.25"), {"files": {"runs/a.csv": 2}})


def test_a_file_that_an_earlier_run_left_is_no_result(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("loss\n0.5\n")
    values, found = read(tmp_path, begun(tmp_path, "*.csv"))
    assert (values, found["files"]) == ((), {})


def test_rows_that_are_appended_count_without_the_earlier_ones(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("loss\n0.5\n0.25\n")
    files = begun(tmp_path, "*.csv")
    with (tmp_path / "a.csv").open("a") as file:
        file.write("0.125\n")
    assert read(tmp_path, files)[0] == ("0.125",)


def test_a_file_that_is_written_again_counts_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("loss\n0.5\n0.25\n")
    files = begun(tmp_path, "*.csv")
    (tmp_path / "a.csv").write_text("loss\n0.75\n0.25\n0.125\n")
    assert read(tmp_path, files)[0] == ("0.75", "0.25", "0.125")


def test_several_files_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    files = begun(tmp_path, "checkpoint-*/state.json")
    for number in (10, 9, 100):
        (tmp_path / f"checkpoint-{number}").mkdir()
        (tmp_path / f"checkpoint-{number}" / "state.json").write_text(f'{{"loss": {number}}}')
    assert read(tmp_path, files)[0] == ("9", "10", "100")


def test_links_out_of_the_copy_are_not_read(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    files = begun(copy, "*.csv")
    (tmp_path / "a.csv").write_text("loss\n0.5\n")
    (copy / "a.csv").symlink_to(tmp_path / "a.csv")
    assert read(copy, files)[0] == ()


def test_a_missing_file_is_answered_with_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("")
    os.utime(tmp_path / "train.py", (time.time() - 9, time.time() - 9))
    files = begun(tmp_path, "metrics.csv")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "metrics.csv").write_text("loss\n0.5\n")
    future = time.time() + 9
    os.utime(tmp_path / "logs" / "metrics.csv", (future, future))
    values, found = read(tmp_path, files)
    assert (values, found["files"], found["written"]) == ((), {}, ["logs/metrics.csv"])


@pytest.mark.parametrize(
    ("content", "columns", "problem"),
    [("epoch,acc\n1,2\n", ["acc", "epoch"], ""), ("loss\nx\n", [], ""), ("", [], "")],
)
def test_a_file_without_values_is_answered_with_its_columns(
    tmp_path: Path, content: str, columns: list[str], problem: str
) -> None:
    files = begun(tmp_path, "a.csv")
    (tmp_path / "a.csv").write_text(content)
    _, found = read(tmp_path, files)
    assert found == {"files": {"a.csv": 0}, "columns": columns, "problem": problem}


def test_a_program_without_such_metrics_is_asked_for_no_file(tmp_path: Path) -> None:
    files = MetricFiles(tmp_path / "none", [metric()])
    files.begin()
    assert (files.read().steps, files.read().observations) == ({}, {})


def test_own_paths_are_the_files_that_match_and_the_folders_to_write_in(tmp_path: Path) -> None:
    (tmp_path / "runs" / "a").mkdir(parents=True)
    (tmp_path / "runs" / "a" / "b.csv").write_text("")
    own = own_paths(tmp_path, ["runs/*/*.csv", "logs/x/metrics.csv"])
    assert {path.relative_to(tmp_path).as_posix() for path in own} == {
        *(".", "runs", "runs/a", "runs/a/b.csv", "logs", "logs/x"),
    }


PATTERNS = (
    "a.csv", "*.csv", "*", "runs/*.csv", "runs/*/*.csv", "**/a.csv", "**/*.csv", "runs/**/a.csv",
    "**/runs/*.csv", "r?ns/v[0-9]/a.csv", "runs/v1/**/*", "none/*.csv", "./runs/*.csv",
    "runs/v*/a*",
)  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_match_the_files_that_glob_matches(tmp_path: Path, pattern: str) -> None:
    names = ("a.csv", "b.txt", ".hidden.csv", "runs/a.csv", "runs/v1/a.csv", "runs/v12/b.csv",
             "runs/v1/x/a.csv", "other/runs/a.csv", "other/a+b(1).csv")  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    expected = {path for path in tmp_path.glob(pattern) if path.is_file()}
    assert WrittenFiles(tmp_path, [pattern]).begin() == expected


def test_patterns_do_not_match_the_copies_of_other_trials(tmp_path: Path) -> None:
    copy = tmp_path / ".trainwreck" / "work" / "0" / "app"
    copy.mkdir(parents=True)
    (copy / "a.csv").write_text("")
    assert WrittenFiles(tmp_path, ["**/*.csv"]).begin() == set()
    assert own_paths(tmp_path, ["**/*.csv"]) == {tmp_path}
