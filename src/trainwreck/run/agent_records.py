"""Reads the records of executed lines and of probes that the agent wrote at the end of a run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import filter as matching
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from trainwreck.model import mutant_of_unread, mutant_of_whole, whole_key
from trainwreck.run.agent_events import Count, DefaultsRead, LineRead, Seconds, SourceRead
from trainwreck.run.plain_files import names_in, read_plain_file
from trainwreck.run.processes import Process, ProcessTree

LARGEST_RECORD = 256 << 20
"""Bytes of one record; that of a large library has some millions."""


@dataclass(frozen=True, slots=True)
class Probed:
    """The records of the probes of one run, all processes together.

    Each list of numbers has one for each group. ``counts`` are the evaluations, ``ended`` those
    that completed; ``snapshots`` are the counts at each report. ``defined`` counts how often each
    default was evaluated before the first report, or in all without one. ``differing`` and
    ``examples`` are by mutant id. ``read`` are the files whose source the program read, ``lines``
    single lines of others that it read, as paths and numbers. ``introspected`` are the groups
    whose default it read. ``complete`` is false where the records of a process are missing.
    ``firsts`` are the groups in the order of their first evaluations in the main process, each with
    the number of threads that it had then, and the processor seconds that it had used.
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
    firsts: tuple[tuple[int, int, float], ...] = ()


