"""What the guest does in one process, from boot to end."""

import atexit
import builtins
import faulthandler
import json
import os
import random
import signal
import sys

from trainwreck_agent import PROTOCOL, REFUSED
from trainwreck_agent.counter import PHASE, Counter
from trainwreck_agent.digest import Digest
from trainwreck_agent.early import Early
from trainwreck_agent.events import Events
from trainwreck_agent.failure import describe
from trainwreck_agent.overlay import Overlay
from trainwreck_agent.terminated import finish_when_terminated, termination_held_back
from trainwreck_agent.watch import watch_imports
from trainwreck_agent.work import Work

FIRST_PHASE = "import"
LAUNCHER = "launch.py"

current = None
"""The guest of this process, for the launcher."""


class Guest:
    """Holds the order and everything that was set up for it."""

    def __init__(self, order):
        self.order = order
        self.events = Events(order["events"])
        self.counter = Counter(self._tell_hit)
        self.digest = Digest()
        self.work = Work()
        self.early = Early(self)
        self.probes = None
        self.overlay = Overlay(order["files"], self.events, self.refuse)
        self.coverage = None
        self.failed = False
        self.digested = False
        self.finished = False
        self.main = False
        self._exit = os._exit

    @classmethod
    def from_order(cls, path):
        """Read the order file; None where it is gone, as for a process that outlived its trial."""
        try:
            with open(path, encoding="utf-8") as file:
                order = json.load(file)
        except (OSError, ValueError):
            return None
        guest = cls(order)
        if order.get("protocol") != PROTOCOL:
            guest.refuse(path, "protocol %r is not %r" % (order.get("protocol"), PROTOCOL))
        return guest

    def settle(self):
        """Set everything up. What must not fail refuses; what may fail is reported."""
        global current
        current = self
        script = self._script()
        self.main = bool(script) and os.path.basename(script[0]) == LAUNCHER
        self._tell_start(script)
        setattr(builtins, PHASE, self.enter_phase)
        self.overlay.install()
        self._start_probes()
        for step in (
            self._stay_on_processor,
            self._seed,
            self._watch_frameworks,
            self._start_coverage,
            self._watch_output,
            self._listen,
            self._follow_forks,
            self._follow_ends,
        ):
            try:
                step()
            except Exception as error:
                self.trouble(step.__name__.strip("_"), error)

    def refuse(self, path, reason):
        """The bug cannot be planted, and a run without it would prove nothing: end at once."""
        self.events.write("refused", path=path, reason=reason)
        self._exit(REFUSED)

    def trouble(self, what, error):
        """Report what the guest could not do."""
        self.events.write("trouble", what="%s: %s: %s" % (what, type(error).__name__, error))

    def now(self):
        """Times and hits so far, as events carry them."""
        values = self.events.times()
        values["hits"] = self.counter.value
        return values

    def enter_phase(self, name):
        """Called by the program where a phase begins."""
        self.events.write("phase", name=name, **self.now())
        if self.coverage is not None:
            self.coverage.enter(name)

    def fail(self, kind, error, trace):
        """The exception that ends the program."""
        self.failed = True
        values = self.now()
        values.update(describe(kind, error, trace))
        self.events.write("failure", **values)

    def conclude(self):
        """Digest the models as soon as the program is through, before anything is torn down."""
        if self.digested or self.failed or not self.order["digest"]:
            return
        self.digested = True
        self.events.write("digest", **self.digest.read())

    def finish(self):
        """Everything that is written at the end; safe to call more than once."""
        if self.finished:
            return
        self.finished = True
        values = self.now()
        for step in (self.conclude, self._write_work, self._write_probes, self._write_coverage):
            try:
                step()
            except Exception as error:
                self.trouble(step.__name__.strip("_"), error)
        self.events.write("end", **values)

    def leave(self, status):
        """End this process at once; everything must be written by then."""
        self._exit(status)

    def _script(self):
        """The command line as far as Python shows it this early."""
        if hasattr(sys, "orig_argv"):
            return sys.orig_argv[1:]
        try:
            with open("/proc/self/cmdline", "rb") as file:
                words = file.read().decode("utf-8", "replace").split("\0")
            return words[1:-1]
        except OSError:
            return []

    def _stay_on_processor(self):
        cpu = self.order["cpu"]
        if cpu is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {cpu})

    def _seed(self):
        random.seed(self.order["seed"])

    def _watch_frameworks(self):
        watch_imports(self)

    def _start_coverage(self):
        if self.order["coverage"] is not None:
            from trainwreck_agent.executed import Executed

            self.coverage = Executed(self.order["coverage"])
            self.coverage.enter(FIRST_PHASE)
            if not self.main:
                finish_when_terminated(self)

    def _write_coverage(self):
        if self.coverage is not None:
            self.coverage.write(self.events)

    def _watch_output(self):
        if self.main and self.order["metrics"]:
            from trainwreck_agent.reports import watch_output

            watch_output(self.order["metrics"], self.early.report)

    def _start_probes(self):
        """A probed file's text calls these builtins, so they must be there."""
        if self.order["probes"] is None:
            return
        from trainwreck_agent.probe import Probes
        from trainwreck_agent.readers import watch_readers

        self.probes = Probes(self.order["probes"])
        for name, function in self.probes.builtins().items():
            setattr(builtins, name, function)
        watch_readers(self.probes, self.overlay.paths(), self.overlay)
        if not self.main:
            finish_when_terminated(self)

    def _write_probes(self):
        if self.probes is not None:
            self.probes.write(self.events)

    def _write_work(self):
        work = self.work.read()
        if work:
            self.events.write("work", counts=work)

    def _listen(self):
        self._stack_file, _ = self.events.create("stack", ".txt")
        faulthandler.enable(self._stack_file)
        if hasattr(signal, "SIGUSR1"):
            faulthandler.register(signal.SIGUSR2, self._stack_file, all_threads=True)
            signal.signal(signal.SIGUSR1, self._pulse)
            signal.siginterrupt(signal.SIGUSR1, False)

    def _tell_hit(self):
        self.events.write("hit", **self.now())

    def _pulse(self, _number, _frame):
        self.events.write("pulse", **self.now())

    def _follow_forks(self):
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._start_child)
        elif hasattr(os, "fork"):
            fork = os.fork

            def fork_and_follow():
                child = fork()
                if child == 0:
                    self._start_child()
                return child

            os.fork = fork_and_follow

    def _start_child(self):
        """A forked child counts for itself, writes to its own file, and leaves the models alone."""
        self.digested = True
        self.finished = False
        self.main = False
        self.counter.restart()
        self.work.restart()
        if self.coverage is None and self.probes is None:
            self._tell_start(["(fork)"])
            return
        with termination_held_back():
            if self.probes is not None:
                self.probes.restart()
            finish_when_terminated(self)
            self._tell_start(["(fork)"])

    def _tell_start(self, command):
        self.events.write(
            "start",
            pid=os.getpid(),
            parent=os.getppid(),
            python=sys.version.split()[0],
            argv=command,
            main=self.main,
        )

    def _follow_ends(self):
        atexit.register(self.finish)

        def exit_and_finish(status):
            try:
                self.finish()
            finally:
                self._exit(status)

        os._exit = exit_and_finish
        previous = sys.excepthook

        def report_and_hook(kind, error, trace):
            if not self.failed:
                self.fail(kind, error, trace)
            previous(kind, error, trace)

        sys.excepthook = report_and_hook
