"""Whatever a program leaves in its folder, `remove_all` removes it and nothing else."""

import os
from pathlib import Path

import pytest

from trainwreck.run.removing import remove_all


@pytest.fixture
def slot(tmp_path: Path) -> Path:
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "data").write_text("mine")
    return tmp_path / "slot"


def test_remove_all_removes_a_folder_and_what_is_in_it(slot: Path) -> None:
    (slot / "a" / "b").mkdir(parents=True)
    (slot / "a" / "c").write_text("text")
    (slot / "link").symlink_to(slot.parent / "victim")
    os.mkfifo(slot / "pipe")
    remove_all(slot)
    assert not os.path.lexists(slot)
    assert (slot.parent / "victim" / "data").read_text() == "mine"


def test_remove_all_removes_a_link_and_not_where_it_leads(slot: Path) -> None:
    slot.symlink_to(slot.parent / "victim")
    remove_all(slot)
    assert not os.path.lexists(slot)
    assert (slot.parent / "victim" / "data").read_text() == "mine"


def test_remove_all_removes_a_file_a_pipe_and_nothing(slot: Path) -> None:
    slot.write_text("mine")
    remove_all(slot)
    os.mkfifo(slot)
    remove_all(slot)
    remove_all(slot)
    assert not os.path.lexists(slot)


def test_remove_all_removes_folders_that_may_not_be_entered(slot: Path) -> None:
    (slot / "closed" / "within").mkdir(parents=True)
    (slot / "closed").chmod(0)
    slot.chmod(0o500)
    remove_all(slot)
    assert not os.path.lexists(slot)


@pytest.mark.timeout(60)
@pytest.mark.process
def test_remove_all_removes_3000_folders_within_one_another(slot: Path) -> None:
    slot.mkdir()
    descriptor = os.open(slot, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=descriptor)
        inner = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    remove_all(slot)
    assert not os.path.lexists(slot)
