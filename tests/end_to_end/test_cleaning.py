"""`trainwreck clean` removes what can be made again, and nothing that is in use or a user's own."""

import fcntl
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainwreck.campaign.cleaning import Kind, Removable, removable_things, remove
from trainwreck.cli.main import run
from trainwreck.run.launcher import clear_leftovers
from trainwreck.run.shared_memory import FOLDER, SharedMemory, journal_of, left_files
from trainwreck.run.short_path import PREFIX, short_name
from trainwreck.store.campaign_file import CampaignFile, campaign_lock, is_at_work
from trainwreck.subject.environment import (
    environment_folder,
    environment_in_use,
    make_environment,
)
from trainwreck.subject.pythons import find_python
from trainwreck.temporary import LOCK
from trainwreck.temporary import PREFIX as TEMPORARY

pytestmark = pytest.mark.process

LISTINGS = "0123456789abcdef-3.11.7"
DATA = "fedcba9876543210"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with one of each kind, and things in it that trainwreck did not make."""
    cache = tmp_path / "cache"
    for name in (f"listings/{LISTINGS}/ab", f"data/{DATA}", "data/mine", "environments/mine"):
        (cache / name).mkdir(parents=True)
        (cache / name / "file").write_bytes(b"x" * 10_000)
    (cache / "environments" / "mine-0123456789abcdef").mkdir()
    (cache / "statements").mkdir()
    (cache / "statements" / "0123456789abcdef.jsonl").write_text("[]\n")
    (tmp_path / "temporary").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("TRAINWRECK_CACHE", str(cache))
    return cache


@pytest.fixture
def python(cache: Path, tmp_path: Path) -> str:
    """The interpreter of an environment in the cache, as `make_environment` leaves it."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# nothing\n")
    folder = environment_folder("tiny", requirements, find_python(""), cache)
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "complete").touch()
    folder.with_name(f"{folder.name}.lock").touch()
    assert make_environment("tiny", requirements, "", cache, lambda _: None)
    return str(folder / "bin" / "python")


@pytest.fixture
def campaign(cache: Path, tmp_path: Path) -> Path:
    """A campaign whose trials were killed."""
    folder = tmp_path / "here" / ".trainwreck"
    with campaign_lock(folder), CampaignFile.open(folder, create=True):
        pass
    (folder / "work" / "0" / "app").mkdir(parents=True)
    (folder / "work" / "0" / "app" / "train.py").write_text("x = 1\n")
    (folder / "fetched").mkdir()
    return folder


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, object]]:
    """Return what `clean --json` prints, by path."""
    assert run(["clean", "--json", *words]) == 0
    things = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {thing["path"]: thing for thing in things}


def environment_of(python: str) -> Path:
    return Path(python).parents[1]


def test_clean_lists_and_removes_nothing_by_itself(
    cache: Path, python: str, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["clean"]) == 0
    text = capsys.readouterr().out
    for path in (environment_of(python), cache / "data" / DATA, campaign / "work"):
        assert path.name in text
        assert path.exists()
    assert "can be removed: add `--yes`" in text


