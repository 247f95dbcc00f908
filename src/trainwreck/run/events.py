"""Reads the events that the agent wrote during one run."""

import fnmatch
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
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
    Rule,
    change_texts,
    content_id,
)
from trainwreck.run.agent_events import (
    LARGEST_NUMBER,
    Digested,
    End,
    Event,
    EventFile,
    FrameFields,
    Hit,
    Moment,
    Observed,
    PhaseBegan,
    Planted,
    Pulse,
    Refused,
    Reported,
    Settled,
    StatedFrameFields,
    Trouble,
    Worked,
    read_event_file,
)
from trainwreck.run.agent_records import Probed, RecordReader, added
from trainwreck.run.instructions import NO_INSTRUCTIONS, Horizon, Instructions
from trainwreck.run.plain_files import names_in, read_plain_file
from trainwreck.run.processes import Process, ProcessTree

Restore = Callable[[str], str]
"""Turns paths of the trial's copies into the subject's own."""

AGENT_FOLDER = "trainwreck_agent"
LONGEST_STACK = 20_000
LARGEST_STACK = 4 << 20
MOST_PROCESSES = 5_000
"""Processes of one run whose events are read."""
LARGEST_EVENTS = 128 << 20
"""Bytes of the events of one run, all processes together."""
MOST_PHASES = 1_000
"""Phases of a run that are kept; a program that marks a phase in a loop has many more."""
MOST_UNKNOWN, LONGEST_NAME = 20, 40


@dataclass(frozen=True, slots=True)
class Events:
    """The agent's events of one run; a run that ends early leaves fields empty.

    ``refused`` is the reason why the agent planted nothing. ``hits`` is the number of evaluations
    of the mutated code, None where it is unknown. ``parameters`` and ``checkpoint`` are hashes, at
    the end and at the first report. ``covered`` maps phase and path to executed lines.
    ``first_hit`` is in seconds since the first process started. ``settled`` is the rule that ended
    the run early. ``steps`` are the values of the chosen process where several ranks print some,
    whose lines come in any order; None where all that was printed counts. ``damage`` are what the
    agent cannot have written: the program has changed its files, and nothing in them proves much.
    """

    started: bool
    refused: str
    planted: bool
    hits: int | None
    phases: tuple[PhaseTime, ...]
    failure: Failure | None
    parameters: str | None
    troubles: tuple[str, ...]
    reports: tuple[Report, ...]
    checkpoint: str | None
    work: dict[str, int]
    first_hit: float | None
    settled: str
    observations: dict[str, Any]
    stack: str = ""
    covered: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    probed: Probed | None = None
    steps: dict[str, tuple[str, ...]] | None = None
    damage: tuple[str, ...] = ()


def read_events(
    folder: Path,
    restore: Restore,
    app: Path,
    instructions: Instructions = NO_INSTRUCTIONS,
    measured: bool = False,
) -> Events:
    """Read the events of a run, whatever the program has done to them.

    Args:
        folder: the folder with the files of all processes.
        restore: applied to paths and stacks.
        app: the folder of the program in this trial.
        instructions: those that the agent had: it ends no run early and counts no probe without.
        measured: whether the agent had to measure the executed lines.

    """
    files = _event_files(folder)
    tree = ProcessTree(tuple(Process(file.events, app) for file in files))
    told = _told(files, tree, restore)
    damage = [text for file in files for text in file.damage]
    damage += _wrong_end(tree, told.settled, instructions.horizon)
    reader = RecordReader(folder)
    return replace(
        told,
        stack=_stacks(folder, restore, tree),
        covered=reader.covered() if measured else {},
        probed=reader.probed(tree) if instructions.probed else None,
        settled="" if damage else told.settled,
        troubles=(*told.troubles, *reader.problems),
        damage=tuple(damage),
    )


