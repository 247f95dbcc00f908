"""Turns words of the command line into values; a ValueError says why a word is none.

The nouns of the model are imported when a word is read: help needs none of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainwreck.findings import Fate
    from trainwreck.findings.conditions import Condition
    from trainwreck.model import Context, Rule
    from trainwreck.model.shard import Shard

LEDGERS = {
    "library": "ledger",
    "operator": "ledger-operator",
    "phase": "ledger-phase",
    "context": "ledger-context",
}
"""The tables behind the figures of the ledger, by what their bars stand for."""


def processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def read_count(text: str) -> int:
    """Read a number of things to do."""
    if not text.isdecimal() or int(text) < 1:
        raise ValueError("not a whole number of at least 1")
    return int(text)


def read_price(text: str) -> float:
    """Read a price, in any currency."""
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise ValueError("not a price such as 0.04")
    return float(text)


def read_engine(text: str) -> str:
    """Read what runs trials."""
    return _one_of(text, ("local", "ray"))


def read_duration(text: str) -> float:
    """Read a time such as ``30m``, ``2h`` or ``1h30m``; return its seconds."""
    parts = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", text)
    hours, minutes, seconds = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0)
    total = 3600 * hours + 60 * minutes + seconds
    if not total:
        raise ValueError("not a time such as 30m, 2h or 1h30m")
    return float(total)


def read_shard(text: str) -> Shard:
    """Read a part of a plan, such as ``3/8``."""
    from trainwreck.model.shard import Shard

    parts = re.fullmatch(r"(\d+)/(\d+)", text)
    number, of = (int(part) for part in parts.groups()) if parts else (0, 0)
    if not 1 <= number <= of:
        raise ValueError("not a part such as 3/8, from 1/8 to 8/8")
    return Shard(number, of)


def read_figure(text: str) -> int:
    """Read the number of one of the paper's figures."""
    if text not in {"1", "2", "3", "4", "5", "6"}:
        raise ValueError("not a number from 1 to 6")
    return int(text)


def read_ledger(text: str) -> str:
    """Read what the bars of a ledger stand for, and return the name of its table."""
    return LEDGERS[_one_of(text, LEDGERS)]


def read_operator(text: str) -> str:
    """Read the code of an operator, one of the eight or another tool's."""
    from trainwreck.model import operator_of

    return operator_of(text)


def read_context(text: str) -> Context:
    """Read a position in the syntax: ``if``, or in words as ``list --json`` has it."""
    from trainwreck.model import Context

    names = {context.name.lower(): context for context in Context if context.name != "UNKNOWN"}
    return Context(text) if text in list(Context) else names[_one_of(text, names)]


def read_rung(text: str) -> str:
    """Read how far a mutant got."""
    from trainwreck.model import RUNG_CLASSES

    return str(_one_of(text, RUNG_CLASSES))


def fate_names() -> list[str]:
    """Return the names of fates, as conditions have them."""
    from trainwreck.findings.conditions import FATES

    return list(FATES)


def read_fate(text: str) -> Fate:
    """Read what became of a mutant: ``silent``, ``hurts``, ``may-hurt`` …"""
    from trainwreck.findings.conditions import FATES

    return FATES[_one_of(text, fate_names())]


def read_conditions(text: str) -> tuple[Condition, ...]:
    """Read conditions that commas part, such as ``masked>20%,hang>0``."""
    from trainwreck.findings import conditions

    return conditions.read_conditions(text)


def read_rule(text: str) -> Rule:
    """Read a rule of early decisions; one that no longer exists is read, to be reported."""
    from trainwreck.model import RULES_IN_USE, Rule

    return Rule(text) if text in list(Rule) else Rule(_one_of(text, RULES_IN_USE))


def _one_of(text: str, names: Iterable[str]) -> str:
    names = list(names)
    if text not in names:
        raise ValueError(f"not one of {', '.join(names)}")
    return text
