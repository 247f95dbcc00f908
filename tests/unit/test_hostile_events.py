"""What a program can do to the agent's files is read as a fact, never as a traceback."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guest import agent_module
from trainwreck.run.agent_events import DEEPEST, read_event_file
from trainwreck.run.events import Events, agent_has_started, read_events
from trainwreck.run.instructions import Horizon, Instructions
from trainwreck.run.plain_files import names_in, read_plain_file

HORIZON = Instructions(horizon=Horizon(7, frozenset(["abc"])))
PROBED = Instructions(probed={("app", "train.py"): "x = 1"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Events as the agent writes them, of one process with a report."""
    events = agent_module("events").Events(str(tmp_path))
    events.write("start", pid=os.getpid(), main=True, entry=["file", "train.py"], began=1.0)
    events.write("planted", path="train.py", module="train")
    events.write("hit", wall=0.5, cpu=0.5, hits=7)
    events.write(
        "report", metrics=["loss"], values=["0.5"], checkpoint="abc", wall=1.0, cpu=1.0, hits=7
    )
    return tmp_path


def read(folder: Path, instructions: Instructions = HORIZON, measured: bool = False) -> Events:
    return read_events(folder, str, folder, instructions, measured)


def append(folder: Path, content: bytes) -> None:
    (path,) = folder.glob("events-*.jsonl")
    with path.open("ab") as file:
        file.write(content)


def event(kind: str, **values: Any) -> bytes:
    return json.dumps({"event": kind, **values}).encode() + b"\n"


DIGEST = {"parameters": "0f", "models": 1}
DAMAGED = {
    "garbage": b"garbage\n",
    "no Unicode": b'{"event": "hit", "hits": "\xff\xfe"}\n',
    "no object": b"[1, 2]\n",
    "a number": b"17\n",
    "no name": b'{"hits": 3}\n',
    "a number as name": b'{"event": 3}\n',
    "a hit without types": event("hit", wall="soon", cpu=1, hits=1),
    "negative hits": event("hit", wall=1, cpu=1, hits=-1),
    "hits that no column holds": event("hit", wall=1, cpu=1, hits=2**63),
    "a number of 5,000 digits": b'{"event": "hit", "hits": ' + b"9" * 5000 + b"}\n",
    "time that is none": event("hit", wall=float("nan"), cpu=1, hits=1),
    "endless time": event("phase", name="x", wall=float("inf"), cpu=1, hits=1),
    "a phase without a name": event("phase", wall=1, cpu=1, hits=1),
    "a refusal without a reason": event("refused", path="x"),
    "two digests": event("digest", **DIGEST) + event("digest", **DIGEST),
    "a digest without a hash": event("digest", models=1),
    "half a character as hash": event("digest", parameters="\ud800", models=1),
    "a second start": event("start", pid=1, main=True),
    "covers of other types": event("digest", **DIGEST, covers=[{"arrays": "many"}]),
    "values that are no numbers": event("report", metrics=["loss"], values=["low"]),
    "values of no metrics": event("report", metrics=["loss"], values=["1", "2"]),
    "frames of other types": event("failure", type="E", message="", frames=[["a.py"]]),
    "a failure without a type": event("failure", message="", frames=[]),
    "work in words": event("work", counts={"epochs": "three"}),
    "an observation of ours": event("observation", name="files", value=3),
    "another one of ours": event("observation", name="no verdict", value="trust me"),
    "half a character as name": event("observation", name="\udc80", value=1),
    "100,000 levels": b'{"event": "observation", "name": "x", "value": '
    + b"[" * 100_000
    + b"]" * 100_000
    + b"}\n",
    "400 levels": b'{"event": "observation", "name": "x", "value": '
    + b"[" * 400
    + b"]" * 400
    + b"}\n",
    "an end by no rule": event("settled", rule="because"),
    "an end by a rule without a run": event("settled", rule="probe"),
    "two ends": event("settled", rule="together") + event("settled", rule="together"),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGED)
def test_read_events_reports_as_damage_what_no_agent_writes(folder: Path, case: str) -> None:
    append(folder, DAMAGED[case])
    events = read(folder)
    assert events.damage, case
    assert events.started
    assert events.hits == 7
    assert not events.settled
    assert "files" not in events.observations


def test_a_result_of_a_process_that_has_not_started_is_damage(folder: Path) -> None:
    (folder / "events-1-0.jsonl").write_bytes(event("digest", **DIGEST))
    assert read(folder).damage


def test_read_events_finds_no_damage_in_what_the_agent_writes(folder: Path) -> None:
    append(folder, event("settled", rule="together") + event("digest", **DIGEST))
    append(folder, event("end", wall=2, cpu=2, hits=9))
    events = read(folder)
    assert (events.damage, events.troubles) == ((), ())
    assert (events.settled, events.hits, events.parameters) == ("together", 9, "0f")


def test_an_event_that_a_kill_cut_off_is_no_damage(folder: Path) -> None:
    append(folder, b'{"event": "hit", "hi')
    assert read(folder).damage == ()


def test_an_event_that_lacks_only_its_line_end_counts(folder: Path) -> None:
    append(folder, event("digest", **DIGEST).rstrip())
    assert read(folder).parameters == "0f"


def test_events_of_unknown_kinds_are_counted_as_troubles(folder: Path) -> None:
    append(folder, event("weather") * 3 + event("mood"))
    events = read(folder)
    assert events.damage == ()
    assert events.troubles == (
        "events of an unknown kind: 1 of 'mood'",
        "events of an unknown kind: 3 of 'weather'",
    )