def _told(files: Sequence[EventFile], tree: ProcessTree, restore: Restore) -> Events:
    """Return what the processes of a run say themselves in their files of events."""
    everything = [event for file in files for event in file.events]
    return Events(
        started=tree.root.has_started,
        refused=next((e.reason for e in everything if isinstance(e, Refused)), ""),
        planted=any(isinstance(event, Planted) for event in everything),
        hits=_hits(file.events for file in files),
        phases=_phases(tree),
        failure=_failure(tree, restore),
        parameters=_parameters(tree.holders),
        troubles=tuple(_troubles(files)),
        reports=_reports(tree),
        checkpoint=next((event.checkpoint for event in tree.chosen.of(Reported)), None),
        work=_work(everything),
        first_hit=_first_hit(tree),
        settled=next((event.rule for event in tree.root.of(Settled)), ""),
        observations=_observations(tree, restore) | _covers(tree.holders),
        steps=_steps(tree),
    )


def _troubles(files: Sequence[EventFile]) -> Iterator[str]:
    """Yield what the agents could not do, and what is unknown of their events."""
    for file in files:
        yield from (event.what for event in file.events if isinstance(event, Trouble))
    yield from _unknown(files)


def _reports(tree: ProcessTree) -> tuple[Report, ...]:
    chosen = tree.chosen
    return tuple(
        Report(event.metrics, _seconds(tree, chosen, event), event.cpu, event.hits)
        for event in chosen.of(Reported)
    )


def _event_files(folder: Path) -> list[EventFile]:
    """Read the event file of every process, up to a number and a size of all together."""
    names = [name for name in names_in(folder) if fnmatch.fnmatchcase(name, "events-*.jsonl")]
    files, size = [], 0
    for name in names[:MOST_PROCESSES]:
        if size > LARGEST_EVENTS:
            break
        files.append(read_event_file(folder / name))
        size += files[-1].size
    if len(files) < len(names):
        problem = f"events of {len(names)} processes, too many or too long to be read"
        files.append(EventFile(damage=[problem]))
    return files


def _unknown(files: Iterable[EventFile]) -> Iterator[str]:
    """Yield the number of events of each name that this version does not know."""
    numbers = Counter(name for file in files for name in file.unknown)
    for name, number in sorted(numbers.items())[:MOST_UNKNOWN]:
        yield f"events of an unknown kind: {number} of {name[:LONGEST_NAME]!r}"


def _wrong_end(tree: ProcessTree, rule: str, horizon: Horizon | None) -> tuple[str, ...]:
    """Return why an end by a rule is none of the agent's; nothing where it is, or there is none.

    The agent ends only the program itself, at its first report, in a state that the order names.
    """
    if any(process.of(Settled) for process in tree.processes if process is not tree.root):
        return ("another process than the program's own claims to have ended the run early",)
    if not rule:
        return ()
    if horizon is None or rule != Rule.TOGETHER:
        return (f"the run claims to have been ended by the rule {rule!r}, which was not asked for",)
    reports = tree.root.of(Reported)
    if len(reports) != 1:
        return ("the run claims to have been ended early, but not at its first report",)
    if reports[0].hits != horizon.hits or reports[0].checkpoint not in horizon.checkpoints:
        return ("the run claims to have been ended early, in a state that was not asked for",)
    return ()


def _phases(tree: ProcessTree) -> tuple[PhaseTime, ...]:
    """Return the phases of the chosen process: the first ones and the last, if there are many."""
    began = tree.chosen.of(PhaseBegan)
    kept = began if len(began) <= MOST_PHASES else [*began[: MOST_PHASES - 1], began[-1]]
    return tuple(PhaseTime(e.name, _seconds(tree, tree.chosen, e), e.cpu, e.hits) for e in kept)


def _seconds(tree: ProcessTree, process: Process, event: Moment) -> float:
    """Return when an event was, in seconds since the run's first process began."""
    begun_later = process.began - tree.root.began if process is not tree.root else 0.0
    return event.wall + begun_later


def _steps(tree: ProcessTree) -> dict[str, tuple[str, ...]] | None:
    """Return the values that one of several ranks printed, by metric."""
    if sum(bool(process.of(Reported)) for process in tree.peers) < 2 or tree.ranks < 2:
        return None
    values: dict[str, list[str]] = {}
    for report in tree.chosen.of(Reported):
        for name, text in zip(report.metrics, report.values, strict=True):
            values.setdefault(name, []).append(text)
    return {name: tuple(texts) for name, texts in values.items()}


