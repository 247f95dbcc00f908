"""Reads the events that the agent wrote during one run."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwreck.model import COVERS, ChainedError, Failure, Frame, PhaseTime, Report, change_texts

Restore = Callable[[str], str]
"""Turns paths of the trial's copies into the subject's own."""

AGENT_FOLDER = "trainwreck_agent"
LONGEST_STACK = 20_000


@dataclass(frozen=True, slots=True)
class Probed:
    """The records of the probes of one run, all processes together.

    Each list of numbers has one for each group. ``counts`` are the evaluations, ``ended`` those
    that completed; ``snapshots`` are the counts at each report. ``defined`` counts how often each
    default was evaluated before the first report. ``differing`` and ``examples`` are by mutant id.
    ``read`` are the files whose source the program read, ``introspected`` the groups whose default
    it read. ``complete`` is false where the records of a process are missing.
    """

    counts: tuple[int, ...]
    ended: tuple[int, ...]
    defined: tuple[int, ...]
    snapshots: tuple[tuple[int, ...], ...]
    differing: dict[str, int]
    examples: dict[str, str]
    read: frozenset[str]
    introspected: frozenset[int]
    complete: bool


@dataclass(frozen=True, slots=True)
class Events:
    """The agent's events of one run; a run that ends early leaves fields empty.

    ``refused`` is the reason why the agent planted nothing. ``hits`` is the number of evaluations
    of the mutated code, None where it is unknown. ``parameters`` and ``checkpoint`` are hashes, at
    the end and at the first report. ``covered`` maps phase and path to executed lines.
    ``first_hit`` is in seconds since the process started. ``settled`` is the rule that ended the
    run early.
    """

    started: bool
    refused: str
    planted: bool
    hits: int | None
    phases: tuple[PhaseTime, ...]
    failure: Failure | None
    parameters: str | None
    troubles: tuple[str, ...]
    stack: str
    covered: dict[str, dict[str, list[int]]]
    reports: tuple[Report, ...]
    checkpoint: str | None
    work: dict[str, int]
    first_hit: float | None
    settled: str
    observations: dict[str, Any]
    probed: Probed | None


def read_events(folder: Path, restore: Restore) -> Events:
    """Read the events of a run from its folder; ``restore`` is applied to paths and stacks."""
    processes = [_lines(path) for path in sorted(folder.glob("events-*.jsonl"))]
    everything = [event for events in processes for event in events]
    main = next((events for events in processes if _is_main(events)), [])
    of_kind = _by_kind(main)
    return Events(
        started=bool(main),
        refused=next((e["reason"] for e in everything if e["event"] == "refused"), ""),
        planted=any(e["event"] == "planted" for e in everything),
        hits=_hits(processes),
        phases=tuple(
            PhaseTime(e["name"], e["wall"], e["cpu"], e["hits"]) for e in of_kind("phase")
        ),
        failure=next((_failure(e, restore) for e in of_kind("failure")), None),
        parameters=next((e["parameters"] for e in of_kind("digest")), None),
        troubles=tuple(e["what"] for e in everything if e["event"] == "trouble"),
        stack=_stacks(folder, restore),
        covered=_covered(folder),
        reports=tuple(
            Report(tuple(e["metrics"]), e["wall"], e["cpu"], e["hits"]) for e in of_kind("report")
        ),
        checkpoint=next((e["checkpoint"] for e in of_kind("report")), None),
        work=_work(everything),
        first_hit=next((e["wall"] for e in of_kind("hit")), None),
        settled=next((e["rule"] for e in of_kind("settled")), ""),
        observations=_observations([*processes, main], restore) | _covers(of_kind("digest")),
        probed=_probed(folder, processes),
    )


def agent_has_started(folder: Path, pid: int) -> bool:
    """Return whether the agent of process ``pid`` has reported its start."""
    return any(_lines(path) for path in folder.glob(f"events-{pid}-*.jsonl"))


def _lines(path: Path) -> list[dict[str, Any]]:
    """Return the events of one process; a line that a kill cut off is skipped."""
    events = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            events.append(json.loads(line))
        except ValueError:
            continue
    return events


def _is_main(events: list[dict[str, Any]]) -> bool:
    """Return whether the events are those of the program itself, not of a worker."""
    return any(event["event"] == "start" and event["main"] for event in events)


def _by_kind(events: list[dict[str, Any]]) -> Callable[[str], list[dict[str, Any]]]:
    """Return a function that selects the events of one kind."""
    return lambda kind: [event for event in events if event["event"] == kind]


def _hits(processes: list[list[dict[str, Any]]]) -> int | None:
    """Return the sum of the processes' last counts; None where no process reported any."""
    counts_of_processes = [
        [event["hits"] for event in events if event["event"] in ("hit", "pulse", "end")]
        for events in processes
    ]
    last_counts = [counts[-1] for counts in counts_of_processes if counts]
    return sum(last_counts) if last_counts else None