FORGED_ENDS = {
    "not asked for": (Instructions(), b""),
    "another number of hits": (Instructions(horizon=Horizon(8, frozenset(["abc"]))), b""),
    "another state": (Instructions(horizon=Horizon(7, frozenset(["def"]))), b""),
    "later": (HORIZON, event("report", metrics=["loss"], checkpoint=None, hits=7)),
}


@pytest.mark.parametrize("case", FORGED_ENDS)
def test_an_end_by_a_rule_counts_only_where_it_was_ordered(folder: Path, case: str) -> None:
    instructions, before = FORGED_ENDS[case]
    append(folder, before + event("settled", rule="together"))
    events = read(folder, instructions)
    assert not events.settled
    assert len(events.damage) == 1


def test_an_end_by_a_rule_in_another_process_is_damage(folder: Path) -> None:
    (folder / "events-1-0.jsonl").write_bytes(
        event("start", pid=1) + event("settled", rule="together")
    )
    assert read(folder).damage
    assert not read(folder).settled


def test_an_end_by_a_rule_before_any_report_is_damage(tmp_path: Path) -> None:
    (tmp_path / "events-1-0.jsonl").write_bytes(
        event("start", pid=1, main=True) + event("settled", rule="together")
    )
    assert read(tmp_path).damage


def folder_of(path: Path) -> None:
    path.mkdir()


def pipe_of(path: Path) -> None:
    os.mkfifo(path)


def link_of(path: Path) -> None:
    path.symlink_to("/dev/zero")


def huge_of(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


NO_FILES: list[Callable[[Path], None]] = [folder_of, pipe_of, link_of, huge_of]


@pytest.mark.parametrize("make", NO_FILES)
@pytest.mark.parametrize(
    "name", ["events-9-0.jsonl", "coverage-9-0.json", "probe-9-0.json", "stack-9-0.txt"]
)
@pytest.mark.timeout(20)
def test_read_events_waits_for_nothing_and_follows_nothing(
    folder: Path, make: Callable[[Path], None], name: str
) -> None:
    make(folder / name)
    events = read(folder, PROBED, measured=True)
    assert events.started
    assert bool(events.damage) == name.startswith("events")
    if name.startswith(("coverage", "probe")):
        assert any(name in trouble for trouble in events.troubles)
    assert not agent_has_started(folder, 9)


RECORDS = [
    b"",
    b"garbage",
    b"\xff\xfe",
    b"[]",
    b'{"counts": "many"}',
    b'{"counts": [-1], "ended": [0]}',
    b'{"counts": [1], "ended": [1, 2]}',
    b'{"learning": {"train.py": ["x"]}}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("content", RECORDS)
def test_records_that_no_agent_wrote_are_troubles(folder: Path, content: bytes) -> None:
    for name in ("coverage-9-0.json", "probe-9-0.json"):
        (folder / name).write_bytes(content)
    events = read(folder, PROBED, measured=True)
    assert events.probed is None
    assert events.covered == {}
    assert len(events.troubles) == 2


def test_records_that_were_not_ordered_are_not_read(folder: Path) -> None:
    (folder / "coverage-9-0.json").write_text('{"learning": {"train.py": [1]}}')
    (folder / "probe-9-0.json").write_text('{"counts": [1], "ended": [1]}')
    events = read(folder)
    assert (events.covered, events.probed, events.troubles) == ({}, None, ())


def test_records_of_probes_about_different_groups_are_a_trouble(folder: Path) -> None:
    (folder / "probe-8-0.json").write_text('{"counts": [1], "ended": [1]}')
    (folder / "probe-9-0.json").write_text('{"counts": [1, 2], "ended": [1, 2]}')
    events = read(folder, PROBED)
    assert events.probed is None
    assert events.troubles


@pytest.mark.parametrize("content", [b"1234567", b"12345678" * 9])
def test_a_journal_of_another_length_makes_the_record_incomplete(
    folder: Path, content: bytes
) -> None:
    (folder / "probe-8-0.json").write_text('{"counts": [1], "ended": [1]}')
    (folder / "probe-9-0.counts").write_bytes(content)
    events = read(folder, PROBED)
    assert events.probed is not None
    assert not events.probed.complete


def test_the_events_of_a_folder_that_is_gone_are_none(tmp_path: Path) -> None:
    events = read(tmp_path / "gone")
    assert not events.started
    assert events.hits is None
    link = tmp_path / "link"
    link.symlink_to("/proc/self")
    assert names_in(link) == []


def test_a_program_with_many_phases_keeps_the_first_and_the_last(folder: Path) -> None:
    append(folder, b"".join(event("phase", name=f"epoch {n}") for n in range(5000)))
    phases = read(folder).phases
    assert len(phases) == 1000
    assert (phases[0].name, phases[-1].name) == ("epoch 0", "epoch 4999")


def test_read_event_file_accepts_values_as_deep_as_it_says(tmp_path: Path) -> None:
    value = json.loads("[" * DEEPEST + "]" * DEEPEST)
    path = tmp_path / "events-1-0.jsonl"
    path.write_bytes(event("start", pid=1) + event("observation", name="x", value=value))
    assert read_event_file(path).damage == []


def test_read_plain_file_refuses_a_file_above_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_plain_file(path, 5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes"):
        read_plain_file(path, 4)