def test_clean_names_only_what_trainwreck_made(
    cache: Path, python: str, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = set(listed(capsys))
    assert paths == {
        str(environment_of(python)),
        str(cache / "data" / DATA),
        str(cache / "listings" / LISTINGS),
        str(cache / "statements" / "0123456789abcdef.jsonl"),
        str(campaign / "work"),
    }


def test_clean_yes_removes_all_of_it_and_no_record(
    cache: Path, python: str, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    things = listed(capsys, "--yes")
    assert all(thing["removed"] for thing in things.values())
    assert not any(Path(path).exists() for path in things)
    assert (campaign / "campaign.sqlite").is_file()
    assert (campaign / "fetched").is_dir()
    assert (cache / "environments" / "mine" / "file").is_file()
    assert (cache / "environments" / "mine-0123456789abcdef").is_dir()
    assert (cache / "data" / "mine" / "file").is_file()


@pytest.mark.parametrize(
    ("option", "kinds"),
    [
        ("--environments", {"environment"}),
        ("--caches", {"data", "listings", "statements"}),
        ("--leftovers", {"trials"}),
    ],
)
def test_clean_takes_one_group(
    option: str,
    kinds: set[str],
    cache: Path,
    python: str,
    campaign: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert {thing["kind"] for thing in listed(capsys, option).values()} == kinds


def test_clean_takes_a_study_by_its_name(
    cache: Path, python: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(listed(capsys, "tiny")) == [str(environment_of(python))]
    assert run(["clean", "nothing-of-this-name", "--yes"]) == 1
    assert environment_of(python).is_dir()


def test_clean_leaves_an_environment_that_a_campaign_uses(cache: Path, python: str) -> None:
    with environment_in_use(python, cache):
        (thing,) = of_kind(cache, Kind.ENVIRONMENT)
        assert thing.in_use
        # Also where it came into use after the list.
        assert not remove(Removable(thing.kind, thing.path, 0))
    assert environment_of(python).is_dir()
    (thing,) = of_kind(cache, Kind.ENVIRONMENT)
    assert remove(thing)


def test_clean_leaves_an_environment_that_is_being_made(cache: Path, python: str) -> None:
    folder = environment_of(python)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (thing,) = of_kind(cache, Kind.ENVIRONMENT)
    assert thing.in_use


def test_clean_leaves_an_environment_from_which_a_process_runs(cache: Path, python: str) -> None:
    process = subprocess.Popen([python, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        (thing,) = of_kind(cache, Kind.ENVIRONMENT)
        assert thing.in_use
    finally:
        process.communicate(b"\n")
    (thing,) = of_kind(cache, Kind.ENVIRONMENT)
    assert not thing.in_use


def test_environment_in_use_refuses_one_that_was_removed(cache: Path, python: str) -> None:
    (thing,) = of_kind(cache, Kind.ENVIRONMENT)
    assert remove(thing)
    with pytest.raises(Exception, match="has just been removed"), environment_in_use(python, cache):
        pass


def test_environment_in_use_lets_any_other_interpreter_be(cache: Path) -> None:
    with environment_in_use(sys.executable, cache):
        pass


def test_clean_says_that_an_environment_is_not_complete(cache: Path, tmp_path: Path) -> None:
    requirements = tmp_path / "r.txt"
    requirements.write_text("# nothing\n")
    folder = environment_folder("half", requirements, sys.executable, cache)
    folder.mkdir()
    folder.with_name(f"{folder.name}.lock").touch()
    (thing,) = of_kind(cache, Kind.ENVIRONMENT)
    assert (thing.path, thing.complete) == (folder, False)


def test_clean_leaves_the_trials_of_a_campaign_at_work(cache: Path, campaign: Path) -> None:
    with campaign_lock(campaign):
        assert is_at_work(campaign)
        (thing,) = of_kind(cache, Kind.TRIALS, campaign)
        assert thing.in_use
        assert not remove(Removable(thing.kind, thing.path, 0))
    assert (campaign / "work" / "0" / "app" / "train.py").is_file()
    assert not is_at_work(campaign)


def test_clean_takes_no_folder_work_that_is_no_campaigns(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "work" / "mine").mkdir(parents=True)
    assert of_kind(cache, Kind.TRIALS, tmp_path) == []


def test_clean_follows_no_link(cache: Path, campaign: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "file").write_text("mine")
    (cache / "data" / "0000000000000000").symlink_to(mine)
    (campaign / "work" / "0" / "link").symlink_to(mine)
    for thing in removable_things(cache, [campaign]):
        remove(thing)
    assert (mine / "file").read_text() == "mine"


def test_clean_removes_temporary_folders_and_links_of_killed_commands(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "temporary"
    (place / f"{TEMPORARY}left" / "inner").mkdir(parents=True)
    Path(f"{place / TEMPORARY}left{LOCK}").touch()
    used = Path(f"{place / TEMPORARY}used{LOCK}")
    (place / f"{TEMPORARY}used").mkdir()
    gone = tmp_path / ("deep" * 20) / "tmp"
    gone.mkdir(parents=True)
    link = short_name(gone)
    assert link.is_symlink()
    gone.rmdir()
    (place / f"{PREFIX}mine").symlink_to(tmp_path / "nowhere")
    with used.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        things = listed(capsys, "--leftovers", "--yes")
        assert (place / f"{TEMPORARY}used").is_dir()
    assert set(things) == {str(place / f"{TEMPORARY}left"), str(link)}
    assert not (place / f"{TEMPORARY}left").exists()
    assert not link.is_symlink()
    assert (place / f"{PREFIX}mine").is_symlink()


@pytest.fixture
def memory() -> Iterator[Path]:
    """A file of shared memory."""
    path = FOLDER / f"trainwreck-test-{secrets.token_hex(8)}"
    yield path
    path.unlink(missing_ok=True)


def written_by_a_killed_trial(path: Path, journal: Path) -> None:
    """Note a file as a trial's own, as if trainwreck were killed at once."""
    shared = SharedMemory(journal=journal)
    with path.open("wb") as file:
        file.write(b"x" * 4096)
        file.flush()
        shared.look(lambda: {os.getpid()})
    os.close(shared.descriptor)


@pytest.mark.skipif(not FOLDER.is_dir(), reason="this system has no such folder")
def test_clean_removes_shared_memory_of_a_killed_trial(
    cache: Path, campaign: Path, memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written_by_a_killed_trial(memory, journal_of(campaign / "work" / "0"))
    assert left_files(campaign / "work") == [memory]
    things = listed(capsys, "--yes")
    assert things[str(memory)]["kind"] == "shared memory"
    assert things[str(memory)]["removed"]
    assert not memory.exists()


@pytest.mark.skipif(not FOLDER.is_dir(), reason="this system has no such folder")
def test_clear_leftovers_leaves_shared_memory_that_somebody_uses_or_made_later(
    campaign: Path, memory: Path
) -> None:
    work = campaign / "work"
    written_by_a_killed_trial(memory, journal_of(work / "0"))
    with memory.open("rb"):
        assert left_files(work) == []
    kept = memory.with_name(f"{memory.name}-kept")
    memory.rename(kept)  # Another file has the name now.
    memory.write_bytes(b"another program's")
    assert left_files(work) == []
    kept.unlink()
    clear_leftovers(work)
    assert memory.read_bytes() == b"another program's"


def test_journal_of_shared_memory_is_gone_after_a_run(tmp_path: Path, memory: Path) -> None:
    journal = tmp_path / "0.shared"
    shared = SharedMemory(journal=journal)
    with memory.open("wb") as file:
        file.write(b"x")
        file.flush()
        shared.look(lambda: {os.getpid()})
        assert journal.is_file()
    assert shared.clear({os.getpid()}) == []
    assert not journal.exists()
    assert not memory.exists()


def of_kind(cache: Path, kind: Kind, *campaigns: Path) -> list[Removable]:
    return [thing for thing in removable_things(cache, campaigns) if thing.kind is kind]


@pytest.mark.parametrize(("answer", "is_gone"), [(b"y\n", True), (b"\n", False), (b"no\n", False)])
def test_clean_asks_at_a_terminal(answer: bytes, is_gone: bool, cache: Path) -> None:
    here, there = os.openpty()
    command = [sys.executable, "-m", "trainwreck", "clean", "--caches"]
    process = subprocess.Popen(command, stdin=there, stdout=there, stderr=there)
    os.close(there)
    output = b""
    while b"[y/N]" not in output:
        output += os.read(here, 4096)
    os.write(here, answer)
    assert process.wait(60) == 0
    os.close(here)
    assert b"Remove 3 things (" in output
    assert (cache / "data" / DATA).exists() is not is_gone
