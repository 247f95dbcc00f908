"""A trial's copy of the program's folder."""

from pathlib import Path

import pytest

from trainwreck.run.scratch import LARGE, MANY, copy_subject


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
