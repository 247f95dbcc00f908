"""Observers of long pieces of work."""

from typing import Protocol

from trainwreck.model import Outcome, Trial


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
