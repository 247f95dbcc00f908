"""Text to a syntax tree, by the grammar of the interpreter that will run it."""

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
    """A syntax tree, and the lines at which the parser had to skip something."""

    module: BaseNode
    skipped_lines: tuple[int, ...]


@lru_cache
def _grammar(version: tuple[int, int]) -> "PythonGrammar":
    nearest = max(OLDEST_GRAMMAR, min(NEWEST_GRAMMAR, version))
    grammar: PythonGrammar = load_grammar(version=".".join(map(str, nearest)))
    return grammar


def parse(text: str, version: tuple[int, int]) -> Parsed:
    """Parse by the grammar of Python ``version``; never fails, but tells what it skipped."""
    grammar = _grammar(version)
    module = grammar.parse(text, cache=False, diff_cache=False)
    skipped = _skipped_lines(module)
    if skipped:
        rewritten = as_older_grammar(text)
        if rewritten != text:
            module = grammar.parse(rewritten, cache=False, diff_cache=False)
            skipped = _skipped_lines(module)
    return Parsed(module, skipped)


def _skipped_lines(module: BaseNode) -> tuple[int, ...]:
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
    """Expressions that parsed hold no errors; only what contains statements can."""
    return node.type.endswith(("_stmt", "_input", "def", "suite", "stmt", "decorated"))
