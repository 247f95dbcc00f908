"""What the agent takes for its own looks at a program is no time of the program's."""

import json
from pathlib import Path

from trainwreck.run.events import read_events


def test_times_after_a_look_at_the_state_are_told_without_it(tmp_path: Path) -> None:
    events = [
        {"event": "start", "main": True},
        {"event": "phase", "name": "first", "wall": 1.0, "cpu": 0.5, "hits": 0},
        {"event": "state", "phase": "first", "digest": "d", "opaque": [], "own": [3.0, 2.0]},
        {"event": "phase", "name": "second", "wall": 6.0, "cpu": 4.5, "hits": 1},
        {"event": "state", "phase": "second", "digest": "e", "opaque": [], "own": [5.0, 3.0]},
        {
            "event": "report",
            "metrics": ["loss"],
            "checkpoint": "c",
            "wall": 9.0,
            "cpu": 6.0,
            "hits": 2,
        },
        {"event": "end", "wall": 9.5, "cpu": 6.5, "hits": 2},
    ]
    lines = "\n".join(map(json.dumps, events))
    (tmp_path / "events-1-0.jsonl").write_text(lines)
    found = read_events(tmp_path, str)
    assert [(p.name, p.seconds, p.cpu_seconds) for p in found.phases] == [
        ("first", 1.0, 0.5),
        ("second", 3.0, 2.5),
    ]
    assert [(r.seconds, r.cpu_seconds) for r in found.reports] == [(4.0, 3.0)]
    assert found.own == (5.0, 3.0)
    assert found.states == {"first": "d", "second": "e"}
