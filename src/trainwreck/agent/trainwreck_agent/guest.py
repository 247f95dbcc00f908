"""The agent in one process, from boot to end."""

import atexit
import builtins
import json
import os
import signal
import sys

from trainwreck_agent import PROTOCOL, REFUSED
from trainwreck_agent.answers import Answers
from trainwreck_agent.command_line import (
    FILE,
    FORK,
    entry_of,
    rank_of,
    without_options,
    words_of_process,
)
from trainwreck_agent.digest import Digest
from trainwreck_agent.early_stop import EarlyStop
from trainwreck_agent.entropy import Entropy
from trainwreck_agent.entry import take_over, without_agent
from trainwreck_agent.events import Events
from trainwreck_agent.failure import describe
from trainwreck_agent.forks import follow_forks
from trainwreck_agent.import_hook import watch_imports
from trainwreck_agent.planting.counter import PHASE, Counter
from trainwreck_agent.planting.overlay import Overlay
from trainwreck_agent.stacks import Stacks
from trainwreck_agent.termination import finish_when_terminated, termination_held_back
from trainwreck_agent.work import Work
from trainwreck_agent.workers import is_pooled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from trainwreck_agent.landmarks import Landmarks
    from trainwreck_agent.line_coverage import LineCoverage
    from trainwreck_agent.probes.probe import Probes
    from trainwreck_agent.protocol import Order
    from trainwreck_agent.sources import Sources
    from trainwreck_agent.stem.stem import Stem

FIRST_PHASE = "import"
LAUNCHER = "launch.py"

current: "Guest | None" = None
"""The guest of this process, for the launcher."""


