"""Reads what the agent wrote."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwreck.model import ChainedError, Failure, Frame, PhaseTime, Report, change_texts

Restore = Callable[[str], str]

AGENT_FOLDER = "trainwreck_agent"
LONGEST_STACK = 20_000


@dataclass(frozen=True, slots=True)
class Probed:
    """What the probes of one run saw, all processes together.

    ``counts`` and ``ended`` hold a number for each group, ``snapshots`` the counts at each report;
    ``differing`` and ``examples`` are by mutant id. ``defined`` is how often each default was made
    before the first report. ``read`` are files whose source was read, ``introspected`` groups
    whose default was. ``complete`` is false where some process did not tell.
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
    """The agent's account of one run; every field is as complete as the run allowed."""

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
    """Read a run's events; ``restore`` turns paths of the trial into the subject's own."""
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
        observations=_observations([*processes, main], restore),
        probed=_probed(folder, processes),
    )


def main_process_listens(folder: Path, pid: int) -> bool:
    """Whether the agent of this process has told that it started."""
    return any(_lines(path) for path in folder.glob(f"events-{pid}-*.jsonl"))


def _lines(path: Path) -> list[dict[str, Any]]:
    events = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            events.append(json.loads(line))
        except ValueError:
            continue
    return events


def _is_main(events: list[dict[str, Any]]) -> bool:
    return any(event["event"] == "start" and event["main"] for event in events)


def _by_kind(events: list[dict[str, Any]]) -> Callable[[str], list[dict[str, Any]]]:
    return lambda kind: [event for event in events if event["event"] == kind]


def _hits(processes: list[list[dict[str, Any]]]) -> int | None:
    """The sum over processes of the last count of each; None where none could tell."""
    last = [
        [event["hits"] for event in events if event["event"] in ("hit", "pulse", "end")]
        for events in processes
    ]
    known = [counts[-1] for counts in last if counts]
    return sum(known) if known else None


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
    """Counts of work, all processes together."""
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


def _probed(folder: Path, processes: list[list[dict[str, Any]]]) -> Probed | None:
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
    told = max(records, key=lambda record: len(record["snapshots"]))
    return Probed(
        counts=tuple(map(sum, zip(*(r["counts"] for r in records), strict=True))),
        ended=tuple(map(sum, zip(*(r["ended"] for r in records), strict=True))),
        defined=tuple(told["defined"]),
        snapshots=tuple(map(tuple, told["snapshots"])),
        differing=differing,
        examples=examples,
        read=frozenset(path for record in records for path in record["read"]),
        introspected=frozenset(group for record in records for group in record["introspected"]),
        complete=all({"start", "end"} <= kind for kind in kinds) and len(records) == len(kinds),
    )


def _stacks(folder: Path, restore: Restore) -> str:
    """Where threads stood when the run was stopped or fell, without the agent's own frames."""
    lines = [
        line
        for path in sorted(folder.glob("stack-*.txt"))
        for line in path.read_text(errors="replace").splitlines()
        if AGENT_FOLDER not in line
    ]
    return restore("\n".join(lines))[:LONGEST_STACK]


def _covered(folder: Path) -> dict[str, dict[str, list[int]]]:
    """Lines by phase and path, over all processes."""
    together: dict[str, dict[str, set[int]]] = {}
    for path in folder.glob("coverage-*.json"):
        for phase, files in json.loads(path.read_text()).items():
            for file, lines in files.items():
                together.setdefault(phase, {}).setdefault(file, set()).update(lines)
    return {
        phase: {file: sorted(lines) for file, lines in files.items()}
        for phase, files in together.items()
    }
