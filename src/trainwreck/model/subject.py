"""A subject: the program under study."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf, isfinite
from statistics import median

from trainwreck.model.identity import content_id
from trainwreck.model.placeholders import names_in


class Better(StrEnum):
    """Which way a metric is good."""

    HIGHER = "higher"
    LOWER = "lower"


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
    """A reported number: every match of ``pattern`` is a step, and the last one counts.

    Differences below ``margin`` are of no importance; it is no part of what a run is (nor of its
    id).
    """

    name: str
    pattern: str
    better: Better
    range: tuple[float, float] | None
    margin: Margin | None = field(default=None, repr=False)


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
    writes and that belong to its result.
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
        later = (self.outputs,) if self.outputs else ()
        facts = (self.metrics, self.phases, self.threads, self.env, *later)
        return content_id(self.name, self.command, self.targets, *facts)
