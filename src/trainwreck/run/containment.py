"""The plan of what one trial cannot write or reach; the keeper carries it out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Containment:
    """The limits of what one trial can write and reach.

    ``level`` is strict, copy or none. ``means`` makes a strict level: ``mounts`` (namespaces) or
    ``landlock``. ``writable`` are the folders and devices that the trial may write. ``private``
    are pairs of a folder and its upper folder: the trial reads the first, and what it writes there
    is in the second. ``hidden`` are shown empty. ``needed`` are paths below the system's temporary
    folders that stay readable, as ``temporary`` takes the place of ``/tmp`` and ``/var/tmp``.
    ``network`` leaves the network open. ``host`` is a name of this machine that must be resolvable.
    ``kept`` copies what was written to a ``private`` folder to its upper folder in any case.
    With ``observed`` the keeper can say whether what is in memory of them has changed.
    ``layers`` are pairs of a ``private`` folder and one that lies over it for reading: an upper
    folder that an earlier trial kept.
    """

    level: str
    means: str = ""
    writable: tuple[Path, ...] = ()
    private: tuple[tuple[Path, Path], ...] = ()
    hidden: tuple[Path, ...] = ()
    needed: tuple[Path, ...] = ()
    temporary: Path | None = None
    home: Path | None = None
    network: bool = False
    host: str = ""
    kept: bool = False
    observed: bool = False
    layers: tuple[tuple[Path, Path], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the plan as the keeper reads it."""
        return {
            "level": str(self.level),
            "means": str(self.means),
            "writable": [str(path) for path in self.writable],
            "private": [[str(folder), str(upper)] for folder, upper in self.private],
            "hidden": [str(path) for path in self.hidden],
            "needed": [str(path) for path in self.needed],
            "tmp": str(self.temporary) if self.temporary else None,
            "home": str(self.home) if self.home else None,
            "network": self.network,
            "hostname": self.host,
            "kept": self.kept,
            "observed": self.observed,
            "layers": [[str(folder), str(layer)] for folder, layer in self.layers],
        }
