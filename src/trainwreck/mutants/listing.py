"""Listing of every mutant of one file's text."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from parso.tree import NodeOrLeaf

from trainwreck.model import Context, Edit, Mutant, Span, content_id
from trainwreck.mutants.syntax import (
    can_be_counted,
    code_of,
    context_of,
    function_of,
    has_lazy_annotations,
    statement_of,
)
from trainwreck.operators import Change, Operator, Tree
from trainwreck.operators.table2 import OPERATORS
from trainwreck.source import LineIndex, SourceText, parse

SOFT_KEYWORD = re.compile("match|case|type")


@dataclass(frozen=True, slots=True)
class Listing:
    """The mutants of one file in the order of the text, and the lines that were not understood."""

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
    """List all mutants of a text, including those that do not compile.

    Args:
        source: The text of the file.
        root: ``app`` or the import name of the library.
        file: The POSIX path of the file below the root.
        module: The dotted name under which the file is imported.
        version: Major and minor version of Python, which decide the grammar.
        operators: The operators to apply.

    """
    parsed = parse(source.text, version)
    tree = Tree(parsed.module, parsed.skipped_lines)
    changes = [(operator, change) for operator in operators for change in operator.sites(tree)]
    changes.sort(key=lambda pair: pair[1].start)
    locator = _Locator(source.text, has_lazy_annotations(parsed.module, version))
    mutants = []
    for operator, change in changes:
        location = locator.locate(change)
        mutants.append(
            Mutant(
                root=root,
                file=file,
                module=module,
                function=location.function,
                operator=operator.name,
                edits=(location.edit,),
                source_sha=source.sha,
                context=location.context,
                anchor=location.anchor,
                lines=location.lines,
                evaluated=location.evaluated,
            )
        )
    return Listing(tuple(mutants), parsed.skipped_lines)


@dataclass(frozen=True, slots=True)
class _Location:
    """The fields of a mutant that follow from the position of its edit."""

    edit: Edit
    function: str
    context: Context
    anchor: str
    lines: tuple[int, int]
    evaluated: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Statement:
    """The statement around an edit, or the header of a compound one.

    ``start`` is its offset. ``anchor`` is the hash of its text and its number among equal ones of
    the same function. ``keyword`` is ``match``, ``case`` or ``type`` where it begins so, and else
    empty: the tree shows these statements as older ones.
    """

    start: int
    lines: tuple[int, int]
    function: str
    anchor: str
    keyword: str

    def soft_context(self, context: Context) -> Context:
        """Return the context as it is in a statement with such a keyword; elsewhere it stays."""
        if self.keyword == "type":
            return Context.DEFERRED
        if self.keyword == "case":
            return Context.PATTERN
        if self.keyword == "match" and context is Context.RESOURCE:
            return Context.SUBJECT
        return context


class _Locator:
    """The text of one file, and the statements in it that have been read."""

    def __init__(self, text: str, lazy: bool) -> None:
        self._text = text
        self._lazy = lazy
        self._index = LineIndex(text)
        self._statements: dict[int, _Statement] = {}
        self._occurrences: Counter[tuple[str, str]] = Counter()

    def locate(self, change: Change) -> _Location:
        """Return the location of a change."""
        start, end = self._index.offset(change.start), self._index.offset(change.end)
        statement = self._statement(change.node)
        context = statement.soft_context(context_of(change.node, self._lazy))
        evaluated = None
        if context is not Context.PATTERN and can_be_counted(change.node, context):
            evaluated = (
                self._index.offset(change.node.start_pos),
                self._index.offset(change.node.end_pos),
            )
        return _Location(
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
        if id(first) not in self._statements:
            self._statements[id(first)] = self._read_statement(node, first, last)
        return self._statements[id(first)]

    def _read_statement(self, node: NodeOrLeaf, first: NodeOrLeaf, last: NodeOrLeaf) -> _Statement:
        start, end = self._index.offset(first.start_pos), self._index.offset(last.end_pos)
        function, text = function_of(node), self._text[start:end]
        occurrence = self._occurrences[function, text]
        self._occurrences[function, text] += 1
        # The parser shows these words as others, which it understands.
        leaf = first.get_first_leaf()  # type: ignore[no-untyped-call]
        is_shown = text.startswith(code_of(leaf))
        keyword_match = None if is_shown else SOFT_KEYWORD.match(text)
        keyword = keyword_match[0] if keyword_match else ""
        first_line = _line_of_match(first) if keyword == "case" else first.start_pos[0]
        return _Statement(
            start=start,
            lines=(first_line, last.end_pos[0]),
            function=function,
            anchor=f"{content_id(text)}.{occurrence}",
            keyword=keyword,
        )


def _line_of_match(case: NodeOrLeaf) -> int:
    """Return the line of the ``match`` around a ``case``.

    A call that counts can stand before the ``match``, but not before a ``case``. The parser reads
    both as ``with``; the nearest one around a ``case`` is its ``match``.
    """
    node = case.parent
    while node is not None and node.parent is not None:
        node = node.parent
        if node.type == "with_stmt":
            return node.start_pos[0]
    return case.start_pos[0]
