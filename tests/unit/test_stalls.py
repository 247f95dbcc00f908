"""Time in which the machine held a process up, from files like those of the kernel."""

from pathlib import Path

import pytest

from trainwreck.run import stalls
from trainwreck.run.stalls import DISK_SECONDS, Stalls, seconds_of_threads

PID = 7


class Machine:
    """A clock, and one process in a folder like ``/proc``."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.folder = folder / str(PID)
        self.folder.mkdir()
        monkeypatch.setattr(stalls, "PROC", folder)
        monkeypatch.setattr("time.monotonic", lambda: self.now)
        self.stalls = Stalls()

    def after(self, seconds: float, ran: float, waited: float, slices: int, state: str) -> float:
        """Return the answer some seconds later, when the kernel counts this."""
        self.now += seconds
        counts = f"{int(ran * 1e9)} {int(waited * 1e9)} {slices}\n"
        (self.folder / "schedstat").write_text(counts)
        (self.folder / "stat").write_text(f"{PID} (a (strange) name) {state} 1 1 1\n")
        return self.stalls.seconds_of(PID)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_a_process_that_runs_or_sleeps_is_not_held_up(machine: Machine) -> None:
    assert machine.after(0, ran=1, waited=0, slices=3, state="R") == 0
    assert machine.after(1, ran=2, waited=0, slices=3, state="R") == 0
    assert machine.after(5, ran=2, waited=0, slices=3, state="S") == 0


def test_a_wait_for_a_processor_counts_before_it_is_over_and_once(machine: Machine) -> None:
    assert machine.after(0, ran=1, waited=2, slices=3, state="R") == 2
    assert machine.after(4, ran=1, waited=2, slices=3, state="R") == 6
    assert machine.after(3, ran=1, waited=2, slices=3, state="R") == 9
    # It ran again, and the kernel has added the wait.
    assert machine.after(1, ran=1.5, waited=9, slices=4, state="R") == 9
    assert machine.after(1, ran=1.5, waited=9, slices=4, state="S") == 9


def test_waits_for_the_disk_count_up_to_a_limit(machine: Machine) -> None:
    assert machine.after(0, ran=1, waited=0, slices=3, state="D") == 0
    assert machine.after(4, ran=1, waited=0, slices=3, state="D") == 4
    # It has run in between: how long it waited is not known.
    assert machine.after(4, ran=1.1, waited=0, slices=4, state="D") == 4
    assert machine.after(2, ran=1.1, waited=0, slices=4, state="D") == 6
    assert machine.after(1, ran=1.1, waited=0, slices=4, state="S") == 6
    machine.after(0, ran=1.2, waited=0, slices=5, state="D")
    assert machine.after(1000, ran=1.2, waited=0, slices=5, state="D") == DISK_SECONDS


def test_a_process_that_has_ended_or_is_not_counted_was_not_held_up(machine: Machine) -> None:
    assert machine.stalls.seconds_of(PID) == 0
    assert seconds_of_threads(PID) == 0
    (machine.folder / "schedstat").write_text("0\n")
    assert machine.stalls.seconds_of(PID) == 0


def test_the_thread_that_was_held_up_longest_counts(machine: Machine) -> None:
    for tid, waited in {PID: 1, 8: 5, 9: 2}.items():
        task = machine.folder / "task" / str(tid)
        task.mkdir(parents=True)
        (task / "schedstat").write_text(f"0 {waited}000000000 1\n")
    assert seconds_of_threads(PID) == 5
