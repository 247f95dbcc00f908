"""The answers to the conditions of ``--fail-on``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trainwreck.cli.printing import announce
from trainwreck.errors import ConditionError
from trainwreck.report.words import counted

if TYPE_CHECKING:
    from trainwreck.findings.conditions import Answer, Condition
    from trainwreck.model import Judged

Conditions = Sequence[Sequence["Condition"]]


def check_conditions(conditions: Conditions, judged: Sequence[Judged]) -> None:
    """Print the answers on standard error. Raises ConditionError where a condition holds.

    Args:
        conditions: Those of each `--fail-on`.
        judged: The mutants that count.

    """
    from trainwreck.findings.conditions import answer

    answers = [answer(condition, judged) for group in conditions for condition in group]
    for item in answers:
        verb = "holds" if item.holds else "does not hold"
        words = f"trainwreck: `{item.condition.text}` {verb}: {_numbers(item)}"
        announce(words, "condition", **_fields(item))
    holding = [item.condition for item in answers if item.holds]
    if holding:
        number = "a condition" if len(holding) == 1 else f"{len(holding)} conditions"
        verb = "holds" if len(holding) == 1 else "hold"
        names = ", ".join(f"`{condition.text}`" for condition in holding)
        raise ConditionError(f"{number} of `--fail-on` {verb}: {names}", _way_on(holding[0]))


def _fields(item: Answer) -> dict[str, Any]:
    """Return an answer as data; the share is None of no mutants."""
    share = item.counted
    return {
        "text": item.condition.text,
        "holds": item.holds,
        "count": share.count,
        "total": share.total,
        "share": share.value if share.total else None,
        "interval": item.interval,
    }


def _numbers(item: Answer) -> str:
    """Return the mutants that a condition counts: ``12 of 40 mutants are masked (30.0 %)``."""
    share, name = item.counted, item.condition.name
    if not share.total:
        return "no mutant is judged"
    text = f"{share.count:,} of {counted(share.total, 'mutant')} ({name})"
    if not item.condition.is_share:
        return text
    parts = [f"{100 * share.value:.1f} %"]
    parts += ["weighted"] if share.weighted is not None else []
    if item.interval is not None:
        low, high = item.interval
        parts.append(f"95 % interval {100 * low:.1f} to {100 * high:.1f} %")
    return f"{text}, {', '.join(parts)}"


def _way_on(condition: Condition) -> str:
    from trainwreck.model import Rung

    if condition.name in list(Rung):
        return f"List them with `trainwreck list --rung {condition.name}`."
    return "Read them with `trainwreck report`."
