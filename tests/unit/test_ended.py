"""What the kernel ended for memory: a run's own limit, a run beside it, or the machine's end."""

from pathlib import Path
from typing import Any

import pytest

from trainwreck.model import Ending
from trainwreck.run.ended import Circumstances
from trainwreck.run.keeper.cgroups import Cgroups
from trainwreck.run.room import Room

STARTED = {"started": 7, "ended": 1}
KILLS = 3
"""Processes that the machine has ended for memory since its start, one of them beside the run."""

MEGABYTES = 1 << 20


def used(counter: str, most: int) -> dict[str, str]:
    """Return the files of a group of version 1 with a limit of 100 MB, where one was ended."""
    return {
        "memory.oom_control": "under_oom 0\noom_kill 1\n",
        f"{counter}.limit_in_bytes": f"{100 * MEGABYTES}\n",
        f"{counter}.max_usage_in_bytes": f"{most}\n",
    }


def ending(said: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Ending:
    monkeypatch.setattr("trainwreck.run.ended.kills_for_memory", lambda: KILLS)
    room = Room(folder, 1 << 30)
    end, _ = Circumstances(None, 0.0, False, False, KILLS - 1, room).exit_of({**STARTED, **said})
    return end.ending


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"capped": True}, Ending.EXITED),
        ({"capped": True, "memory": 1}, Ending.MEMORY),
        ({"capped": True, "shortage": 1}, Ending.LOST),
        ({"capped": True, "shortage": 1, "ended": 0}, Ending.EXITED),
        ({"capped": False}, Ending.LOST),
        ({"capped": False, "ended": 0}, Ending.EXITED),
    ],
)
def test_a_run_beside_that_reached_its_limit_is_no_shortage(
    said: dict[str, Any], expected: Ending, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ending(said, tmp_path, monkeypatch) is expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (used("memory", 100 * MEGABYTES), (1, 0)),
        (used("memory.memsw", 99 * MEGABYTES), (1, 0)),
        (used("memory", 50 * MEGABYTES), (0, 1)),
        (used("memory.memsw", 97 * MEGABYTES), (0, 1)),
        ({"memory.events": "max 1\noom 1\noom_kill 1\n"}, (1, 0)),
        ({"memory.events": "max 0\noom 0\noom_kill 1\n"}, (0, 1)),
        ({}, (0, 0)),
    ],
)
def test_a_kill_below_the_limit_of_its_group_is_a_shortage(
    files: dict[str, str],
    expected: tuple[int, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr("trainwreck.run.keeper.cgroups.parents", lambda: ())
    groups = Cgroups()
    monkeypatch.setattr(groups, "_folders", {"memory": str(tmp_path)})
    counts = groups.counts()
    assert (counts["memory"], counts["shortage"]) == expected
