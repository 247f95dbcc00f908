"""Whatever a program left in its folder goes, and nothing outside."""

import os
import sys
from pathlib import Path

import pytest

from trainwreck.run.removal import remove_tree, renew_folder

pytestmark = pytest.mark.process


def test_folders_nested_deeper_than_python_follows_are_removed(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    inner = here
    for _ in range(2 * sys.getrecursionlimit()):
        os.mkdir("d", dir_fd=inner)
        outer, inner = inner, os.open("d", os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(inner)
    remove_tree(tmp_path / "d")
    assert list(tmp_path.iterdir()) == []


def test_files_outside_keep_bytes_and_modes(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    (folder / "closed").mkdir(parents=True)
    outside.mkdir()
    (outside / "a.txt").write_text("mine")
    (outside / "a.txt").chmod(0o400)
    (outside / "kept").mkdir(mode=0o500)
    (folder / "link").symlink_to(outside)
    (folder / "closed" / "hard.txt").hardlink_to(outside / "a.txt")
    (folder / "closed").chmod(0)
    remove_tree(folder)
    assert not folder.exists()
    assert [oct(path.stat().st_mode & 0o777) for path in sorted(outside.iterdir())] == [
        "0o400",
        "0o500",
    ]


@pytest.mark.parametrize("kind", ["link", "dead link", "file", "nothing"])
def test_what_stands_in_place_of_a_folder_is_removed(tmp_path: Path, kind: str) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    outside.mkdir()
    (outside / "a.txt").write_text("mine")
    if kind.endswith("link"):
        folder.symlink_to(outside if kind == "link" else tmp_path / "gone")
    elif kind == "file":
        folder.write_text("here")
    remove_tree(folder)
    assert not os.path.lexists(folder)
    assert (outside / "a.txt").read_text() == "mine"


def test_nothing_is_removed_below_a_link_that_took_the_place_of_a_folder(tmp_path: Path) -> None:
    documents, work = tmp_path / "documents", tmp_path / "work"
    (documents / "0").mkdir(parents=True)
    (documents / "0" / "a.txt").write_text("mine")
    work.symlink_to(documents)
    remove_tree(work / "0")
    assert (documents / "0" / "a.txt").read_text() == "mine"


def test_a_new_folder_lies_in_no_link(tmp_path: Path) -> None:
    documents, work = tmp_path / "documents", tmp_path / "work"
    (documents / "0").mkdir(parents=True)
    (documents / "0" / "a.txt").write_text("mine")
    work.symlink_to(documents)
    renew_folder(work / "0")
    assert (work / "0").is_dir()
    assert not work.is_symlink()
    assert (documents / "0" / "a.txt").read_text() == "mine"


def test_a_folder_is_not_made_where_a_link_leads(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (tmp_path / "campaign").symlink_to(documents)
    with pytest.raises(OSError, match="a link has taken the place"):
        renew_folder(tmp_path / "campaign" / "work" / "0")
    assert list(documents.iterdir()) == []
