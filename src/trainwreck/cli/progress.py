"""Shows long work on standard error: live lines on a terminal, now and then a line elsewhere."""

import time
from collections import Counter
from collections.abc import Collection, Mapping

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from trainwreck.cli.printing import WIDEST
from trainwreck.judge.conclusions import symptom_of
from trainwreck.model import (
    FIRST,
    MASKED_VALUES,
    NO_VERDICT,
    RUNG_CLASSES,
    TOGETHER,
    VALUES_ALONE,
    Forecast,
    Outcome,
    Rule,
    Rung,
    Symptom,
    Trial,
    TrialKind,
)
from trainwreck.model.start import STARTED, prefix_cpu
from trainwreck.report.printable import fitted, one_line, printable
from trainwreck.report.words import counted, duration

UNBROKEN = "\u00a0"
"""A blank at which no line is broken."""
LINE_SECONDS = 30.0
LEAST_LEFT = 1.0
"""Seconds below which no rest is named: it is over before anybody has read of it."""
ENOUGH = 3
"""Trials of a piece of work after which its own pace says more than the forecast."""

WAITING = "waiting for a joint run"
LEDGER = (*RUNG_CLASSES, Symptom.NORMAL, WAITING, NO_VERDICT)
NOTABLE = (Rung.PROPAGATED, Rung.CRASH, Rung.HANG)
"""Rungs whose newest mutant is shown."""


