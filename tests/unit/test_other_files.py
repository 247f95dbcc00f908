"""Files that clean runs write and that no verdict compares."""

from pathlib import Path

import pytest

from build import outcome
from trainwreck.campaign.other_files import other_files
from trainwreck.model import Environment, Trial, TrialKind
from trainwreck.report.containment import other_files as words
from trainwreck.run import other_files as module
from trainwreck.run.other_files import OtherFiles
from trainwreck.store.campaign_file import CampaignFile


def test_written_leaves_out_what_is_compared_old_or_cached(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1")
    (tmp_path / "sub").mkdir()
    files = OtherFiles(tmp_path, ["*.csv", "model.pt"])
    files.begin()
    for name in ("metrics.csv", "model.pt", "sub/best.pt", "[a] b.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("x")
    (tmp_path / "link").symlink_to("/etc/hostname")
    assert list(files.written()) == ["[a] b.txt", "sub/best.pt"]
    assert len(set(files.written().values())) == 2


def test_written_reads_no_huge_file_and_keeps_a_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST", 3)
    monkeypatch.setattr(module, "MOST", 2)
    files = OtherFiles(tmp_path, [])
    files.begin()
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text("large")
    assert files.written() == {"a": "", "b": ""}


def facts(folder: Path, *runs: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    folder.mkdir(exist_ok=True)
    with CampaignFile.open(folder, create=True) as file:
        for number, files in enumerate(runs):
            trial = Trial("a", TrialKind.CLEAN, 0, repeat=number)
            run = outcome(trial_id=trial.id, observations={"other files": files})
            file.add_run(trial, run, b"", Environment("3.11", {}))
        found = other_files(file)
    return found.steady, found.changing


def test_a_file_with_another_content_in_each_run_cannot_be_compared(tmp_path: Path) -> None:
    runs = [
        {"model.pt": "1", "run.log": "2", "out-1732800001.txt": "3"},
        {"model.pt": "1", "run.log": "4", "out-1732800002.txt": "3"},
    ]
    assert facts(tmp_path, *runs) == (("model.pt",), ("out-*.txt", "run.log"))


def test_many_files_of_one_kind_are_one_pattern_unless_it_takes_in_others(tmp_path: Path) -> None:
    many = {f"ckpt/{number}.pt": "1" for number in range(4)}
    assert facts(tmp_path / "a", many, many) == (("ckpt/*.pt",), ())
    steady, changing = facts(tmp_path / "b", {**many, "ckpt/9.pt": "1"}, {**many, "ckpt/9.pt": "2"})
    assert steady == tuple(many)
    assert changing == ("ckpt/9.pt",)


def test_a_name_with_signs_of_patterns_is_given_as_a_pattern_of_itself(tmp_path: Path) -> None:
    assert facts(tmp_path, {"a[1].pt": "1"}) == (("a[[]1].pt",), ())


def test_words_suggest_the_setting_with_the_names() -> None:
    assert 'has `outputs = ["model.pt", "a\\"b"]`' in words(["model.pt", 'a"b'], [])
    assert words(["a"] * 9, []).count('"a"') == 5
    assert "outputs" not in words([], ["run.log"])
