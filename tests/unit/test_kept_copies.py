"""`KeptCopies`: a working copy that the next trial gets is what a new one would be."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from trainwreck.run import kept_copies
from trainwreck.run.kept_copies import FEWEST, KEPT, KeptCopies, remove_copies
from trainwreck.run.scratch import copy_subject
from trainwreck.run.stem.contents import CLOCK_SECONDS
from trainwreck.run.stem.trusted import shows_changes

FILES = FEWEST + 20


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program of more files than a copy needs to be kept, in three folders."""
    if not shows_changes(tmp_path):
        pytest.skip("this file system does not show each change of a file")
    folder = tmp_path / "program"
    for number in range(FILES):
        path = folder / f"package{number % 3}" / f"module{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"value = {number}\n")
    (folder / "run.sh").write_text("echo\n")
    (folder / "run.sh").chmod(0o755)
    time.sleep(2 * CLOCK_SECONDS)
    return folder


class Trials:
    """Trials of one slot, one after the other; ``made`` counts the copies made from nothing."""

    def __init__(self, program: Path) -> None:
        self.program = program
        self.work = program.parent / "work"
        self.app = self.work / "0" / "app"
        self.copies = KeptCopies()
        self.made = 0

    def begin(self) -> Path:
        self.app.parent.mkdir(parents=True)
        self.copies.fill(self.app, self.program, self.work, self._copy)
        return self.app

    def _copy(self) -> None:
        copy_subject(self.program, self.app, self.work)
        self.made += 1

    def end(self) -> None:
        self.copies.keep(self.app)
        kept_copies.remove_tree(self.app.parent)


@pytest.fixture
def trials(program: Path) -> Trials:
    return Trials(program)


def content(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of all files of a folder, by their paths."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): (path.lstat().st_mode, path.read_bytes())
        for path in paths
    }


def order(folder: Path) -> list[list[str]]:
    """The names in all folders, in the order of the system."""
    return [[path.name for path in Path(top).iterdir()] for top, _, _ in sorted(os.walk(folder))]


def test_kept_copies_give_an_untouched_copy_to_the_next_trial(trials: Trials) -> None:
    first = content(trials.begin())
    trials.end()
    assert not trials.app.exists()
    assert content(trials.begin()) == first == content(trials.program)
    assert trials.made == 1


MODULE = Path("package1/module1.py")


def write(app: Path) -> None:
    (app / MODULE).write_text("value = 8\n")


def write_with_the_same_time(app: Path) -> None:
    status = (app / MODULE).stat()
    (app / MODULE).write_text("value = 8\n")
    os.utime(app / MODULE, ns=(status.st_atime_ns, status.st_mtime_ns))


def add(app: Path) -> None:
    (app / "package1" / "__pycache__").mkdir()
    (app / "package1" / "__pycache__" / "module1.pyc").write_text("")
    (app / "output.txt").write_text("")
    (app / "link").symlink_to("/")
    os.mkfifo(app / "pipe")


def take_rights(app: Path) -> None:
    (app / MODULE).chmod(0)
    (app / "run.sh").chmod(0o644)


def lengthen(app: Path) -> None:
    with (app / "run.sh").open("a") as file:
        file.write("echo\n" * 1000)


CORRECTED = [write, write_with_the_same_time, add, take_rights, lengthen]


@pytest.mark.parametrize("change", CORRECTED)
def test_kept_copies_correct_what_a_program_changed(
    trials: Trials, change: Callable[[Path], None]
) -> None:
    listed = order(trials.begin())
    for _ in range(3):
        change(trials.app)
        trials.end()
        assert content(trials.begin()) == content(trials.program)
        assert order(trials.app) == listed
        assert not (trials.app / "link").is_symlink()
    assert trials.made == 1


def remove(app: Path) -> None:
    (app / MODULE).unlink()


def replace_file(app: Path) -> None:
    (app / "new").write_bytes((app / MODULE).read_bytes())
    (app / "new").replace(app / MODULE)


def replace_folder(app: Path) -> None:
    (app / "package1").rename(app / "moved")
    (app / "package1").symlink_to("moved")


def link_outside(app: Path) -> None:
    os.link(app / MODULE, app.parents[2] / "outside.py")
    (app / MODULE).write_text("value = 8\n")


def put_link_in_place(app: Path) -> None:
    (app / MODULE).unlink()
    (app / MODULE).symlink_to(app / "run.sh")


def give_folder_rights(app: Path) -> None:
    (app / "package1").chmod(0o777)


def mark(app: Path) -> None:
    os.setxattr(app / "package2", "user.mark", b"x")


def replace_copy(app: Path) -> None:
    app.rename(app.with_name("moved"))
    app.mkdir()


MADE_AGAIN = [
    remove,
    replace_file,
    replace_folder,
    link_outside,
    put_link_in_place,
    give_folder_rights,
    mark,
    replace_copy,
]


@pytest.mark.parametrize("change", MADE_AGAIN)
def test_kept_copies_make_a_copy_again_that_cannot_be_corrected(
    trials: Trials, change: Callable[[Path], None]
) -> None:
    trials.begin()
    change(trials.app)
    trials.end()
    assert content(trials.begin()) == content(trials.program)
    assert not (trials.app / "package1").is_symlink()
    assert (trials.app / "package1").stat().st_mode == (trials.program / "package1").stat().st_mode
    assert trials.made == 2


def edit(program: Path) -> None:
    (program / MODULE).write_text("value = 9\n")


def extend(program: Path) -> None:
    (program / "further.py").write_text("")


def shorten(program: Path) -> None:
    (program / MODULE).unlink()


@pytest.mark.parametrize("change", [edit, extend, shorten])
def test_kept_copies_follow_the_subject(trials: Trials, change: Callable[[Path], None]) -> None:
    trials.begin()
    trials.end()
    change(trials.program)
    assert content(trials.begin()) == content(trials.program)
    trials.end()
    time.sleep(2 * CLOCK_SECONDS)
    assert content(trials.begin()) == content(trials.program)


def test_kept_copies_see_a_bug_that_is_planted_just_after_a_correction(trials: Trials) -> None:
    trials.begin()
    for number in range(20):
        # As fast as it goes, with the size of the text: the times of files may stay the same.
        (trials.app / MODULE).write_text(f"value = {2 + number % 8}\n")
        trials.end()
        assert (trials.begin() / MODULE).read_text() == "value = 1\n"
    assert trials.made == 1


def test_kept_copies_leave_small_programs_and_the_end_of_a_session_alone(
    trials: Trials, tmp_path: Path
) -> None:
    trials.begin()
    trials.end()
    assert [path.name for path in trials.work.iterdir()] == [f"0{KEPT}"]
    remove_copies(trials.work)
    assert not list(trials.work.iterdir())
    assert content(trials.begin()) == content(trials.program)
    trials.end()
    small = tmp_path / "small" / "program"
    small.mkdir(parents=True)
    (small / "train.py").write_text("")
    others = Trials(small)
    others.begin()
    others.end()
    others.begin()
    assert others.made == 2
