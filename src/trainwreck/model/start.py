"""The two starts of runs: cold, in a process of their own, or warm, as a fork of a clean run."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

STARTED = "started"
"""The observation of how a run started.

Of a warm one, ``prefix_seconds`` and ``prefix_cpu`` are the times of the clean run before the
fork, which the run's own times include. Of a cold one, ``why`` says what kept it from starting
warm, where warm starts were wanted.
"""
WARM = "warm"
COLD = "cold"
COLD_FOR_GOOD = "cold for good"
"""Key for the mutant whose warm run ended otherwise than its cold one: no run starts warm then."""


class Start(StrEnum):
    """A setting: all runs start cold, or warm where that is possible and right."""

    COLD = COLD
    WARM = WARM


class ColdReason(StrEnum):
    """Why a run started cold in a campaign that starts warm where it can."""

    NEVER_REPEATS = "clean runs do not repeat"
    NOT_PROBED = "no clean run with probes shows when it is evaluated"
    HOT = "its expression is evaluated too often"
    OTHER_PROCESS = "it is not evaluated in the program's first process"
    FEW = "too few would start from one clean run"
    LITTLE = "a clean run to fork them from costs more than the forks save"
    THREADS = "the program has several threads before"


def is_warm(value: Any) -> bool:
    """Return whether an observation of this name is that of a warm start."""
    return isinstance(value, Mapping) and value.get("how") == WARM


def prefix_cpu(value: Any) -> float:
    """Return the processor seconds that a warm run shares with its stem, 0 for a cold one."""
    seconds = value.get("prefix_cpu") if is_warm(value) else 0.0
    return float(seconds) if isinstance(seconds, int | float) else 0.0
