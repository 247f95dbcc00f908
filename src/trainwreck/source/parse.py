"""Parses text to a syntax tree, by the grammar of the interpreter that will run it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from parso.grammar import load_grammar
from parso.tree import BaseNode, NodeOrLeaf

from trainwreck.source.modern import as_older_grammar

if TYPE_CHECKING:
    from parso.grammar import PythonGrammar

NEWEST_GRAMMAR = (3, 14)
OLDEST_GRAMMAR = (3, 6)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The syntax tree of a text; ``skipped_lines`` are those that the parser did not understand."""

    module: BaseNode
    skipped_lines: tuple[int, ...]


@lru_cache
def _grammar(version: tuple[int, int]) -> "PythonGrammar":
    """Load the grammar of the version, or the nearest that parso has."""
    nearest = max(OLDEST_GRAMMAR, min(NEWEST_GRAMMAR, version))
    grammar: PythonGrammar = load_grammar(version=".".join(map(str, nearest)))
    return grammar


def parse(text: str, version: tuple[int, int]) -> Parsed:
    """Parse a text by the grammar of Python ``version`` (major, minor).

    Never fails: lines that the parser does not understand are skipped and reported.
    """
    grammar = _grammar(version)
    module = grammar.parse(text, cache=False, diff_cache=False)
    skipped_lines = _skipped_lines(module)
    if skipped_lines:
        rewritten = as_older_grammar(text)
        if rewritten != text:
            module = grammar.parse(rewritten, cache=False, diff_cache=False)
            skipped_lines = _skipped_lines(module)
    return Parsed(module, skipped_lines)


def _skipped_lines(module: BaseNode) -> tuple[int, ...]:
    """Return, sorted, the line of each node that the parser marked as an error."""
    lines = set()
    waiting: list[NodeOrLeaf] = [module]
    while waiting:
        node = waiting.pop()
        if node.type in ("error_node", "error_leaf"):
            lines.add(node.start_pos[0])
        elif isinstance(node, BaseNode) and _holds_statements(node):
            waiting.extend(node.children)
    return tuple(sorted(lines))


def _holds_statements(node: BaseNode) -> bool:
    """Return whether a node can contain errors: only those around statements can."""
    return node.type.endswith(("_stmt", "_input", "def", "suite", "stmt", "decorated"))