def _failure(event: dict[str, Any], restore: Restore) -> Failure:
    chain = tuple(
        ChainedError(kind, message, _frames(frames, restore))
        for kind, message, frames in event.get("chain", ())
    )
    frames = _frames(event["frames"], restore)
    return Failure(event["type"], event["message"], frames, event.get("wall"), chain)


def _frames(frames: list[list[Any]], restore: Restore) -> tuple[Frame, ...]:
    return tuple(Frame(restore(file), *rest) for file, *rest in frames)


def _work(events: list[dict[str, Any]]) -> dict[str, int]:
    """Return the number of epochs, batches and calls by name, all processes together."""
    work: dict[str, int] = {}
    for event in events:
        for name, number in event["counts"].items() if event["event"] == "work" else ():
            work[name] = work.get(name, 0) + number
    return work


def _observations(processes: Iterable[list[dict[str, Any]]], restore: Restore) -> dict[str, Any]:
    """Return the last value of each name; that of the main process, where it has one."""
    return {
        event["name"]: change_texts(event["value"], restore)
        for events in processes
        for event in events
        if event["event"] == "observation"
    }


def _covers(digests: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a digest of parameters covers as an observation; nothing without parameters."""
    covers = next((e.get("covers") for e in digests if e["parameters"] is not None), None)
    return {COVERS: covers} if covers else {}


def _probed(folder: Path, processes: list[list[dict[str, Any]]]) -> Probed | None:
    """Return the records of all processes together; None where no process wrote any."""
    records = [json.loads(path.read_text()) for path in sorted(folder.glob("probe-*.json"))]
    if not records:
        return None
    kinds = [{event["event"] for event in events} for events in processes]
    differing: dict[str, int] = {}
    examples: dict[str, str] = {}
    for record in records:
        examples |= record["examples"]
        for mutant, number in record["differing"].items():
            differing[mutant] = differing.get(mutant, 0) + number
    # Workers report no metrics: the main process is the one with snapshots.
    main = max(records, key=lambda record: len(record["snapshots"]))
    return Probed(
        counts=tuple(map(sum, zip(*(r["counts"] for r in records), strict=True))),
        ended=tuple(map(sum, zip(*(r["ended"] for r in records), strict=True))),
        defined=tuple(main["defined"]),
        snapshots=tuple(map(tuple, main["snapshots"])),
        differing=differing,
        examples=examples,
        read=frozenset(path for record in records for path in record["read"]),
        introspected=frozenset(group for record in records for group in record["introspected"]),
        complete=all({"start", "end"} <= kind for kind in kinds) and len(records) == len(kinds),
    )


def _stacks(folder: Path, restore: Restore) -> str:
    """Return the stacks of all threads at a stop or crash, without the agent's own frames."""
    lines = [
        line
        for path in sorted(folder.glob("stack-*.txt"))
        for line in path.read_text(errors="replace").splitlines()
        if AGENT_FOLDER not in line
    ]
    return restore("\n".join(lines))[:LONGEST_STACK]


def _covered(folder: Path) -> dict[str, dict[str, list[int]]]:
    """Return the executed lines by phase and path, all processes together."""
    line_sets: dict[str, dict[str, set[int]]] = {}
    for path in folder.glob("coverage-*.json"):
        for phase, files in json.loads(path.read_text()).items():
            for file, lines in files.items():
                line_sets.setdefault(phase, {}).setdefault(file, set()).update(lines)
    return {
        phase: {file: sorted(lines) for file, lines in files.items()}
        for phase, files in line_sets.items()
    }
