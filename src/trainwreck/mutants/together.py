"""Puts several mutants of one file into one text, each with a count of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trainwreck.model import MODULE_LEVEL, Mutant
from trainwreck.mutants.syntax import is_in_function, leaf_at
from trainwreck.mutants.wraps import Wraps
from trainwreck.source import SourceText, parse


@dataclass(frozen=True, slots=True)
class JointText:
    """The text of a file with several bugs; ``groups`` describe their counts to the agent."""

    text: str
    groups: tuple[dict[str, Any], ...]


def joint_text(source: SourceText, mutants: Sequence[Mutant], first: int) -> JointText:
    """Make the changes of all mutants at once. No two of them lie on one line.

    Args:
        source: The clean text of the file.
        mutants: Mutants of this text, whose evaluations are counted where there can be any.
        first: The number of the first group.

    """
    wraps, groups = Wraps(source.text), []
    for number, mutant in enumerate(mutants, first):
        if mutant.evaluated is not None:
            wraps.add(mutant.evaluated, 0, f"(__trainwreck_seen__({number}) and (", "))")
        for edit in mutant.edits:
            wraps.replace((edit.span.start, edit.span.end), edit.replacement)
        groups.append({"kind": "seen", "mutants": {mutant.id: []}})
    return JointText(wraps.text(), tuple(groups))


def outside_functions(
    source: SourceText, mutants: Sequence[Mutant], version: tuple[int, int]
) -> frozenset[str]:
    """Return the ids of those mutants that a module or the body of a class evaluates.

    Args:
        source: The clean text of the file.
        mutants: Mutants of this text.
        version: Major and minor version of Python, which decide the grammar.

    """
    outside = {mutant.id for mutant in mutants if mutant.function == MODULE_LEVEL}
    others = [mutant for mutant in mutants if mutant.id not in outside]
    module = parse(source.text, version).module if others else None
    for mutant in others:
        leaf = leaf_at(module, (mutant.span.line, mutant.span.column)) if module else None
        if leaf is not None and not is_in_function(leaf):
            outside.add(mutant.id)
    return frozenset(outside)
