"""What a run has written counts by the clock of its folder, which may be a server's."""

import time
from pathlib import Path

import pytest

from trainwreck.run.room import Room

LIMIT = 1 << 16
TICK = 0.05
"""Seconds after which a file surely has a later time than one before."""


@pytest.mark.parametrize("minutes", [-10, 0, 10])
def test_room_counts_what_the_run_wrote_whatever_the_clock_of_the_machine_says(
    minutes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "before").write_bytes(bytes(LIMIT))
    time.sleep(TICK)
    now = time.time() + 60 * minutes
    monkeypatch.setattr(time, "time", lambda: now)
    room = Room(tmp_path, LIMIT)
    assert not room.has_full_file()
    (tmp_path / "own").write_bytes(bytes(LIMIT))
    assert room.has_full_file()
    assert {path.name for path in tmp_path.iterdir()} == {"before", "own"}