class ProbeRecord(Struct):
    """The record of the probes of one process; see ``PROTOCOL.md``."""

    counts: tuple[Count, ...]
    ended: tuple[Count, ...]
    defined: tuple[Count, ...] = ()
    snapshots: tuple[tuple[Count, ...], ...] = ()
    differing: dict[str, Count] = {}
    examples: dict[str, str] = {}
    read: tuple[str, ...] = ()
    introspected: tuple[Count, ...] = ()
    mutants: tuple[str, ...] = ()
    journal: str = ""
    firsts: tuple[tuple[Count, Count, Seconds], ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError where the lists are not of the same groups."""
        groups = len(self.counts)
        others = [self.ended, *([self.defined] if self.defined else []), *self.snapshots]
        if any(len(other) != groups for other in others):
            raise ValueError("a record of probes with lists of several lengths")
        if any(group >= groups for group, *_ in self.firsts):
            raise ValueError("a record of probes with unknown groups")


def same_wholes(probed: Probed, groups: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the mutants whose whole expression never differed, as `SAME_WHOLE` describes.

    An evaluation that an exception ended may have differed.
    """
    if not probed.complete:
        return {}
    return {
        mutant: probed.ended[number]
        for number, group in enumerate(groups)
        if group["kind"] == "whole" and probed.counts[number] == probed.ended[number]
        for mutant in map(mutant_of_whole, group["mutants"])
        if not probed.differing.get(whole_key(mutant))
    }


def unread_constants(probed: Probed, groups: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the mutants whose constant is stored and never read, as `UNREAD` describes."""
    if not probed.complete:
        return {}
    return {
        mutant_of_unread(key): probed.counts[number]
        for number, group in enumerate(groups)
        if group["kind"] == "unread" and probed.counts[number]
        for key in group["mutants"]
        if not probed.differing.get(key)
    }


def joint_counts(probed: Probed, groups: Iterable[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """Return each mutant's evaluations in a joint run, and those by the first report.

    Nothing where the records of a process are missing.
    """
    if not probed.complete:
        return {}
    early = probed.snapshots[0] if probed.snapshots else probed.counts
    return {
        mutant: (probed.counts[number], early[number])
        for number, group in enumerate(groups)
        for mutant in group["mutants"]
    }


CoverageRecord = dict[str, dict[str, tuple[Count, ...]]]
"""The executed lines by phase and path."""


@dataclass
class RecordReader:
    """Reads the records in a folder; ``problems`` are those that could not be read."""

    folder: Path
    problems: list[str] = field(default_factory=list)

    def covered(self) -> dict[str, dict[str, list[int]]]:
        """Return the executed lines by phase and path, all processes together."""
        line_sets: dict[str, dict[str, set[int]]] = {}
        for record in self._records("coverage-*.json", CoverageRecord).values():
            for phase, files in record.items():
                for file, lines in files.items():
                    line_sets.setdefault(phase, {}).setdefault(file, set()).update(lines)
        return {
            phase: {file: sorted(lines) for file, lines in files.items()}
            for phase, files in line_sets.items()
        }

    def probed(self, tree: ProcessTree) -> Probed | None:
        """Return the records of all processes together; None where no process wrote any.

        A process that was killed has left its numbers in its journal, and what it read in its
        events.
        """
        written = self._records("probe-*.json", ProbeRecord)
        if not written:
            return None
        first, *_ = records = list(written.values())
        journals = matching(names_in(self.folder), "probe-*.counts")
        replaced = {record.journal for record in records}
        records += self._journals(journals, replaced, first)
        if len({len(record.counts) for record in records}) > 1:
            self.problems.append("the records of the processes are about different probes")
            return None
        main = _record_of(tree.chosen, written)
        everything = [event for process in tree.processes for event in process.events]
        defaults = [event.groups for event in everything if isinstance(event, DefaultsRead)]
        return Probed(
            counts=_sums(record.counts for record in records),
            ended=_sums(record.ended for record in records),
            defined=main.defined,
            snapshots=main.snapshots,
            differing=added(record.differing for record in records),
            examples={
                mutant: example for record in records for mutant, example in record.examples.items()
            },
            read=frozenset(path for record in records for path in record.read).union(
                event.path for event in everything if isinstance(event, SourceRead)
            ),
            lines=frozenset(
                (event.path, event.line) for event in everything if isinstance(event, LineRead)
            ),
            introspected=frozenset(
                group for record in records for group in record.introspected
            ).union(*defaults),
            complete=len(journals) >= len(tree.processes) and not self.problems,
            firsts=_firsts(tree, written),
        )

    def _records(self, pattern: str, kind: Any) -> dict[str, Any]:
        """Return the records whose names match, by name."""
        records = {}
        for name in matching(names_in(self.folder), pattern):
            try:
                content = read_plain_file(self.folder / name, LARGEST_RECORD)
                records[name] = msgspec.json.decode(content, type=kind)
            except (OSError, ValueError, RecursionError) as error:
                self.problems.append(f"{name}: {error}")
        return records

    def _journals(
        self, names: Iterable[str], replaced: Iterable[str], like: ProbeRecord
    ) -> Iterator[ProbeRecord]:
        """Yield the numbers of each process that was killed, as a record has them."""
        for name in sorted(set(names).difference(replaced)):
            try:
                yield _journal(read_plain_file(self.folder / name, LARGEST_RECORD), like)
            except (OSError, ValueError, TypeError) as error:
                self.problems.append(f"{name}: {error}")


def added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the sum for each name."""
    sums: dict[str, int] = {}
    for counts_of_process in counts:
        for name, number in counts_of_process.items():
            sums[name] = sums.get(name, 0) + number
    return sums


def _sums(counts: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """Return the sum for each group."""
    return tuple(map(sum, zip(*counts, strict=True)))


def _journal(content: bytes, like: ProbeRecord) -> ProbeRecord:
    """Return the numbers of a journal. Raises ValueError or TypeError for other content."""
    numbers, groups = memoryview(content).cast("Q").tolist(), len(like.counts)
    differing = zip(like.mutants, numbers[2 * groups :], strict=True)
    return ProbeRecord(
        counts=tuple(numbers[:groups]),
        ended=tuple(numbers[groups : 2 * groups]),
        differing={mutant: number for mutant, number in differing if number},
    )


def _record_of(process: Process, written: Mapping[str, ProbeRecord]) -> ProbeRecord:
    """Return the record of a process, or else the one with the most reports."""
    own = _own_records(process, written)
    return max(own or list(written.values()), key=lambda record: len(record.snapshots))


def _firsts(
    tree: ProcessTree, written: Mapping[str, ProbeRecord]
) -> tuple[tuple[int, int, float], ...]:
    """Return the first evaluations in the program's first process, which alone can be a stem."""
    firsts = [
        record.firsts
        for process in tree.processes
        if process.is_root
        for record in _own_records(process, written)
    ]
    return firsts[0] if len(firsts) == 1 else ()


def _own_records(process: Process, written: Mapping[str, ProbeRecord]) -> list[ProbeRecord]:
    return [record for name, record in written.items() if name.startswith(f"probe-{process.pid}-")]
