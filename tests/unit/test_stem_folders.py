"""Folders of a stem: noted, wrecked as a child may wreck them, and restored in place."""

import mmap
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trainwreck.run.stem.contents import Contents
from trainwreck.run.stem.folders import Folders, NotRestorable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "slot"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "theirs").write_text("theirs")
    (place / "app" / "data").mkdir(parents=True)
    (place / "tmp").mkdir()
    (place / "app" / "train.py").write_text("print('loss: 1')\n")
    (place / "app" / "data" / "a.csv").write_text("1,2,3\n")
    (place / "app" / "data" / "b.csv").write_text("4,5,6\n")
    (place / "app" / "link").symlink_to("data")
    os.mkfifo(place / "pipe")
    os.utime(place / "app" / "data" / "a.csv", (1_000_000_000, 1_000_000_000))
    return place


def noted(folder: Path, *, held: bool = False, shows_changes: bool = True) -> Folders:
    contents = Contents(folder.with_name("kept"), shows_changes=shows_changes)
    folders = Folders(folder, contents, lambda _: held)
    folders.note()
    return folders


def everything(folder: Path) -> dict[str, tuple[object, ...]]:
    return {str(path.relative_to(folder)): _facts(path) for path in sorted(_below(folder))}


def _below(folder: Path) -> Iterator[Path]:
    yield folder
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path))
        else:
            yield Path(entry.path)


def _facts(path: Path) -> tuple[object, ...]:
    status = path.lstat()
    if path.is_symlink():
        return status.st_mode, path.readlink(), status.st_mtime_ns
    if path.is_file():
        return status.st_mode, status.st_ino, status.st_mtime_ns, path.read_bytes()
    return status.st_mode, status.st_mtime_ns


def in_place(folder: Path) -> None:
    (folder / "app" / "data" / "a.csv").write_text("9,9,9\n")


def in_place_with_its_time(folder: Path) -> None:
    path = folder / "app" / "data" / "a.csv"
    path.write_text("9,9,9\n")
    os.utime(path, (1_000_000_000, 1_000_000_000))


def by_a_mapping(folder: Path) -> None:
    with (folder / "app" / "data" / "a.csv").open("r+b") as file, mmap.mmap(file.fileno(), 0) as it:
        it[0:1] = b"9"


def longer(folder: Path) -> None:
    with (folder / "app" / "train.py").open("a") as file:
        file.write("more\n" * 1000)


def replaced(folder: Path) -> None:
    new = folder / "app" / "data" / "new"
    new.write_text("9,9,9\n")
    new.rename(folder / "app" / "data" / "a.csv")


def changed_then_removed(folder: Path) -> None:
    in_place(folder)
    (folder / "app" / "data" / "a.csv").unlink()


def removed_folder(folder: Path) -> None:
    shutil.rmtree(folder / "app" / "data")


def folder_by_link(folder: Path) -> None:
    shutil.rmtree(folder / "app" / "data")
    (folder / "app" / "data").symlink_to(folder.with_name("outside"))


def file_by_folder(folder: Path) -> None:
    (folder / "app" / "train.py").unlink()
    (folder / "app" / "train.py" / "deep").mkdir(parents=True)


def link_elsewhere(folder: Path) -> None:
    (folder / "app" / "link").unlink()
    (folder / "app" / "link").symlink_to(folder.with_name("outside"))


def new_ones(folder: Path) -> None:
    (folder / "tmp" / "x" / "y").mkdir(parents=True)
    (folder / "tmp" / "x" / "y" / "z").write_text("much")
    (folder / "new").symlink_to(folder.with_name("outside") / "theirs")
    os.mkfifo(folder / "app" / "another")


def modes(folder: Path) -> None:
    (folder / "app" / "train.py").chmod(0o000)
    (folder / "app" / "data").chmod(0o000)


def swapped(folder: Path) -> None:
    data = folder / "app" / "data"
    (data / "a.csv").rename(data / "c.csv")
    (data / "b.csv").rename(data / "a.csv")
    (data / "c.csv").rename(data / "b.csv")


WRECKS = [
    in_place, in_place_with_its_time, by_a_mapping, longer, replaced, changed_then_removed,
    removed_folder, folder_by_link, file_by_folder, link_elsewhere, new_ones, modes, swapped,
]  # fmt: skip


@pytest.mark.parametrize("wreck", WRECKS, ids=lambda wreck: wreck.__name__)
@pytest.mark.parametrize("shows_changes", [True, False])
def test_a_wrecked_folder_is_restored(
    folder: Path, wreck: Callable[[Path], None], shows_changes: bool
) -> None:
    outside = everything(folder.with_name("outside"))
    before = everything(folder)
    folders = noted(folder, shows_changes=shows_changes)
    for _ in range(3):
        wreck(folder)
        assert everything(folder) != before
        folders.restore()
        assert everything(folder) == before
    assert everything(folder.with_name("outside")) == outside


def test_a_file_keeps_its_inode_where_the_stem_has_it_open(folder: Path) -> None:
    folders = noted(folder, held=True)
    with (folder / "app" / "train.py").open() as file:
        replaced(folder)
        (folder / "app" / "train.py").unlink()
        folders.restore()
        assert file.read() == "print('loss: 1')\n"
        assert os.fstat(file.fileno()).st_ino == (folder / "app" / "train.py").stat().st_ino


def test_what_the_stem_wrote_since_is_restored_too(folder: Path) -> None:
    folders = noted(folder)
    (folder / "tmp" / "checkpoint").write_text("1")
    in_place(folder)
    before = everything(folder)
    folders.note()
    (folder / "tmp" / "checkpoint").unlink()
    replaced(folder)
    folders.restore()
    assert everything(folder) == before


@pytest.mark.parametrize("wreck", [removed_folder, folder_by_link])
def test_a_folder_that_the_stem_works_in_cannot_be_replaced(
    folder: Path, wreck: Callable[[Path], None]
) -> None:
    folders = noted(folder, held=True)
    wreck(folder)
    with pytest.raises(NotRestorable, match="another folder is in place of data"):
        folders.restore()


def test_a_pipe_cannot_be_made_again(folder: Path) -> None:
    folders = noted(folder)
    (folder / "pipe").unlink()
    with pytest.raises(NotRestorable, match="pipe was replaced"):
        folders.restore()


def test_the_whole_folder_cannot_be_replaced(folder: Path) -> None:
    folders = noted(folder)
    folder.rename(folder.with_name("away"))
    folder.symlink_to(folder.with_name("outside"))
    with pytest.raises(NotRestorable, match="another folder is in place of slot"):
        folders.restore()


def test_a_large_folder_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainwreck.run.stem.folders.MOST_FILES", 2)
    with pytest.raises(NotRestorable, match="too large"):
        noted(folder)