class Guest:
    """The agent of one process: the order, and everything that was set up for it."""

    def __init__(self, order: "Order") -> None:
        self.order = order
        self.events = Events(order["events"])
        self.counter = Counter(self._report_hit)
        self.digest = Digest()
        self.work = Work()
        self.answers = Answers(self)
        self.early_stop = EarlyStop(self)
        self.probes: "Probes | None" = None
        self.sources: "Sources | None" = None
        self.stem: "Stem | None" = None
        self.landmarks: "Landmarks | None" = None
        self.overlay = Overlay(order["files"], self.events, self.refuse)
        for number in (mark for file in order["files"] for mark, _ in file["counted"]):
            if number is not None:
                self.counter.watch(number, self._report_place)
        self.coverage: "LineCoverage | None" = None
        self.failed = False
        self.digested = False
        self.finished = False
        self.main = False
        self.entry = ("", "")
        self.stacks = Stacks(self.events)
        self._exit = os._exit

    @classmethod
    def from_order(cls, path: str) -> "Guest | None":
        """Read the order file.

        None where it is gone, as for a process that outlived its trial. Another protocol ends the
        process.
        """
        try:
            with open(path, encoding="utf-8") as file:
                order = json.load(file)
        except (OSError, ValueError):
            return None
        guest = cls(order)
        if order.get("protocol") != PROTOCOL:
            guest.refuse(path, "protocol %r is not %r" % (order.get("protocol"), PROTOCOL))
        return guest

    def settle(self) -> None:
        """Set everything up.

        What a valid run needs ends the process where it fails. Any other failure is reported.
        """
        global current
        current = self
        words = words_of_process()
        kind, name = entry_of(words)
        self.main = kind == FILE and os.path.basename(name) == LAUNCHER
        self.entry = entry_of(without_options(words)[1:]) if self.main else (kind, name)
        self._report_start(words)
        self.entropy = Entropy(self.order["seed"], self.order["events"], words, self.main)
        setattr(builtins, PHASE, self.enter_phase)
        self.overlay.install()
        self._start_stem()
        self._start_needed_probes()
        for step in (
            self._stay_on_processors,
            self._watch_network,
            self._watch_sources,
            self._watch_landmarks,
            self._number_forks,
            self._watch_frameworks,
            self._start_coverage,
            self._watch_output,
            self._listen,
            self._follow_forks,
            self._follow_ends,
            self._follow_entry,
        ):
            try:
                step()
            except Exception as error:
                self.trouble(step.__name__.strip("_"), error)

    def refuse(self, path: str, reason: str) -> None:
        """End the process: without the bug in place the run would prove nothing."""
        self.events.write("refused", path=path, reason=reason)
        self._exit(REFUSED)

    def trouble(self, what: str, error: BaseException) -> None:
        """Report something that the agent could not do."""
        self.events.write("trouble", what="%s: %s: %s" % (what, type(error).__name__, error))

    def now(self) -> "dict[str, Any]":
        """Return times and hits up to now, as events carry them."""
        values: "dict[str, Any]" = self.events.times()
        values["hits"] = self.counter.value
        return values

    def enter_phase(self, name: str) -> None:
        """Record the begin of a phase; the program calls this."""
        self.events.write("phase", name=name, **self.now())
        if self.coverage is not None:
            self.coverage.enter(name)

    def begin_training(self) -> None:
        """Note that training begins, where somebody asks; frameworks that count no work say so."""
        if self.landmarks is not None:
            self.landmarks.reach("training")

    def begin_compiled(self) -> None:
        """Note that a function of the program runs that its framework compiles by tracing it."""
        if self.landmarks is not None:
            self.landmarks.reach("compiled")

    def fail(
        self, kind: "type[BaseException]", error: BaseException, trace: "TracebackType | None"
    ) -> None:
        """Record the exception that ends the program."""
        self.failed = True
        values = self.now()
        try:
            values.update(describe(kind, error, trace, self.overlay.path_of))
        except Exception as second:  # The program may hide modules that are needed here.
            self.trouble("failure", second)
            values.update(type=kind.__name__, message="", frames=[], chain=[])
        self.events.write("failure", **values)

    def conclude(self) -> None:
        """Digest the models after the program's last statement, before anything is torn down."""
        if self.digested or self.failed or not self.order["digest"]:
            return
        if is_pooled() or (self.entry[0] == FORK and self.digest.is_empty):
            return
        self.digested = True
        self.events.write("digest", **self.digest.read())

    def finish(self) -> None:
        """Write everything that belongs to the end; a second call has no effect."""
        if self.finished:
            return
        self.finished = True
        values = self.now()
        for step in (
            self.conclude,
            self._write_work,
            self._write_probes,
            self._write_coverage,
            self._write_sources,
            self.answers.stop,
        ):
            try:
                step()
            except Exception as error:
                self.trouble(step.__name__.strip("_"), error)
        self.events.write("end", **values)

    def leave(self, status: int) -> None:
        """End this process at once; the caller has written everything."""
        self._exit(status)

    def _stay_on_processors(self) -> None:
        cpus = self.order["cpus"]
        if cpus and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, cpus)

    def _watch_network(self) -> None:
        if self.order.get("network"):
            from trainwreck_agent.network import Network

            Network(self.events.write)

    def _watch_landmarks(self) -> None:
        if self.order.get("landmarks"):
            from trainwreck_agent.landmarks import Landmarks

            self.landmarks = Landmarks(self)

    def _watch_sources(self) -> None:
        if self.order.get("sources"):
            from trainwreck_agent.sources import Sources

            self.sources = Sources()
            self.sources.watch(os, "urandom", "os.urandom")

    def _write_sources(self) -> None:
        if self.sources is not None:
            self.events.write("observation", name="sources", value=self.sources.read())

    def _number_forks(self) -> None:
        self.entropy.follow_forks()
        self.digest.surround(self.entropy.state)

    def _watch_frameworks(self) -> None:
        watch_imports(self)

    def _start_coverage(self) -> None:
        if self.order["coverage"] is not None:
            from trainwreck_agent.line_coverage import LineCoverage

            self.coverage = LineCoverage(self.order["coverage"])
            self.coverage.enter(FIRST_PHASE)
            if not self.main:
                finish_when_terminated(self)

    def _write_coverage(self) -> None:
        if self.coverage is not None:
            self.coverage.write(self.events)

    def _watch_output(self) -> None:
        if self.order["metrics"]:
            from trainwreck_agent.metric_lines import watch_output

            report = self.early_stop.report
            if self.order.get("watchers"):
                from trainwreck_agent.watchers import Watchers

                report = Watchers(self, report).report
            watch_output(self.order["metrics"], report)

    def _start_needed_probes(self) -> None:
        try:
            self._start_probes()
        except Exception as error:  # Without probes, every mutant would seem to change nothing.
            self.refuse("", "the probes do not start: %s: %s" % (type(error).__name__, error))

    def _start_probes(self) -> None:
        """Define the builtins that the text of a probed file calls."""
        if self.order["probes"] is None:
            return
        from trainwreck_agent.probes.probe import Probes
        from trainwreck_agent.probes.readers import watch_readers

        self.probes = Probes(self.order["probes"], self.events)
        for name, function in self.probes.builtins().items():
            setattr(builtins, name, function)
        watch_readers(self.probes, self.overlay.paths(), self.overlay)
        if not self.main:
            finish_when_terminated(self)

    def _start_stem(self) -> None:
        """Define the names that the text of a stem reads."""
        if self.order.get("stem"):
            from trainwreck_agent.stem.stem import Stem

            self.stem = Stem(self)

    def own_descriptors(self) -> "tuple[int, int]":
        """Return the descriptors of the agent's own files."""
        return self.events.descriptor, self.stacks.descriptor

    def go_on_as(self, order: "Order") -> None:
        """Follow another order, in the child of a stem: all that has happened counts.

        OSError or ValueError where that is not possible.
        """
        self.order = order
        start, lines = self.events.move(order["events"])
        start.update(pid=os.getpid(), parent=os.getppid(), began=self.events.started)
        self.events.write(**start)
        self.events.append(lines)
        self.digest.go_on()
        self.stacks.go_on(self._takes_signals())
        self.overlay.go_on_with(order["files"])

    def _write_probes(self) -> None:
        if self.probes is not None:
            self.probes.write(self.events)

    def _write_work(self) -> None:
        work = self.work.read()
        if work:
            self.events.write("work", counts=work)

    def _listen(self) -> None:
        self.stacks.begin()
        if hasattr(signal, "SIGUSR1") and self._takes_signals():
            self.stacks.listen()
            signal.signal(signal.SIGUSR1, self._pulse)
            # Otherwise a request would interrupt the system calls of the program's libraries.
            signal.siginterrupt(signal.SIGUSR1, False)
            self.answers.listen()

    def _takes_signals(self) -> bool:
        return self.order.get("signals", True)

    def _report_place(self, number: int) -> None:
        self.events.write("observation", name="place %d" % number, value=True)

    def _report_hit(self) -> None:
        self.events.write("hit", **self.now())

    def _pulse(self, _number: int, _frame: object) -> None:
        self.events.write("pulse", **self.now())

    def _follow_forks(self) -> None:
        follow_forks(self.entropy, self._start_child)

    def _start_child(self) -> None:
        """Make a forked child count from zero, write its own file, and digest its own models."""
        self.digested = False
        self.failed = False
        self.finished = False
        self.main = False
        self.entry = (FORK, "")
        self.digest.restart()
        self.counter.restart()
        self.early_stop.restart()
        try:
            self.stacks.go_on_in_child(self._takes_signals())
        except (OSError, RuntimeError) as error:
            self.trouble("stacks of a forked child", error)
        self.work.restart()
        self.answers.restart()
        if self.coverage is None and self.probes is None:
            self._report_start(["(fork)"])
            return
        with termination_held_back():
            if self.probes is not None:
                self.probes.restart()
            finish_when_terminated(self)
            self._report_start(["(fork)"])

    def _report_start(self, command: "list[str]") -> None:
        self.events.write(
            "start",
            pid=os.getpid(),
            parent=os.getppid(),
            python=sys.version.split()[0],
            argv=command,
            main=self.main,
            entry=list(self.entry),
            path=os.path.realpath(self.entry[1]) if self.entry[0] == FILE else "",
            rank=rank_of(os.environ),
            began=self.events.started,
        )

    def _follow_entry(self) -> None:
        if not self.main:  # The launcher runs the entry itself.
            take_over(self.entry[0], self.entry[1], self)

    def _follow_ends(self) -> None:
        atexit.register(self.finish)

        def exit_and_finish(status: int) -> None:
            try:
                self.finish()
            finally:
                self._exit(status)

        # `os._exit`, as after a fork, runs no exit handler.
        os._exit = exit_and_finish  # type: ignore[assignment]
        previous = sys.excepthook

        def report_and_hook(
            kind: "type[BaseException]", error: BaseException, trace: "TracebackType | None"
        ) -> None:
            if not self.failed:
                try:
                    self.fail(kind, error, trace)
                except Exception as second:  # The program may call the hook with anything.
                    self.failed = False
                    self.trouble("failure", second)
            if isinstance(error, KeyboardInterrupt):  # The interpreter has caught it, not `watch`.
                trace = without_agent(trace)
                error = error.with_traceback(trace)
            self.overlay.shown.print_by(previous, kind, error, trace)

        sys.excepthook = report_and_hook
