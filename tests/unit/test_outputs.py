"""The files that a program writes: which count, and how their content is hashed."""

import gzip
import os
import zipfile
from pathlib import Path

import pytest

from trainwreck.run.outputs import UNREADABLE, Outputs, hash_of_content
from trainwreck.run.scratch import LARGE, MANY, copy_subject
from trainwreck.run.written_files import own_paths


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "runs").mkdir(parents=True)
    return folder


def begun(folder: Path, *patterns: str) -> Outputs:
    outputs = Outputs(folder, patterns)
    outputs.begin()
    return outputs


def test_written_has_the_files_of_each_pattern_with_their_hashes(folder: Path) -> None:
    outputs = begun(folder, "*.csv", "runs/*.npz", "model.pkl")
    (folder / "metrics.csv").write_text("1")
    (folder / "runs/a.npz").write_text("2")
    (folder / "runs/deep").mkdir()
    (folder / "runs/deep/b.npz").write_text("3")
    found = outputs.written()
    assert {pattern: list(files) for pattern, files in found.items()} == {
        "*.csv": ["metrics.csv"],
        "runs/*.npz": ["runs/a.npz"],
        "model.pkl": [],
    }


def test_a_file_from_before_the_run_counts_once_it_is_written_again(folder: Path) -> None:
    (folder / "model.pkl").write_text("old")
    (folder / "data.csv").write_text("data")
    outputs = begun(folder, "*.csv", "*.pkl")
    assert outputs.written() == {"*.csv": {}, "*.pkl": {}}
    os.utime(folder / "model.pkl", ns=(1, 1))  # As a program that writes the same bytes.
    assert list(outputs.written()["*.pkl"]) == ["model.pkl"]


def test_folders_pipes_and_links_out_of_the_folder_are_no_output(
    folder: Path, tmp_path: Path
) -> None:
    outputs = begun(folder, "*")
    (tmp_path / "elsewhere").write_text("shared by all trials")
    (folder / "out").symlink_to(tmp_path / "elsewhere")
    (folder / "nowhere").symlink_to("gone")
    (folder / "itself").symlink_to("itself")
    os.mkfifo(folder / "pipe")
    (folder / "model").write_text("1")
    (folder / "latest").symlink_to("model")
    assert set(outputs.written()["*"]) == {"model", "latest"}


def zipped(path: Path, year: int, **members: str) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), text)
    return hash_of_content(path)


def test_an_archive_is_its_members_and_not_their_dates(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    first = zipped(path, 2001, a="1", b="2")
    assert zipped(path, 2002, a="1", b="2") == first
    assert zipped(path, 2001, a="1", b="3") != first
    assert zipped(path, 2001, a="12", b="") != first
    assert zipped(path, 2001, a="1") != first
    assert zipped(path, 2001, a="1", c="2") != first


def test_the_date_of_saving_in_a_keras_model_does_not_count(tmp_path: Path) -> None:
    def saved(date: str, weights: str = "w") -> str:
        members = {"metadata.json": date, "config.json": "c", "model.weights.h5": weights}
        return zipped(tmp_path / "model.keras", 2001, **members)

    assert saved("today") == saved("tomorrow")
    assert saved("today") != saved("today", "v")
    other = tmp_path / "other.zip"
    assert zipped(other, 2001, **{"metadata.json": "1"}) != zipped(
        other, 2001, **{"metadata.json": "2"}
    )


def test_a_packed_file_is_what_it_unpacks_to(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv.gz"
    hashes = []
    for time, text in ((1, b"a"), (2, b"a"), (1, b"b")):
        path.write_bytes(gzip.compress(text, mtime=time))
        hashes.append(hash_of_content(path))
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06broken", b"\x1f\x8bbroken", b"\x80\x04."])
def test_a_broken_archive_is_its_bytes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model"
    hashes = set()
    for more in (b"", b"1"):
        path.write_bytes(content + more)
        hashes.add(hash_of_content(path))
    assert len(hashes) == 2
    assert UNREADABLE not in hashes


def test_a_truncated_archive_differs_from_the_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    whole = zipped(path, 2001, a="1")
    path.write_bytes(path.read_bytes()[:-5])
    assert hash_of_content(path) not in (whole, UNREADABLE)


def test_a_file_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    assert hash_of_content(tmp_path / "gone") == UNREADABLE


def copied(folder: Path, *patterns: str) -> Path:
    copy = folder.parent / "copy"
    copy_subject(folder, copy, folder.parent / "campaign", own_paths(folder, patterns))
    return copy


def test_a_large_output_of_an_earlier_run_is_copied_and_no_link_to_it(folder: Path) -> None:
    for name in ("model.pt", "data.bin"):
        (folder / name).write_bytes(b"0" * (LARGE + 1))
    copy = copied(folder, "*.pt")
    assert not (copy / "model.pt").is_symlink()
    assert (copy / "data.bin").is_symlink()


@pytest.mark.parametrize("pattern", ["runs/*.npz", "runs/deep/x.npz", "runs/**/*.npz"])
def test_a_folder_that_outputs_are_written_to_is_no_link(folder: Path, pattern: str) -> None:
    for name in ("runs", "data"):
        (folder / name).mkdir(exist_ok=True)
        for number in range(MANY + 2):
            (folder / name / f"{number}.txt").write_text("")
    copy = copied(folder, pattern)
    assert not (copy / "runs").is_symlink()
    assert (copy / "data").is_symlink()
