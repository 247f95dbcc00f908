"""Reads the events that the agent wrote during one run."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwreck.model import (
    COVERS,
    PROCESSES,
    ChainedError,
    Failure,
    Frame,
    PhaseTime,
    Report,
    change_texts,
    content_id,
)
from trainwreck.run.processes import Process, ProcessTree

Restore = Callable[[str], str]
"""Turns paths of the trial's copies into the subject's own."""

AGENT_FOLDER = "trainwreck_agent"
LONGEST_STACK = 20_000


@dataclass(frozen=True, slots=True)
class Probed:
    """The records of the probes of one run, all processes together.

    Each list of numbers has one for each group. ``counts`` are the evaluations, ``ended`` those
    that completed; ``snapshots`` are the counts at each report. ``defined`` counts how often each
    default was evaluated before the first report, or in all without one. ``differing`` and
    ``examples`` are by mutant id. ``read`` are the files whose source the program read, ``lines``
    single lines of others that it read, as paths and numbers. ``introspected`` are the groups
    whose default it read. ``complete`` is false where the records of a process are missing.
    """

    counts: tuple[int, ...]
    ended: tuple[int, ...]
    defined: tuple[int, ...]
    snapshots: tuple[tuple[int, ...], ...]
    differing: dict[str, int]
    examples: dict[str, str]
    read: frozenset[str]
    lines: frozenset[tuple[str, int]]
    introspected: frozenset[int]
    complete: bool


@dataclass(frozen=True, slots=True)
class Events:
    """The agent's events of one run; a run that ends early leaves fields empty.

    ``refused`` is the reason why the agent planted nothing. ``hits`` is the number of evaluations
    of the mutated code, None where it is unknown. ``parameters`` and ``checkpoint`` are hashes, at
    the end and at the first report. ``covered`` maps phase and path to executed lines.
    ``first_hit`` is in seconds since the first process started. ``settled`` is the rule that ended
    the run early. ``steps`` are the values of the chosen process where several ranks print some,
    whose lines come in any order; None where all that was printed counts.
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
    steps: dict[str, tuple[str, ...]] | None = None


def read_events(folder: Path, restore: Restore, app: Path) -> Events:
    """Read the events of a run.

    Args:
        folder: the folder with the files of all processes.
        restore: applied to paths and stacks.
        app: the folder of the program in this trial.

    """
    processes = [_lines(path) for path in sorted(folder.glob("events-*.jsonl"))]
    everything = [event for events in processes for event in events]
    tree = ProcessTree(tuple(Process(events, app) for events in processes))
    chosen, failed = tree.chosen, tree.failure
    reports = chosen.of("report")
    return Events(
        started=bool(tree.root.events),
        refused=next((e["reason"] for e in everything if e["event"] == "refused"), ""),
        planted=any(e["event"] == "planted" for e in everything),
        hits=_hits(processes),
        phases=tuple(
            PhaseTime(e["name"], _seconds(tree, chosen, e), e["cpu"], e["hits"])
            for e in chosen.of("phase")
        ),
        failure=_failure(failed[1], _seconds(tree, *failed), restore) if failed else None,
        parameters=_parameters(tree.holders),
        troubles=tuple(e["what"] for e in everything if e["event"] == "trouble"),
        stack=_stacks(folder, restore, tree),
        covered=_covered(folder),
        reports=tuple(
            Report(tuple(e["metrics"]), _seconds(tree, chosen, e), e["cpu"], e["hits"])
            for e in reports
        ),
        checkpoint=next((e["checkpoint"] for e in reports), None),
        work=_work(everything),
        first_hit=_first_hit(tree),
        settled=next((e["rule"] for e in tree.root.of("settled")), ""),
        observations=_observations(tree, restore) | _covers(tree.holders),
        probed=_probed(folder, tree),
        steps=_steps(tree),
    )


def _seconds(tree: ProcessTree, process: Process, event: dict[str, Any]) -> float:
    """Return when an event was, in seconds since the run's first process began."""
    begun_later = process.began - tree.root.began if process is not tree.root else 0.0
    return float(event["wall"]) + begun_later


def _steps(tree: ProcessTree) -> dict[str, tuple[str, ...]] | None:
    """Return the values that one of several ranks printed, by metric."""
    if sum(bool(process.of("report")) for process in tree.peers) < 2 or tree.ranks < 2:
        return None
    values: dict[str, list[str]] = {}
    for report in tree.chosen.of("report"):
        for name, text in zip(report["metrics"], report["values"], strict=True):
            values.setdefault(name, []).append(text)
    return {name: tuple(texts) for name, texts in values.items()}


def _first_hit(tree: ProcessTree) -> float | None:
    times = [_seconds(tree, process, e) for process in tree.processes for e in process.of("hit")]
    return min(times, default=None)


def _parameters(holders: Sequence[Process]) -> str | None:
    """Return the digest of a run: of several processes, one hash of all their digests."""
    digests = [event["parameters"] for holder in holders for event in holder.of("digest")]
    if len(digests) < 2:
        return digests[0] if digests else None
    return content_id(*digests) if all(digests) else None


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


def _hits(processes: list[list[dict[str, Any]]]) -> int | None:
    """Return the sum of the processes' last counts; None where no process reported any."""
    counts_of_processes = [
        [event["hits"] for event in events if event["event"] in ("hit", "pulse", "end")]
        for events in processes
    ]
    last_counts = [counts[-1] for counts in counts_of_processes if counts]
    return sum(last_counts) if last_counts else None


