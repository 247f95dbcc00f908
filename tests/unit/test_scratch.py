"""A trial's copy of the program's folder."""

import os
import socket
from pathlib import Path

import pytest

from trainwreck.run.copying import size_of
from trainwreck.run.scratch import LARGE, MANY, copied_paths, copy_subject, shared_paths
from trainwreck.run.written_files import own_paths
from trainwreck.store.campaign_file import CampaignFile, campaign_lock


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    for name in ("train.py", "package/model.py", "data/reviews.txt"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def copied(program: Path) -> Path:
    copy = program.parent / "copy"
    copy_subject(program, copy, program.parent / "campaign")
    return copy


def test_copy_subject_copies_files_and_links_none(program: Path) -> None:
    copy = copied(program)
    for name in ("train.py", "package/model.py", "data/reviews.txt"):
        assert (copy / name).read_text() == name
        assert not (copy / name).is_symlink()


def test_copy_subject_keeps_the_original_from_changes_in_the_copy(program: Path) -> None:
    copy = copied(program)
    (copy / "package/model.py").write_text("changed")
    (copy / "package/new.py").write_text("new")
    assert (program / "package/model.py").read_text() == "package/model.py"
    assert not (program / "package/new.py").exists()


def test_a_file_keeps_its_permissions(program: Path) -> None:
    (program / "start.sh").write_text("")
    (program / "start.sh").chmod(0o755)
    assert (copied(program) / "start.sh").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    "name", [".git/HEAD", "package/__pycache__/model.pyc", ".trainwreck/lock", ".trainwreck-2/lock"]
)
def test_histories_caches_and_campaigns_are_left_out(program: Path, name: str) -> None:
    (program / name).parent.mkdir(parents=True)
    (program / name).write_text("")
    assert not (copied(program) / name).exists()


def test_another_campaign_is_left_out_whatever_its_name_is(program: Path) -> None:
    other = program / "package" / "yesterday"
    with campaign_lock(other), CampaignFile.open(other, create=True):
        (other / "train.py").write_text("")
    assert not (copied(program) / "package/yesterday").exists()
    assert other not in own_paths(program, ["**/*.py"])
    assert program / "package/model.py" in own_paths(program, ["**/*.py"])


def test_a_campaign_of_another_name_is_left_out(program: Path) -> None:
    campaign = program / "results"
    campaign.mkdir()
    copy_subject(program, campaign / "copy", campaign)
    assert not (campaign / "copy" / "results").exists()
    assert (campaign / "copy" / "train.py").exists()


def test_a_large_file_is_linked(program: Path) -> None:
    (program / "data/large.bin").write_bytes(b"x" * (LARGE + 1))
    (program / "data/small.bin").write_bytes(b"x" * LARGE)
    copy = copied(program)
    assert (copy / "data/large.bin").resolve() == program / "data/large.bin"
    assert (copy / "data/large.bin").is_symlink()
    assert not (copy / "data/small.bin").is_symlink()


def test_a_folder_of_many_files_without_a_program_is_linked(program: Path) -> None:
    images = program / "images" / "train"
    images.mkdir(parents=True)
    for number in range(MANY + 1):
        (images / f"{number}.png").write_text("")
    copy = copied(program)
    assert (copy / "images").is_symlink()
    assert len(list((copy / "images" / "train").iterdir())) == MANY + 1


def test_a_folder_of_few_files_is_copied(program: Path) -> None:
    assert not (copied(program) / "data").is_symlink()


def test_an_environment_is_linked(program: Path) -> None:
    environment = program / "env"
    environment.mkdir()
    (environment / "pyvenv.cfg").write_text("")
    (environment / "tool.py").write_text("")
    assert (copied(program) / "env").is_symlink()


def test_a_linked_folder_stays_a_link(program: Path) -> None:
    elsewhere = program.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "part.py").write_text("x = 1")
    (program / "linked").symlink_to(elsewhere)
    copy = copied(program)
    assert (copy / "linked").is_symlink()
    assert (copy / "linked" / "part.py").read_text() == "x = 1"


def test_a_link_to_a_file_gives_the_file(program: Path) -> None:
    (program / "other.py").symlink_to(program / "train.py")
    assert (copied(program) / "other.py").read_text() == "train.py"


def test_copy_subject_copies_a_folder_that_links_to_itself_once(program: Path) -> None:
    (program / "package" / "loop").symlink_to(program)
    copy = copied(program)
    assert (copy / "package" / "loop").is_symlink()
    assert (copy / "package" / "model.py").exists()


def test_copy_subject_skips_a_broken_link(program: Path) -> None:
    (program / "gone").symlink_to(program / "nowhere")
    copy = copied(program)
    assert not (copy / "gone").exists()
    assert (copy / "train.py").exists()


