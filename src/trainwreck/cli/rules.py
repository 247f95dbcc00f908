"""Chooses the rules of a run, and reports those that no longer exist."""

from collections.abc import Callable, Collection

from trainwreck.model import RULES_IN_USE, Rule
from trainwreck.subject.settings import TrialSettings


def report_removed(rules: Collection[Rule], say: Callable[[str], object]) -> None:
    """Say which of the rules no longer exist, one line for each."""
    for rule in rules:
        if rule not in RULES_IN_USE:
            say(f"the rule `{rule}` no longer exists and is ignored")


def rules_without(
    trials: TrialSettings, without: Collection[Rule] | None, say: Callable[[str], object]
) -> list[Rule]:
    """Return the rules of the settings but those ``without``, and report what no longer exists.

    What the settings name themselves was reported when they were read.
    """
    excluded = frozenset(without or ())
    report_removed(excluded.difference(trials.removed_rules), say)
    return [rule for rule in trials.rules if rule not in excluded]
