"""What trials share is compared by size, time and mode."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from trainwreck.run.shared_files import SharedFiles


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.bin").write_text("a")
    (folder / "b.bin").write_text("b")
    return folder


def keep_time(path: Path, change: Callable[[Path], object]) -> None:
    """Change a file, and set its time of writing back."""
    before = path.stat()
    change(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text("c"),
        lambda path: keep_time(path, lambda same: same.write_text("longer")),
        lambda path: path.chmod(0o600),
        lambda path: path.unlink(),
        lambda path: os.utime(path, ns=(0, 1)),
        lambda path: path.rename(path.with_name("other")) and path.write_text("a"),
    ],
)
def test_shared_files_name_each_change_once(data: Path, change: Callable[[Path], object]) -> None:
    shared = SharedFiles([data])
    assert shared.number == 2
    assert shared.changed() == []
    change(data / "deep" / "a.bin")
    assert str(data / "deep" / "a.bin") in shared.changed()
    assert shared.changed() == []


def test_shared_files_see_a_new_file_and_no_reading(data: Path) -> None:
    shared = SharedFiles([data])
    (data / "b.bin").read_text()
    (data / "__pycache__").mkdir()
    (data / "__pycache__" / "b.pyc").write_text("")
    assert shared.changed() == []
    (data / "new").symlink_to("b.bin")
    assert shared.changed() == [str(data / "new")]


def test_shared_files_compare_single_files(data: Path) -> None:
    shared = SharedFiles([data / "b.bin", data / "gone"])
    (data / "deep" / "a.bin").write_text("longer")
    assert shared.changed() == []
    (data / "gone").write_text("")
    assert shared.changed() == [str(data / "gone")]


def test_shared_files_expect_what_the_clean_program_changes(data: Path) -> None:
    shared = SharedFiles([data])
    (data / "b.bin").write_text("longer")
    (data / "deep" / "log-1").write_text("")
    assert len(shared.changed()) == 2
    shared.expect_last()
    (data / "b.bin").write_text("shorter than that")
    (data / "deep" / "log-2").write_text("")
    assert shared.changed() == []
    again = SharedFiles([data], shared.expected)
    (data / "deep" / "a.bin").write_text("it was there before")
    (data / "new").write_text("its folder is another one")
    assert shared.changed() == again.changed() == [str(data / "deep/a.bin"), str(data / "new")]
