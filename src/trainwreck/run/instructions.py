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
class Instructions:
    """Nothing, unless said otherwise.

    ``probed`` maps root and file to the text with probes in it, whose ``groups`` the agent gets.
    """

    horizon: Horizon | None = None
    probed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    groups: tuple[dict[str, Any], ...] = ()


NO_INSTRUCTIONS = Instructions()
