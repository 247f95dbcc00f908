"""What a trial is asked to do besides running."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Horizon:
    """End at the first report with ``hits`` evaluations and one of these checkpoints."""

    hits: int
    checkpoints: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cut:
    """End at the start of ``phase`` if the whole program is in one of these states."""

    phase: str
    digests: frozenset[str]


@dataclass(frozen=True, slots=True)
class Orders:
    """Nothing, unless said otherwise.

    ``states``: look at the whole program's state at every phase. ``probed`` maps root and file to
    the text with probes in it, whose ``groups`` the agent is told of.
    """

    horizon: Horizon | None = None
    cut: Cut | None = None
    states: bool = False
    probed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    groups: tuple[dict[str, Any], ...] = ()


NO_ORDERS = Orders()