def _first_hit(tree: ProcessTree) -> float | None:
    times = [_seconds(tree, process, e) for process in tree.processes for e in process.of(Hit)]
    return min(times, default=None)


def _parameters(holders: Sequence[Process]) -> str | None:
    """Return the digest of a run: of several processes, one hash of all their digests."""
    digests = [event.parameters for holder in holders for event in holder.of(Digested)]
    if len(digests) < 2:
        return digests[0] if digests else None
    return content_id(*digests) if all(digests) else None


def agent_has_started(folder: Path, pid: int) -> bool:
    """Return whether the agent of process ``pid`` has reported its start."""
    names = [name for name in names_in(folder) if name.startswith(f"events-{pid}-")]
    return any(read_event_file(folder / name).events for name in names)


def _hits(processes: Iterable[Sequence[Event]]) -> int | None:
    """Return the sum of the processes' last counts; None where no process reported any."""
    counts_of_processes = [
        [event.hits for event in events if isinstance(event, Hit | Pulse | End)]
        for events in processes
    ]
    last_counts = [counts[-1] for counts in counts_of_processes if counts]
    return min(sum(last_counts), LARGEST_NUMBER) if last_counts else None


def _failure(tree: ProcessTree, restore: Restore) -> Failure | None:
    failed = tree.failure
    if failed is None:
        return None
    process, event = failed
    chain = tuple(
        ChainedError(kind, message, _frames(frames, restore))
        for kind, message, frames in event.chain
    )
    seconds = _seconds(tree, process, event)
    return Failure(event.type, event.message, _frames(event.frames, restore), seconds, chain)


def _frames(
    frames: Iterable[FrameFields | StatedFrameFields], restore: Restore
) -> tuple[Frame, ...]:
    return tuple(Frame(restore(frame[0]), *frame[1:]) for frame in frames)


def _work(events: Iterable[Event]) -> dict[str, int]:
    """Return the number of epochs, batches and calls by name, all processes together."""
    return added(event.counts for event in events if isinstance(event, Worked))


def _observations(tree: ProcessTree, restore: Restore) -> dict[str, Any]:
    """Return the last value of each name; that of the chosen process, where it has one."""
    observations = {
        event.name: change_texts(event.value, restore)
        for process in [*tree.processes, tree.chosen]
        for event in process.of(Observed)
    }
    described = tree.describe()
    if described is not None:
        observations[PROCESSES] = change_texts(described, restore)
    return observations


def _covers(holders: Sequence[Process]) -> dict[str, Any]:
    """Return what digests of parameters cover as an observation; nothing where they do not say."""
    digests = [event for process in holders for event in process.of(Digested)]
    read = [event for event in digests if event.parameters is not None]
    covers = [cover for event in read for cover in event.covers]
    return {COVERS: covers} if covers else {}


def _stacks(folder: Path, restore: Restore, tree: ProcessTree) -> str:
    """Return the stacks of all threads at a stop or crash, without the agent's own frames.

    The chosen process comes first, and in each process its oldest thread, which is the main one.
    """
    pids = [tree.chosen.pid, *sorted(process.pid for process in tree.processes)]
    dumps = [
        _main_thread_first(text)
        for pid in dict.fromkeys(pids)
        for text in _texts(folder, f"stack-{pid}-*.txt")
    ]
    lines = [line for line in "\n\n".join(dumps).splitlines() if AGENT_FOLDER not in line]
    return restore("\n".join(lines))[:LONGEST_STACK]


def _texts(folder: Path, pattern: str) -> Iterator[str]:
    """Yield the head of each file of the agent whose name matches and that can be read."""
    for name in fnmatch.filter(names_in(folder), pattern):
        with suppress(OSError):
            yield read_plain_file(folder / name, LARGEST_STACK).decode("utf-8", "replace")


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
