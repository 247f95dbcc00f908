"""Puts several mutants of one file into one text, each with a count of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trainwreck.model import Mutant
from trainwreck.mutants.wraps import Wraps
from trainwreck.source import SourceText


@dataclass(frozen=True, slots=True)
class JointText:
    """The text of a file with several bugs; ``groups`` describe their counts to the agent."""

    text: str
    groups: tuple[dict[str, Any], ...]


def joint_text(source: SourceText, mutants: Sequence[Mutant], first: int) -> JointText:
    """Make the changes of all mutants at once. No two of them lie on one line.

    Args:
        source: The clean text of the file.
        mutants: Mutants of this text whose evaluations can be counted around an expression.
        first: The number of the first group.

    """
    wraps, groups = Wraps(source.text), []
    for number, mutant in enumerate(mutants, first):
        assert mutant.evaluated is not None
        wraps.add(mutant.evaluated, 0, f"(__trainwreck_seen__({number}) and (", "))")
        for edit in mutant.edits:
            wraps.replace((edit.span.start, edit.span.end), edit.replacement)
        groups.append({"kind": "seen", "mutants": {mutant.id: []}})
    return JointText(wraps.text(), tuple(groups))
