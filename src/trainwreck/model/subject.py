"""A subject: the program under study."""

from dataclasses import dataclass, field
from enum import StrEnum

from trainwreck.model.identity import content_id


class Better(StrEnum):
    """Which way a metric is good."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Metric:
    """A reported number: every match of ``pattern`` is a step, and the last one counts.

    Differences below ``margin`` are of no importance; it is in the metric's own unit, and no part
    of what a run is (nor of its id).
    """

    name: str
    pattern: str
    better: Better
    range: tuple[float, float] | None
    margin: float | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PhaseMark:
    """The phase ``name`` begins before the first statement at or after ``line`` of ``file``."""

    name: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Subject:
    """The program under study.

    ``command`` and the values of ``env`` may hold ``{seed}``, ``{fold}``, ``{data}`` and
    ``{cache}``: a folder for what the program compiles and wants to find again.
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

    @property
    def keeps_cache(self) -> bool:
        """Whether runs want to find what an earlier clean run compiled."""
        return any("{cache}" in text for text in (*self.command, *dict(self.env).values()))

    @property
    def fingerprint(self) -> str:
        """Changes whenever a run of the subject would be another run, whatever the machine."""
        return content_id(
            self.name, self.command, self.targets, self.metrics, self.phases, self.threads, self.env
        )