class LiveProgress:
    """Shows one line over all pieces of work; below it the ledger, and the newest finding.

    A line has what is done, what is left of the whole campaign, the pace, and the cost. Controls
    count as runs and are named; runs with further seeds count in no rung.
    """

    def __init__(self, metrics: tuple[str, ...], quiet: bool = False, jobs: int = 0) -> None:
        self._console = Console(stderr=True, highlight=False, quiet=quiet, emoji=False)
        self._metrics, self._jobs = metrics, jobs
        self._live: Live | None = None
        self._ledger: Counter[str] = Counter()
        self._clean: set[str] = set()
        self._waiting: set[str] = set()
        self._newest = ""
        self._cost = self._shown = self._began = 0.0
        self._title = ""
        self._total = self._done = self._controls = 0
        self._forecast: Forecast | None = None
        self._forecast_at = 0.0
        self._start("", 0)

    def expect(
        self, forecast: Forecast | None, rungs: Mapping[str, int], clean: Collection[str]
    ) -> None:
        """Take what is known before the mutants run.

        Args:
            forecast: What is left of the campaign; None where that is not known.
            rungs: The numbers of mutants that have a verdict, by the class of their rung.
            clean: The digests of clean runs with the first seed.

        """
        self._forecast, self._forecast_at = forecast, time.monotonic()
        self._ledger = Counter({name: number for name, number in rungs.items() if number})
        self._clean |= set(clean)

    def begin(self, title: str, total: int) -> None:
        """Start to show a piece of work of ``total`` trials."""
        self.close()
        self._start(title, total)
        if self._console.is_terminal and total:
            self._live = Live(
                console=self._console,
                get_renderable=self._screen,
                refresh_per_second=2,
                transient=True,
            )
            self._live.start()

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        """Count a finished trial, its rung and its cost."""
        # A stem is no trial that was announced, and runs that start warm share its time.
        self._done += trial.kind is not TrialKind.STEM
        self._controls += trial.kind is TrialKind.CONTROL
        # Controls that time asks for are announced by none.
        self._total = max(self._total, self._done) if self._total else 0
        self._cost += outcome.cpu_seconds - prefix_cpu(outcome.observations.get(STARTED))
        if trial.draw == FIRST and trial.kind in (TrialKind.CLEAN, TrialKind.CONTROL):
            self._clean.add(outcome.digest)
        if trial.kind is TrialKind.MUTANT and trial.draw == FIRST and not trial.repeat:
            self._count(trial, outcome)
        if trial.kind is TrialKind.TOGETHER and outcome.digest in self._clean:
            self._count_members(outcome.observations.get(TOGETHER) or {})
        # The last line of a piece of work is left by its end.
        is_due = time.monotonic() - self._shown > LINE_SECONDS and self._done < self._total
        if self._live is None and is_due:
            self._shown = time.monotonic()
            self._print(self._line())

    def _count(self, trial: Trial, outcome: Outcome) -> None:
        rung, mutant = rung_so_far(outcome, self._metrics, self._clean), trial.mutant
        self._ledger[rung] += 1
        if mutant is None:
            return
        if mutant.id in self._waiting:
            # No joint run showed what its first report had promised.
            self._waiting.remove(mutant.id)
            self._ledger[WAITING] -= 1
        if rung == WAITING:
            self._waiting.add(mutant.id)
        if rung in NOTABLE:
            error = f" ({outcome.error.type})" if rung == Rung.CRASH and outcome.error else ""
            self._newest = one_line(f"{rung}{error}: {mutant.name}")

    def _count_members(self, members: Collection[str]) -> None:
        """Count the mutants of a joint run that ended as a clean run."""
        waited = self._waiting.intersection(members)
        self._waiting -= waited
        self._ledger[WAITING] -= len(waited)
        self._ledger[Rung.MASKED] += len(members)

    def say(self, text: str) -> None:
        """Print one line of text; a terminal gets it in several where it has too few columns."""
        self._print(f"trainwreck: {printable(text)}")

    def _print(self, line: str) -> None:
        width = min(self._console.width, WIDEST) if self._console.is_terminal else None
        text = fitted(line, width).replace(UNBROKEN, " ")
        self._console.print(text, markup=False, soft_wrap=True)

    def end(self) -> None:
        """End the piece of work; leave its last line on the screen."""
        self.close()
        if self._total:
            self._print(self._line(is_over=True))
        self._start("", 0)

    def close(self) -> None:
        """Give the terminal back, whatever happened."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _start(self, title: str, total: int) -> None:
        self._title, self._total = title, total
        self._done = self._controls = 0
        self._began = self._shown = time.monotonic()

    def _screen(self) -> Group:
        """Return the lines of a terminal, none wider than it, the most important first."""
        lines = [Text(f"{self._work()}{self._rest()}")]
        facts = [f"{self._jobs} at a time"] if self._jobs > 1 else []
        facts += [f"cost {duration(self._cost)} of processor"]
        lines += map(Text, self._facts(facts))
        if self._newest:
            lines.append(Text(f"  newest: {self._newest}"))
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        return Group(*lines)

    def _facts(self, facts: list[str]) -> list[str]:
        """Return what is known besides, with the ledger in lines of its own where it needs them."""
        if not self._ledger:
            return ["  " + " · ".join(facts)]
        lines = ["  " + " · ".join([*facts, self._numbers()])]
        if len(lines[0]) > self._console.width:
            ledger = fitted(f"  {self._numbers()}", self._console.width)
            lines = ["  " + " · ".join(facts), *ledger.split("\n")]
        return [line.replace(UNBROKEN, " ") for line in lines]

    def _line(self, is_over: bool = False) -> str:
        """Return everything in one line, for what stays on the screen or goes to a file."""
        parts = [f"{self._work()}{'' if is_over else self._rest()}"]
        parts += [self._numbers()] if self._ledger else []
        return " · ".join([*parts, f"cost {duration(self._cost)} of processor"])

    def _work(self) -> str:
        """Return the piece of work, and how much of it is done."""
        controls = f" with {counted(self._controls, 'control')}" if self._controls else ""
        return f"{self._title} {self._done}/{self._total}{controls}"

    def _rest(self) -> str:
        """Return how long the rest takes, and the pace."""
        left, elapsed = self._left(), time.monotonic() - self._began
        is_shown = left is not None and left >= LEAST_LEFT and self._done < self._total
        text = f" · about {duration(left or 0)} left" if is_shown else ""
        is_paced = self._done and elapsed
        return f"{text} · {60 * self._done / elapsed:.1f} per min" if is_paced else text

    def _numbers(self) -> str:
        """Return the ledger; a number stays with its rung where a line is broken."""
        counts = (f"{n} {name}" for name in LEDGER if (n := self._ledger[name]))
        return ", ".join(count.replace(" ", UNBROKEN) for count in counts)

    def _left(self) -> float | None:
        """Return the seconds that are left: of all work where it was forecast, else of this piece.

        The first trials of a piece say little of its pace, as several may be at work at once.
        """
        elapsed = time.monotonic() - self._began
        own = None
        if self._done >= min(ENOUGH, self._total):
            own = max(0, self._total - self._done) * elapsed / self._done if self._done else None
        if self._forecast is None:
            return own
        ahead = self._forecast.wall.seconds - (time.monotonic() - self._forecast_at)
        later = self._forecast.wall.seconds * self._forecast.further
        if own is None:
            # A forecast that is used up says nothing of a piece of work that has just begun.
            return ahead if ahead > 0 else None
        return own + later if self._title == MUTANTS else max(ahead, own)


MUTANTS = "mutants"
"""The title of the first runs of mutants, after which only further seeds are left."""


def rung_so_far(outcome: Outcome, metrics: tuple[str, ...], clean: Collection[str]) -> str:
    """Return the rung that a run shows by itself, or that it waits; the verdict may know more.

    Args:
        outcome: The run of a mutant with the first seed.
        metrics: The metrics that a normal run reports.
        clean: The digests of clean runs with the same seed.

    """
    symptom = symptom_of(outcome, metrics)
    if symptom is None:
        return NO_VERDICT
    if symptom is not Symptom.NORMAL:
        return Rung.CRASH if symptom is Symptom.CRASH else Rung.HANG
    if outcome.settled:
        return WAITING if outcome.settled == Rule.TOGETHER else Rung.MASKED
    if outcome.digest in clean:
        if outcome.hits == 0:
            return Rung.UNREACHED
        return MASKED_VALUES if outcome.result.parts == VALUES_ALONE else Rung.MASKED
    # Where clean runs end in several ways, one more of them may be what this run shows.
    return Rung.PROPAGATED if len(clean) == 1 and outcome.hits else Symptom.NORMAL
