"""A subject: the program under study."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import fsum, inf, isfinite, isnan, nan
from statistics import median
from typing import Any

from trainwreck.model.identity import content_id
from trainwreck.model.placeholders import names_in


class Better(StrEnum):
    """Which way a metric is good."""

    HIGHER = "higher"
    LOWER = "lower"


class Which(StrEnum):
    """Which of a run's reported values counts as its value."""

    LAST = "last"
    BEST = "best"
    ALL = "all"


class Stream(StrEnum):
    """A stream that a program prints to."""

    STDOUT = "stdout"
    STDERR = "stderr"


MAY_SPAN = re.compile(r"(?<!\\)(?:\\\\)*\\[nrs]|\n|\(\?[aimux]*s")
"""Parts of a pattern that may match the end of a line: ``\\n``, ``\\r``, ``\\s``, or ``(?s)``."""


@dataclass(frozen=True, slots=True)
class Margin:
    """The difference below which a metric's values are as good as equal.

    ``amount`` is in the metric's own unit, or a share of the clean runs' median.
    """

    amount: float
    is_share: bool = False

    @classmethod
    def read(cls, written: float | str) -> "Margin":
        """Read ``0.02`` or ``"2%"``. Raises ValueError unless it is a number above 0."""
        text = str(written).strip()
        is_share = text.endswith("%")
        amount = float(text.removesuffix("%")) / (100 if is_share else 1)
        if not 0 < amount < inf:
            raise ValueError(f"not a number above 0: {written}")
        return cls(amount, is_share)

    def __str__(self) -> str:
        """Return it as it is written in the settings."""
        return f"{100 * self.amount:g}%" if self.is_share else f"{self.amount:g}"

    def among(self, clean: Sequence[float]) -> float | None:
        """Return it in the metric's own unit; None where it is a share of nothing or of 0."""
        if not self.is_share:
            return self.amount
        values = [abs(value) for value in clean if isfinite(value)]
        return self.amount * median(values) or None if values else None


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that a program reports once or several times; each time is a step.

    It is read from the output by ``pattern``, from one ``stream`` or both. Or it is the column
    ``column`` of the files that the program writes and that match ``file``. ``which`` of the values
    counts, and a ``margin`` below which differences are of no importance, are no part of what a
    run is (nor of its id).
    """

    name: str
    pattern: str
    better: Better
    range: tuple[float, float] | None
    margin: Margin | None = field(default=None, repr=False)
    stream: Stream | None = field(default=None, repr=False)
    file: str = field(default="", repr=False)
    column: str = field(default="", repr=False)
    which: Which = field(default=Which.LAST, repr=False)

    @property
    def spans_lines(self) -> bool:
        """Return whether a match of the pattern may begin on one line and end on another."""
        return MAY_SPAN.search(self.pattern) is not None

    @property
    def place(self) -> tuple[str, ...]:
        """Return where the values are, as far as it is not the whole output."""
        return (str(self.stream or ""), self.file, self.column)

    def allows(self, value: float) -> bool:
        """Return whether the metric may be this: finite, and inside its range if it has one."""
        low, high = self.range or (-inf, inf)
        return isfinite(value) and low <= value <= high

    def value_of(self, steps: Sequence[str]) -> float:
        """Return the value of a run with these steps, at least one.

        ``all`` is the mean of all values, or the first value that is impossible. ``best`` leaves
        out what is not a number, unless nothing else was reported.
        """
        if self.which is Which.LAST:
            return float(steps[-1])
        values = [float(step) for step in steps]
        if self.which is Which.ALL:
            impossible = [value for value in values if not self.allows(value)]
            return impossible[0] if impossible else fsum(value / len(values) for value in values)
        numbers = [value for value in values if not isnan(value)]
        choose = max if self.better is Better.HIGHER else min
        return choose(numbers, default=nan)


def metric_of(measure: Mapping[str, Any]) -> Metric:
    """Return a metric from its description in a campaign, which `described` makes."""
    return Metric(
        name=measure["name"],
        pattern=measure.get("pattern") or "",
        better=Better(measure.get("better") or Better.HIGHER),
        range=tuple(measure["range"]) if measure.get("range") else None,
        margin=Margin.read(measure["margin"]) if measure.get("margin") else None,
        stream=Stream(measure["stream"]) if measure.get("stream") else None,
        file=measure.get("file") or "",
        column=measure.get("column") or "",
        which=Which(measure.get("which") or Which.LAST),
    )


def described(metric: Metric) -> dict[str, object]:
    """Return a metric as data; what later versions added is there where it is used."""
    margin = metric.margin
    added = {
        "stream": metric.stream,
        "file": metric.file,
        "column": metric.column,
        "which": "" if metric.which is Which.LAST else metric.which,
    }
    return {
        "name": metric.name,
        "pattern": metric.pattern,
        "better": metric.better,
        "range": metric.range,
        "margin": None if margin is None else str(margin) if margin.is_share else margin.amount,
        **{name: value for name, value in added.items() if value},
    }


def values_that_count(
    steps: Mapping[str, Sequence[str]], metrics: Iterable[Metric]
) -> dict[str, float]:
    """Return a run's value of each reported metric; of one that is not described, the last.

    Args:
        steps: every reported value of each metric, as printed.
        metrics: the metrics, with which of the values counts.

    """
    return counting_values(steps, {metric.name: metric for metric in metrics})


def counting_values(
    steps: Mapping[str, Sequence[str]], metrics: Mapping[str, Metric]
) -> dict[str, float]:
    """Return what `values_that_count` does, from metrics by their names."""
    return {
        name: metrics[name].value_of(values) if name in metrics else float(values[-1])
        for name, values in steps.items()
        if values
    }


@dataclass(frozen=True, slots=True)
class PhaseMark:
    """The phase ``name`` begins before the first statement at or after ``line`` of ``file``."""

    name: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Subject:
    """The program under study.

    ``command`` and the values of ``env`` may hold `PLACEHOLDERS`. ``{cache}`` is a folder for what
    the program compiles and wants to find again. ``outputs`` are patterns of the files that it
    writes and that belong to its result. ``pin`` keeps each run on as many processors as
    ``threads``. ``signals`` lets the agent handle `SIGUSR1` and `SIGUSR2`.
    """

    name: str
    command: tuple[str, ...]
    folder: str
    python: str
    targets: tuple[str, ...]
    metrics: tuple[Metric, ...]
    phases: tuple[PhaseMark, ...]
    threads: int
    env: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...] = ()
    pin: bool = True
    signals: bool = True

    @property
    def keeps_cache(self) -> bool:
        """Return whether runs reuse what an earlier clean run compiled."""
        return "cache" in self.placeholders

    @property
    def takes_seed(self) -> bool:
        """Return whether the settings hand the seed to the program, which may still ignore it."""
        return "seed" in self.placeholders

    @property
    def placeholders(self) -> frozenset[str]:
        """Return the names of the placeholders in the command and in the environment."""
        return frozenset(names_in([*self.command, *dict(self.env).values()]))

    @property
    def fingerprint(self) -> str:
        """Return a hash that changes whenever a run would be another run, whatever the machine."""
        # A key that came later counts where it is used: older campaigns stay what they are.
        places = [(metric.name, *metric.place) for metric in self.metrics if any(metric.place)]
        off = [name for name in ("pin", "signals") if not getattr(self, name)]
        later = [part for part in (self.outputs, places, off) if part]
        facts = (self.metrics, self.phases, self.threads, self.env, *later)
        return content_id(self.name, self.command, self.targets, *facts)
