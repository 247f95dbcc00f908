"""Temporary folders: gone after use, and after the next use where a process was killed."""

import tempfile
from pathlib import Path

import pytest

from trainwreck import temporary
from trainwreck.temporary import LOCK, PREFIX, temporary_folder, temporary_place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    temporary._sweep.cache_clear()
    return tmp_path


def test_temporary_folder_is_gone_after_use(place: Path) -> None:
    with temporary_folder() as folder:
        (folder / "a").mkdir()
        assert folder.parent == place
    assert list(place.iterdir()) == []


def test_temporary_folder_removes_what_a_killed_process_left_and_nothing_else(place: Path) -> None:
    left = place / f"{PREFIX}left"
    (left / "inner").mkdir(parents=True)
    Path(f"{left}{LOCK}").touch()
    others = place / "of-others"
    others.mkdir()
    with temporary_folder() as first:
        assert not left.exists()
        temporary._sweep.cache_clear()
        with temporary_folder() as second:
            assert first.is_dir()
            assert second.is_dir()
    assert list(place.iterdir()) == [others]


def test_temporary_folder_follows_no_link(place: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    (place / f"{PREFIX}left").symlink_to(kept)
    Path(f"{place / PREFIX}left{LOCK}").touch()
    with temporary_folder():
        assert (kept / "file").exists()


def test_temporary_folder_that_cannot_be_removed_is_removed_by_the_next_process(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full, temporary_folder() as left:
        full.setattr(temporary.shutil, "rmtree", lambda *_, **__: None)
    assert left.is_dir()
    assert Path(f"{left}{LOCK}").is_file()
    temporary._sweep.cache_clear()
    with temporary_folder():
        assert not left.exists()
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("names", [("TMPDIR",), ("TEMP",), ("TMPDIR", "TMP"), ()])
def test_temporary_place_is_the_one_of_python_and_no_file_is_tried_there(
    names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    for name in names:
        monkeypatch.setenv(name, str(tmp_path))
    with monkeypatch.context() as untried:
        untried.setattr(tempfile, "gettempdir", lambda: pytest.fail("Python tries the place"))
        place = temporary_place()
    assert place == Path(tempfile.gettempdir())


def test_temporary_place_passes_over_what_is_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    monkeypatch.setenv("TEMP", str(tmp_path))
    assert temporary_place() == tmp_path