def _failure(event: dict[str, Any], seconds: float, restore: Restore) -> Failure:
    chain = tuple(
        ChainedError(kind, message, _frames(frames, restore))
        for kind, message, frames in event.get("chain", ())
    )
    frames = _frames(event["frames"], restore)
    return Failure(event["type"], event["message"], frames, seconds, chain)


def _frames(frames: list[list[Any]], restore: Restore) -> tuple[Frame, ...]:
    return tuple(Frame(restore(file), *rest) for file, *rest in frames)


def _work(events: list[dict[str, Any]]) -> dict[str, int]:
    """Return the number of epochs, batches and calls by name, all processes together."""
    return _added(event["counts"] for event in events if event["event"] == "work")


def _added(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Return the sum for each name."""
    sums: dict[str, int] = {}
    for counts_of_process in counts:
        for name, number in counts_of_process.items():
            sums[name] = sums.get(name, 0) + number
    return sums


def _observations(tree: ProcessTree, restore: Restore) -> dict[str, Any]:
    """Return the last value of each name; that of the chosen process, where it has one."""
    observations = {
        event["name"]: change_texts(event["value"], restore)
        for process in [*tree.processes, tree.chosen]
        for event in process.of("observation")
    }
    described = tree.describe()
    if described is not None:
        observations[PROCESSES] = change_texts(described, restore)
    return observations


def _covers(holders: Sequence[Process]) -> dict[str, Any]:
    """Return what digests of parameters cover as an observation; nothing where they do not say."""
    digests = [event for process in holders for event in process.of("digest")]
    read = [event for event in digests if event["parameters"] is not None]
    covers = [cover for event in read for cover in event.get("covers", ())]
    return {COVERS: covers} if covers else {}


def _journals_of_killed(
    journals: Iterable[Path], records: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the numbers of the processes that left a journal and no record."""
    replaced = {record["journal"] for record in records}
    mutants, groups = records[0]["mutants"], len(records[0]["counts"])
    return [_journal(path, groups, mutants) for path in journals if path.name not in replaced]


def _probed(folder: Path, tree: ProcessTree) -> Probed | None:
    """Return the records of all processes together; None where no process wrote any.

    A process that was killed has left its numbers in its journal, and what it read in its events.
    """
    written = {path: json.loads(path.read_text()) for path in sorted(folder.glob("probe-*.json"))}
    if not written:
        return None
    records = list(written.values())
    journals = sorted(folder.glob("probe-*.counts"))
    killed = _journals_of_killed(journals, records)
    main = _record_of(tree.chosen, written)
    everything = [event for process in tree.processes for event in process.events]
    reads = [event["path"] for event in everything if event["event"] == "source_read"]
    defaults = [event["groups"] for event in everything if event["event"] == "defaults_read"]
    return Probed(
        counts=_sums(records + killed, "counts"),
        ended=_sums(records + killed, "ended"),
        defined=tuple(main["defined"]),
        snapshots=tuple(map(tuple, main["snapshots"])),
        differing=_added(record["differing"] for record in records + killed),
        examples={
            mutant: example
            for record in records + killed
            for mutant, example in record["examples"].items()
        },
        read=frozenset(path for record in records for path in record["read"]).union(reads),
        lines=frozenset(
            (event["path"], event["line"]) for event in everything if event["event"] == "line_read"
        ),
        introspected=frozenset(
            group for record in records for group in record["introspected"]
        ).union(*defaults),
        complete=len(journals) >= len(tree.processes),
    )


def _sums(records: Sequence[dict[str, Any]], key: str) -> tuple[int, ...]:
    """Return the sum for each group."""
    return tuple(map(sum, zip(*(record[key] for record in records), strict=True)))


def _journal(path: Path, groups: int, mutants: Sequence[str]) -> dict[str, Any]:
    """Return the numbers that a process left in its journal, as a record has them."""
    numbers = memoryview(path.read_bytes()).cast("Q").tolist()
    differing = zip(mutants, numbers[2 * groups :], strict=True)
    return {
        "counts": numbers[:groups],
        "ended": numbers[groups : 2 * groups],
        "differing": {mutant: number for mutant, number in differing if number},
        "examples": {},
    }


def _record_of(process: Process, written: Mapping[Path, dict[str, Any]]) -> dict[str, Any]:
    """Return the record of a process, or else the one with the most reports."""
    own = [r for path, r in written.items() if path.name.startswith(f"probe-{process.pid}-")]
    return max(own or list(written.values()), key=lambda record: len(record["snapshots"]))


def _stacks(folder: Path, restore: Restore, tree: ProcessTree) -> str:
    """Return the stacks of all threads at a stop or crash, without the agent's own frames.

    The chosen process comes first, and in each process its oldest thread, which is the main one.
    """
    pids = [tree.chosen.pid, *sorted(process.pid for process in tree.processes)]
    dumps = [
        _main_thread_first(path.read_text(errors="replace"))
        for pid in dict.fromkeys(pids)
        for path in sorted(folder.glob(f"stack-{pid}-*.txt"))
    ]
    lines = [line for line in "\n\n".join(dumps).splitlines() if AGENT_FOLDER not in line]
    return restore("\n".join(lines))[:LONGEST_STACK]


def _main_thread_first(dump: str) -> str:
    """Move the last thread to the front: the interpreter prints the oldest one, the main one, last.

    Where many threads wait, the rest is cut off.
    """
    blocks = dump.strip().split("\n\n")
    threads = [block for block in blocks if block.startswith(("Thread 0x", "Current thread 0x"))]
    if len(threads) > 1:
        blocks.remove(threads[-1])
        blocks.insert(blocks.index(threads[0]), threads[-1])
    return "\n\n".join(blocks)


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