def test_a_program_is_never_a_link_as_mutants_are_written_over_it(program: Path) -> None:
    (program / "data/large.py").write_bytes(b"#" * (LARGE + 1))
    assert not (copied(program) / "data/large.py").is_symlink()


def apart(program: Path) -> Path:
    """Return a copy that shares nothing with the program."""
    copy = program.parent / "apart"
    copy_subject(program, copy, program.parent / "campaign", links=False)
    return copy


def leads_outside(copy: Path) -> list[Path]:
    """Return the links of a copy that lead out of it."""
    links = [path for path in copy.rglob("*") if path.is_symlink()]
    return [path for path in links if not path.resolve().is_relative_to(copy)]


def test_copy_subject_without_links_copies_large_files_and_folders_of_data(program: Path) -> None:
    (program / "data/large.bin").write_bytes(b"x" * (LARGE + 1))
    (program / "data/large.bin").chmod(0o640)
    os.utime(program / "data/large.bin", ns=(1, 2))
    for number in range(MANY + 1):
        (program / "images").mkdir(exist_ok=True)
        (program / "images" / f"{number}.png").write_text(str(number))
    copy = apart(program)
    assert [path for path in copy.rglob("*") if path.is_symlink()] == []
    large = (copy / "data/large.bin").stat()
    assert (large.st_size, large.st_mode & 0o777, large.st_mtime_ns) == (LARGE + 1, 0o640, 2)
    assert len(list((copy / "images").iterdir())) == MANY + 1
    (copy / "data/large.bin").write_bytes(b"y")
    assert (program / "data/large.bin").read_bytes() == b"x" * (LARGE + 1)


def test_copy_subject_without_links_copies_what_links_lead_to_once(program: Path) -> None:
    elsewhere = program.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "part.py").write_text("x = 1")
    (elsewhere / "back").symlink_to(elsewhere)
    for name in ("first", "second"):
        (program / name).symlink_to(elsewhere)
    (program / "package" / "data").symlink_to(program / "data")
    copy = apart(program)
    assert leads_outside(copy) == []
    names = ("first/part.py", "second/part.py", "first/back/part.py")
    assert [(copy / name).read_text() for name in names] == ["x = 1"] * 3
    assert (copy / "package/data/reviews.txt").read_text() == "data/reviews.txt"


def test_copy_subject_without_links_ends_where_links_lead_back(program: Path) -> None:
    (program / "package" / "loop").symlink_to(program)
    (program / "package" / "above").symlink_to(program.parent)
    copy = apart(program)
    assert leads_outside(copy) == []
    assert (copy / "package/loop/package/model.py").exists()
    assert not (copy / "package/above").exists()


def test_copy_subject_without_links_leaves_out_environments(program: Path) -> None:
    (program / "env").mkdir()
    (program / "env" / "pyvenv.cfg").write_text("")
    assert not (apart(program) / "env").exists()


def test_shared_paths_are_those_that_copies_link_to(program: Path) -> None:
    (program / "data/large.bin").write_bytes(b"x" * (LARGE + 1))
    (program / "loop").symlink_to(program)
    (program / "env").mkdir()
    (program / "env" / "pyvenv.cfg").write_text("")
    campaign = program.parent / "campaign"
    large, env = program / "data/large.bin", program / "env"
    assert set(shared_paths(program, campaign)) == {large, program, env}
    assert set(copied_paths(program, campaign)) == {large}
    assert list(shared_paths(program, campaign, frozenset([large, large.parent, env]))) == [program]


def test_size_of_is_that_of_all_files_below(program: Path) -> None:
    assert size_of(program) == sum(map(len, ("train.py", "package/model.py", "data/reviews.txt")))
    assert size_of(program / "train.py") == len("train.py")
    assert size_of(program / "nowhere") == 0


def test_sockets_pipes_devices_and_dead_links_are_left_out(program: Path) -> None:
    os.mkfifo(program / "pipe")
    (program / "dead.py").symlink_to("nowhere")
    (program / "loop.py").symlink_to("loop.py")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(program / "socket"))
        copy = copied(program)
    assert not {"pipe", "dead.py", "loop.py", "socket"} & {path.name for path in copy.iterdir()}


@pytest.mark.parametrize(
    "name", [b"caf\xe9.txt", b"a[0]*?.txt", b"\x1b[31m\n.txt", b"-rf", b"\xff"]
)
def test_names_of_any_bytes_are_copied(program: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(program) + b"/" + name)).write_text("here")
    assert name in [os.fsencode(path.name) for path in copied(program).iterdir()]
