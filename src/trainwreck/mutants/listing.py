"""Every mutant of one file's text."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from parso.tree import NodeOrLeaf

from trainwreck.model import Context, Edit, Mutant, Span, content_id
from trainwreck.mutants.syntax import can_be_counted, context_of, function_of, statement_of
from trainwreck.operators import Change, Operator, Tree
from trainwreck.operators.table2 import OPERATORS
from trainwreck.source import LineIndex, SourceText, parse

SOFT_KEYWORD = re.compile("match|case")


@dataclass(frozen=True, slots=True)
class Listing:
    """The mutants of one file in the order of the text, and the lines that could not be read."""

    mutants: tuple[Mutant, ...]
    skipped_lines: tuple[int, ...]


def list_mutants(
    source: SourceText,
    root: str,
    file: str,
    module: str,
    version: tuple[int, int],
    operators: Iterable[Operator] = OPERATORS,
) -> Listing:
    """Return all mutants of a text by the grammar of Python ``version``, if they compile or not."""
    parsed = parse(source.text, version)
    tree = Tree(parsed.module, parsed.skipped_lines)
    changes = [(operator, change) for operator in operators for change in operator.sites(tree)]
    changes.sort(key=lambda pair: pair[1].start)
    places = _Places(source.text)
    mutants = []
    for operator, change in changes:
        place = places.of(change)
        mutants.append(
            Mutant(
                root=root,
                file=file,
                module=module,
                function=place.function,
                operator=operator.name,
                edits=(place.edit,),
                source_sha=source.sha,
                context=place.context,
                anchor=place.anchor,
                lines=place.lines,
                evaluated=place.evaluated,
            )
        )
    return Listing(tuple(mutants), parsed.skipped_lines)


@dataclass(frozen=True, slots=True)
class _Place:
    edit: Edit
    function: str
    context: Context
    anchor: str
    lines: tuple[int, int]
    evaluated: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Statement:
    """The enclosing statement; ``anchor`` is its text's hash and its number among equal ones.

    ``keyword`` is its first word where that is one of the statement ``match``, which the tree
    shows as something else.
    """

    start: int
    lines: tuple[int, int]
    function: str
    anchor: str
    keyword: str

    def soft_context(self, context: Context) -> Context:
        """What ``context`` is in a statement ``match``."""
        if self.keyword == "case":
            return Context.PATTERN
        if self.keyword == "match" and context is Context.RESOURCE:
            return Context.SUBJECT
        return context


class _Places:
    """Looks places up in one text, each statement only once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._index = LineIndex(text)
        self._statements: dict[int, _Statement] = {}
        self._equal: Counter[tuple[str, str]] = Counter()

    def of(self, change: Change) -> _Place:
        start, end = self._index.offset(change.start), self._index.offset(change.end)
        statement = self._statement(change.node)
        context = statement.soft_context(context_of(change.node))
        evaluated = None
        if context is not Context.PATTERN and can_be_counted(change.node, context):
            evaluated = (
                self._index.offset(change.node.start_pos),
                self._index.offset(change.node.end_pos),
            )
        return _Place(
            edit=Edit(
                Span(start, end, *change.start, *change.end),
                self._text[start:end],
                change.replacement,
            ),
            function=statement.function,
            context=context,
            anchor=f"{statement.anchor}+{start - statement.start}",
            lines=statement.lines,
            evaluated=evaluated,
        )

    def _statement(self, node: NodeOrLeaf) -> _Statement:
        first, last = statement_of(node)
        known = self._statements.get(id(first))
        if known is None:
            known = self._statements[id(first)] = self._read_statement(node, first, last)
        return known

    def _read_statement(self, node: NodeOrLeaf, first: NodeOrLeaf, last: NodeOrLeaf) -> _Statement:
        start, end = self._index.offset(first.start_pos), self._index.offset(last.end_pos)
        function, text = function_of(node), self._text[start:end]
        number = self._equal[function, text]
        self._equal[function, text] += 1
        found = SOFT_KEYWORD.match(text) if first.type == "keyword" else None
        keyword = found[0] if found else ""
        first_line = _line_of_match(first) if keyword == "case" else first.start_pos[0]
        return _Statement(
            start=start,
            lines=(first_line, last.end_pos[0]),
            function=function,
            anchor=f"{content_id(text)}.{number}",
            keyword=keyword,
        )


def _line_of_match(case: NodeOrLeaf) -> int:
    """The line of the ``match`` that a ``case`` belongs to: only that statement can be counted.

    Both are read as a ``with``; the nearest one around a ``case`` is its ``match``.
    """
    node = case.parent
    while node is not None and node.parent is not None:
        node = node.parent
        if node.type == "with_stmt":
            return node.start_pos[0]
    return case.start_pos[0]
