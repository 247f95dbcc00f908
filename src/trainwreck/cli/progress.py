"""Shows long work on standard error: a live line on a terminal, now and then a line elsewhere."""

import time
from collections import Counter

from rich.console import Console
from rich.live import Live
from rich.text import Text

from trainwreck.judge.verdicts import symptom_of
from trainwreck.model import NO_VERDICT, Outcome, Trial, TrialKind
from trainwreck.model.start import STARTED, prefix_cpu
from trainwreck.report.printable import printable
from trainwreck.report.words import duration

LINE_SECONDS = 30.0


class LiveProgress:
    """Done, by symptom, rate, time left, cost."""

    def __init__(self, metrics: tuple[str, ...], quiet: bool = False) -> None:
        self._console = Console(stderr=True, highlight=False, quiet=quiet, emoji=False)
        self._metrics = metrics
        self._live: Live | None = None
        self._shown = 0.0
        self._start("", 0)

    def begin(self, title: str, total: int) -> None:
        """Start to show a piece of work of ``total`` trials."""
        self._start(title, total)
        if self._console.is_terminal and total:
            self._live = Live(
                console=self._console, get_renderable=self._line, refresh_per_second=2
            )
            self._live.start()

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        """Count a finished trial, its symptom and its cost."""
        # A stem is no trial that was announced, and runs that start warm share its time.
        self._done += trial.kind is not TrialKind.STEM
        self._cost += outcome.cpu_seconds - prefix_cpu(outcome.observations.get(STARTED))
        if trial.kind is TrialKind.MUTANT:
            self._symptoms[symptom_of(outcome, self._metrics) or NO_VERDICT] += 1
        if self._live is None and time.monotonic() - self._shown > LINE_SECONDS:
            self._shown = time.monotonic()
            self._console.print(self._line(), soft_wrap=True)

    def say(self, text: str) -> None:
        """Print one line of text."""
        self._console.print(f"trainwreck: {printable(text)}", markup=False, soft_wrap=True)

    def end(self) -> None:
        """End the piece of work; leave its last line on the screen."""
        self.close()
        if self._total and not self._console.is_terminal:
            self._console.print(self._line(), soft_wrap=True)

    def close(self) -> None:
        """Give the terminal back, whatever happened."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _start(self, title: str, total: int) -> None:
        self._title, self._total = title, total
        self._done = 0
        self._cost = 0.0
        self._symptoms: Counter[str] = Counter()
        self._began = self._shown = time.monotonic()

    def _line(self) -> Text:
        elapsed = time.monotonic() - self._began
        parts = [f"{self._title} {self._done}/{self._total}"]
        parts += [f"{name} {number}" for name, number in sorted(self._symptoms.items())]
        if self._done and elapsed:
            per_trial = elapsed / self._done
            left = (self._total - self._done) * per_trial
            parts += [f"{60 / per_trial:.1f} per min", f"{duration(left)} left"]
        parts.append(f"cost {duration(self._cost)} of processor")
        return Text(" · ".join(parts))
