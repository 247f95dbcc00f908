"""Shared memory that a killed program left goes, and nothing of anybody else."""

import ctypes
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainwreck.run.child import run_child
from trainwreck.run.limits import Limits
from trainwreck.run.program_start import ProgramStart
from trainwreck.run.shared_memory import FOLDER, SEGMENTS, SharedMemory, segments

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="this system has no such folder"),
]

OPENS = """
import mmap, os, sys
path, how = sys.argv[1:]
flags = {"makes": os.O_RDWR | os.O_CREAT, "writes": os.O_RDWR, "reads": os.O_RDONLY}[how]
number = os.open(path, flags, 0o600)
if how == "makes":
    os.write(number, b"x" * 4096)
    kept = mmap.mmap(number, 4096)
    os.close(number)
print("ready", flush=True)
sys.stdin.read()
"""
MAKES_AND_DIES = """
import os, signal, sys, time
from multiprocessing import resource_tracker
resource_tracker.register = lambda *_: None
from multiprocessing.shared_memory import SharedMemory
memory = SharedMemory(sys.argv[1], create=True, size=1 << 20)
time.sleep(1)
os.kill(os.getpid(), signal.SIGKILL)
"""
MAKES_A_SEGMENT = """
import ctypes, os, signal
print(ctypes.CDLL(None).shmget(0, 4096, 0o1600), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


class Other:
    """Another process that opens a file of shared memory, until it is ended."""

    def __init__(self, path: Path, how: str) -> None:
        command = [sys.executable, "-S", "-c", OPENS, str(path), how]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def path() -> Iterator[Path]:
    path = FOLDER / f"trainwreck-test-{secrets.token_hex(8)}"
    yield path
    path.unlink(missing_ok=True)


def run(folder: Path, code: str, *words: str) -> tuple[str, tuple[str, ...]]:
    output = bytearray()
    command = [sys.executable, "-S", "-c", code, *words]
    start = ProgramStart(command, folder, {}, Limits(20, 20, 1 << 30), f"TRAINWRECK_ORDER={folder}")
    ended = run_child(start, output.extend, lambda _pid: False, lambda: False)
    return output.decode(), ended.left


def test_what_a_killed_program_left_is_removed(tmp_path: Path, path: Path) -> None:
    assert run(tmp_path, MAKES_AND_DIES, path.name) == ("", ())
    assert not path.exists()


def test_a_file_is_its_own_where_it_made_and_wrote_it(path: Path) -> None:
    memory = SharedMemory()
    trial = Other(path, "makes")
    memory.look(lambda: {trial.process.pid})
    trial.end()
    assert memory.clear({trial.process.pid}) == []
    assert not path.exists()


@pytest.mark.parametrize("opens", ["reads", "nothing"])
def test_what_another_program_made_meanwhile_stays_and_is_named(path: Path, opens: str) -> None:
    memory = SharedMemory()
    path.write_text("another program's")
    trial = Other(path, opens) if opens == "reads" else None
    pids = {trial.process.pid} if trial else {os.getpid()}
    memory.look(lambda: pids)
    if trial:
        trial.end()
    assert memory.clear(pids) == [str(path)]
    assert path.read_text() == "another program's"


def test_what_was_there_before_stays_whoever_writes_to_it(path: Path) -> None:
    path.write_text("another program's")
    memory = SharedMemory()
    trial = Other(path, "writes")
    memory.look(lambda: {trial.process.pid})
    trial.end()
    assert memory.clear({trial.process.pid}) == []
    assert path.exists()


def test_what_another_process_uses_stays_without_a_word(path: Path) -> None:
    memory = SharedMemory()
    trial, other = Other(path, "makes"), Other(path, "writes")
    memory.look(lambda: {trial.process.pid})
    trial.end()
    assert memory.clear({trial.process.pid}) == []
    assert path.exists()
    other.end()


def test_a_file_in_place_of_its_own_stays(path: Path) -> None:
    memory = SharedMemory()
    trial = Other(path, "makes")
    memory.look(lambda: {trial.process.pid})
    trial.end()
    kept = path.rename(path.with_name(f"{path.name}-old"))
    path.write_text("another program's")
    kept.unlink()
    assert memory.clear({trial.process.pid}) == [str(path)]
    assert path.exists()


def test_links_and_folders_stay(path: Path) -> None:
    memory = SharedMemory()
    path.mkdir()
    memory.look(lambda: {os.getpid()})
    assert memory.clear({os.getpid()}) == []
    assert path.is_dir()
    path.rmdir()


def test_segments_of_a_killed_program_are_removed_and_no_others(tmp_path: Path) -> None:
    if not SEGMENTS.exists():
        pytest.skip("this system has no such memory")
    libc = ctypes.CDLL(None)
    ours = libc.shmget(0, 4096, 0o1600)
    try:
        output, _ = run(tmp_path, MAKES_A_SEGMENT)
        there = {segment.number for segment in segments()}
        assert int(output) not in there
        assert ours in there
    finally:
        libc.shmctl(ours, 0, None)


def test_a_segment_that_another_process_made_meanwhile_stays() -> None:
    memory = SharedMemory()
    libc = ctypes.CDLL(None)
    number = libc.shmget(0, 4096, 0o1600)
    try:
        memory.clear({os.getpid() + 1, signal.SIGKILL})
        assert number in {segment.number for segment in segments()}
    finally:
        libc.shmctl(number, 0, None)
