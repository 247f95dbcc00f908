"""The policy of a campaign: what its trials may write and reach."""

from dataclasses import dataclass
from pathlib import Path

from trainwreck.model import Held, Level, Means

USUAL_DISK = 2 << 30


@dataclass(frozen=True, slots=True)
class Policy:
    """The rights of a campaign's trials: what they may write and reach.

    ``means`` makes a strict level. ``is_online`` is whether trials
    reach the network, because they may or because this machine cannot close it. ``writable`` are
    folders outside of the program's own; each trial gets a copy where that can be done.
    ``credentials`` are variables that are not withheld. ``disk`` is what a trial may write, in
    bytes.
    """

    level: Level = Level.NONE
    means: Means | None = None
    is_online: bool = True
    writable: tuple[Path, ...] = ()
    credentials: tuple[str, ...] = ()
    disk: int = USUAL_DISK

    @property
    def has_own_home(self) -> bool:
        """Return whether a trial's home is a folder of its own, and not a view of the user's."""
        return self.level is Level.COPY or self.means is Means.LANDLOCK

    @property
    def has_links(self) -> bool:
        """Return whether trials share large files: they cannot change them, or nothing is kept."""
        return self.level is not Level.COPY

    @property
    def held(self) -> Held:
        """Return what is stored and reported of it."""
        return Held(self.level, self.means, self.is_online)


UNCONTAINED = Policy()
