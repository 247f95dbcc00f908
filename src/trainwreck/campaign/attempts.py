"""Runs that were begun and have not ended: what a campaign that died was at work on."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from trainwreck.errors import UsageError

FILE_NAME = "attempts.json"


class Attempt(msgspec.Struct):
    """One trial: how often the campaign died while it ran, and how often the machine lost it.

    ``running`` is true between its start and its end.
    """

    deaths: int = 0
    lost: int = 0
    running: bool = False


@dataclass
class Attempts:
    """The trials at work, kept in a file that is written before each start.

    They are no facts about the program, so that neither exports nor reports know them. Without a
    ``path`` they are kept in memory.
    """

    path: Path | None = None
    _attempts: dict[str, Attempt] = field(default_factory=dict, init=False)
    _is_read: bool = field(default=False, init=False)

    def tidy(self) -> None:
        """Remove what a session has left that was killed, or had no room, while it wrote."""
        if self.path is not None:
            with suppress(OSError):
                self._partial.unlink()

    def deaths(self, trial_id: str) -> int:
        """Return how often a campaign died while this trial ran."""
        self._read()
        attempt = self._attempts.get(trial_id)
        return attempt.deaths if attempt else 0

    def lost(self, trial_id: str) -> int:
        """Return how often the machine lost this trial."""
        attempt = self._attempts.get(trial_id)
        return attempt.lost if attempt else 0

    def begin(self, trial_ids: Iterable[str]) -> None:
        """Note that trials start."""
        self._read()
        for trial_id in trial_ids:
            self._attempts.setdefault(trial_id, Attempt()).running = True
        self._write()

    def end(self, trial_id: str, is_lost: bool = False) -> None:
        """Note that a trial ended; one that was lost will start again."""
        attempt = self._attempts.setdefault(trial_id, Attempt())
        attempt.running = False
        attempt.lost += is_lost
        self._write()

    def forget(self, trial_ids: Iterable[str]) -> None:
        """Forget all about trials: they were stored, or somebody asks for them again."""
        self._read()
        if [self._attempts.pop(i, None) for i in trial_ids if i in self._attempts]:
            self._write()

    def stop(self) -> None:
        """Note that what is at work was stopped on purpose, or by an error that is understood."""
        for attempt in self._attempts.values():
            attempt.running = False
        self._write()

    def _read(self) -> None:
        """Read what an earlier session left; what ran when it died has one death more."""
        if self._is_read or self.path is None:
            return
        self._is_read = True
        try:
            content = self.path.read_bytes()
            self._attempts = msgspec.json.decode(content, type=dict[str, Attempt])
        except (OSError, ValueError):  # A damaged file costs one more attempt, no fact.
            return
        for attempt in self._attempts.values():
            attempt.deaths += attempt.running
            attempt.running = False

    @property
    def _partial(self) -> Path:
        assert self.path is not None
        return self.path.with_suffix(".partial")

    def _write(self) -> None:
        kept = {i: a for i, a in self._attempts.items() if a.running or a.deaths or a.lost}
        self._attempts = kept
        if self.path is None:
            return
        partial = self._partial
        try:
            partial.write_bytes(msgspec.json.encode(kept))
            partial.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise UsageError(
                f"{self.path} cannot be written: {error.strerror}",
                "Make room or give write access there, then repeat the command.",
            ) from None
