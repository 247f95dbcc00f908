"""Observers of long pieces of work."""

from enum import StrEnum
from typing import Protocol

from trainwreck.model import Outcome, Trial


class Stage(StrEnum):
    """A piece of work by a name that stays, for programs that follow one."""

    FIRST_CLEAN = "first-clean-run"
    CLEAN = "clean-runs"
    REPEATS = "clean-repeats"
    SEED_USE = "clean-seed-use"
    CLEAN_SEEDS = "clean-seeds"
    ELSEWHERE = "clean-run-here"
    PROBES = "probes"
    MUTANTS = "mutants"
    TOGETHER = "together"
    SECOND = "second-runs"
    COLD = "cold-runs"
    SEEDS = "further-seeds"
    AUDITS = "audits"
    CHECKS = "own-checks"
    COMPARISONS = "predicted-comparisons"
    OTHER = "other"


class Title(str):
    """The title of a piece of work for people; ``stage`` is its name for programs."""

    __slots__ = ("stage",)
    stage: Stage

    def __new__(cls, stage: Stage, text: str) -> "Title":
        """Return a title."""
        title = super().__new__(cls, text)
        title.stage = stage
        return title


class Progress(Protocol):
    """An observer of long pieces of work."""

    def begin(self, title: str, total: int) -> None:
        """Begin a piece of work of ``total`` trials."""

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        """Count one trial that ended."""

    def say(self, text: str) -> None:
        """Report something that is worth a line."""

    def end(self) -> None:
        """End the piece of work."""


class NoProgress:
    """Shows nothing."""

    def begin(self, title: str, total: int) -> None:
        """Show nothing."""

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        """Show nothing."""

    def say(self, text: str) -> None:
        """Show nothing."""

    def end(self) -> None:
        """Show nothing."""
