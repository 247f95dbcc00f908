"""The Python processes of one run: which of them is the subject's, and how the run failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from trainwreck.model.second_hand import is_echo, is_exit_code, is_of_peer
from trainwreck.run.agent_events import (
    Digested,
    Event,
    Failed,
    Moment,
    PhaseBegan,
    Reported,
    Start,
)

Kind = TypeVar("Kind", bound=Event)
NO_START = Start()

STARTED_BY_COMMAND = frozenset(["file", "module"])
SPAWNED = "import spawn_main;"
"""The code of a child of `multiprocessing`; the rest of it has numbers of open files."""


@dataclass(frozen=True)
class Process:
    """One process with its events, in order; ``app`` is the folder of the program."""

    events: Sequence[Event]
    app: Path

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @cached_property
    def start(self) -> Start:
        """Return the event ``start``; ``NO_START`` where the process was ended before it."""
        return next(iter(self.of(Start)), NO_START)

    @property
    def has_started(self) -> bool:
        """Return whether the agent has reported the start of the process."""
        return self.start is not NO_START

    @property
    def pid(self) -> int:
        """Return the process id, 0 where it is not known."""
        return self.start.pid

    @property
    def is_root(self) -> bool:
        """Return whether trainwreck started this process itself."""
        return self.start.main

    @property
    def entry(self) -> tuple[str, str]:
        """Return what the process runs: a kind (file, module, code, fork, spawn …) and a name."""
        kind, name = self.start.entry
        return ("spawn", "") if kind == "code" and SPAWNED in name else (kind, name)

    @property
    def is_command(self) -> bool:
        """Return whether the process runs a command of its own, unlike a worker."""
        return self.is_root or self.entry[0] in STARTED_BY_COMMAND

    @property
    def began(self) -> float:
        """Return when the clock of its events was zero, in seconds, on the machine's clock."""
        return self.start.began

    @property
    def rank(self) -> int | None:
        """Return the number that its launcher gave it, None where it gave none."""
        return self.start.rank

    @property
    def models(self) -> int:
        """Return the number of models in its digest."""
        return sum(event.models for event in self.of(Digested))

    @property
    def cpu_seconds(self) -> float:
        """Return its processor seconds at its last event."""
        return max((event.cpu for event in self.of(Moment)), default=0.0)

    @property
    def evidence(self) -> tuple[bool, bool, bool, bool, bool]:
        """Return what speaks for the subject's own process, the strongest first."""
        return (
            bool(self.of(Reported)),
            bool(self.models),
            bool(self.of(PhaseBegan)),
            self.is_command,
            self.is_command and self._runs_own_code,
        )

    @property
    def _runs_own_code(self) -> bool:
        """Return whether it runs a file of the program's, not a launcher of a library."""
        kind, name = self.entry
        if kind not in STARTED_BY_COMMAND:
            return True
        if kind == "file":
            return Path(self.start.path).is_relative_to(self.app)
        module = self.app.joinpath(*name.split("."))
        return module.is_dir() or module.with_suffix(".py").is_file()

    @property
    def order(self) -> tuple[Any, ...]:
        """Return a key to order processes by that depends on no process id."""
        argv = () if self.entry[0] == "spawn" else self.start.argv
        return (self.rank is None, self.rank or 0, not self.is_root, argv, self.began)


@dataclass(frozen=True)
class ProcessTree:
    """All processes of one run that started Python, the agent's record of each."""

    processes: tuple[Process, ...]

    @cached_property
    def root(self) -> Process:
        """Return the process that trainwreck started; one without events where none began."""
        return next((p for p in self.processes if p.is_root), Process((), Path()))

    @cached_property
    def chosen(self) -> Process:
        """Return the process whose facts count as the run's.

        Of processes with equal evidence it is the one whose command used most processor time, and
        of several with one command the one with the lowest rank.
        """
        started = [process for process in self.processes if process.has_started]
        if not started:
            return self.root
        best = max(process.evidence for process in started)
        equal = [process for process in started if process.evidence == best]
        used: dict[tuple[str, str], float] = {}
        for process in equal:
            used[process.entry] = used.get(process.entry, 0.0) + process.cpu_seconds
        entry = max(used, key=lambda entry: used[entry])
        return min((p for p in equal if p.entry == entry), key=lambda process: process.order)

    @cached_property
    def peers(self) -> tuple[Process, ...]:
        """Return the processes that run what the chosen one runs, ordered by rank."""
        chosen = self.chosen
        if not chosen.is_command:
            return (chosen,)
        alike = [p for p in self.processes if p.has_started and p.entry == chosen.entry]
        return tuple(sorted(alike, key=lambda process: process.order))

    @cached_property
    def ranks(self) -> int:
        """Return how many processes train together: peers with a number each, otherwise 1."""
        return max(1, len({process.rank for process in self.peers if process.rank is not None}))

    @cached_property
    def holders(self) -> tuple[Process, ...]:
        """Return the processes whose digests make up that of the run, in an order without ids.

        They are those with a command of their own. Workers count only where no other process
        holds models: a worker that imports the program again may have models without training them.
        """
        with_models = [process for process in self.processes if process.models]
        commands = [process for process in with_models if process.is_command]
        return tuple(sorted(commands or with_models, key=_by_digest))

    @cached_property
    def failure(self) -> tuple[Process, Failed] | None:
        """Return the failure that ended the run, with its process; None where there was none.

        It is the earliest one of the processes that do the subject's work. What a process raises
        because another one failed before counts only where no other failure is known.
        """
        own = _failures([self.root])
        until = own[0][0] if own else float("inf")
        worked = [f for f in _failures(self.peers) if f[0] <= until]
        if own and _is_echo(own[0][2]):
            worked = worked if self.root not in self.peers else []
            others = [p for p in self.processes if p is not self.root]
            worked = worked or [f for f in _failures(others) if f[0] <= until]
        blamed = [f for f in worked if not is_of_peer(f[2].type, f[2].message)] or worked or own
        return blamed[0][1:] if blamed else None

    def describe(self) -> dict[str, Any] | None:
        """Return an observation of the tree; None where the root alone does the work."""
        if self.chosen is self.root and self.ranks == 1:
            return None
        chosen = self.chosen
        names = ("metrics", "models", "phases")
        return {
            "python": len(self.processes),
            "ranks": self.ranks,
            "chosen": " ".join(["-m"] * (chosen.entry[0] == "module") + [chosen.entry[1]]).strip(),
            "kind": chosen.entry[0],
            "rank": chosen.rank,
            "why": [name for name, has in zip(names, chosen.evidence, strict=False) if has],
        }


Failure = tuple[float, Process, Failed]


def _failures(processes: Sequence[Process]) -> list[Failure]:
    """Return the failures of processes with their times, the earliest first."""
    failures = [(p.began + event.wall, p, event) for p in processes for event in p.of(Failed)]
    return sorted(failures, key=lambda failed: failed[0])


def _is_echo(failure: Failed) -> bool:
    """Return whether a process reports by its failure that one that it started has failed."""
    if failure.type == "SystemExit":
        return is_exit_code(failure.type, failure.message)
    return is_echo([failure.type, *(kind for kind, _, _ in failure.chain)])


def _by_digest(process: Process) -> tuple[Any, ...]:
    return (*process.order[:4], [event.parameters or "" for event in process.of(Digested)])
