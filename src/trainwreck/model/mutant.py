"""A mutant: one small bug, as edits of a text."""

import io
from dataclasses import dataclass
from enum import StrEnum
from sys import intern
from typing import Self

from trainwreck.model.identity import content_id
from trainwreck.model.stratum import Stratum

APP = "app"
MODULE_LEVEL = "<module>"
OWN = "own"
"""The operator of bugs that users describe."""


class OperatorCode(StrEnum):
    """The mutation operators of Jia et al. (SANER 2022), Table II."""

    ArOR = "ArOR"
    BitOR = "BitOR"
    ComOR = "ComOR"
    LogOR = "LogOR"
    AsOR = "AsOR"
    MemOR = "MemOR"
    BVR = "BVR"
    NVR = "NVR"


_CODES: dict[str, OperatorCode] = {code.value: code for code in OperatorCode}
LONGEST_NAME = 80


def operator_of(text: str) -> str:
    """Return the operator that a text names: one of the eight, or one of another family or tool."""
    text = text.strip()
    return _CODES.get(text) or intern(text)


def operator_name(operator: str) -> str:
    """Return an operator on one line that can be printed, shortened where it is very long."""
    letters = (letter if letter.isprintable() else " " for letter in operator)
    name = " ".join("".join(letters).split()) or "(not printable)"
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


class Context(StrEnum):
    """The syntactic position of an edit: the nearest construct that gives it a meaning."""

    IF = "condition of an if"
    WHILE = "condition of a while"
    CONDITIONAL = "condition of a conditional expression"
    ASSERT = "assertion"
    COMPREHENSION = "condition of a comprehension"
    DEFAULT = "default of a parameter"
    DEFAULT_PART = "part of a default of a parameter"
    ANNOTATION = "annotation"
    DEFERRED = "annotation that is not evaluated"
    DECORATOR = "decorator"
    KEYWORD = "keyword argument"
    ARGUMENT = "argument of a call"
    SUBSCRIPT = "subscript"
    ELEMENT = "element of a display"
    FORMATTED = "formatted string"
    LAMBDA = "body of a lambda"
    RETURN = "returned value"
    RAISE = "raised value"
    YIELD = "yielded value"
    ITERABLE = "iterable of a loop"
    RESOURCE = "resource of a with"
    AUGMENTED = "augmented assignment"
    ASSIGNED = "assigned value"
    TARGET = "target of an assignment"
    SUBJECT = "subject of a match"
    PATTERN = "pattern of a match"
    STATEMENT = "other statement"
    UNKNOWN = "not known"


ANNOTATIONS = frozenset([Context.ANNOTATION, Context.DEFERRED])
STRATA = {
    **dict.fromkeys(ANNOTATIONS, Stratum.ANNOTATION),
    Context.DEFAULT: Stratum.DEFAULT,
    Context.DEFAULT_PART: Stratum.DEFAULT,
}
"""The contexts whose stratum does not depend on the function around them."""
CONDITIONS = frozenset(
    [Context.IF, Context.WHILE, Context.CONDITIONAL, Context.ASSERT, Context.COMPREHENSION]
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of decoded text; lines count from 1, columns and offsets from 0, in characters."""

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Text that takes the place of a span."""

    span: Span
    original: str
    replacement: str


class _Known:
    """Holds the id of a mutant once it is known, as to hash its content takes time."""

    __slots__ = ("_id",)

    _id: str


@dataclass(frozen=True, slots=True)
class Mutant(_Known):
    """One small bug: a few span edits in one file, and all that is known of them before a run.

    ``lines`` are the first and last line of the enclosing statement (or of the header of a
    compound one). ``evaluated`` are the start and end offsets of the innermost expression that
    contains the edit, for the hit counter around it. It is None where only the statement can be
    counted.
    ``counted`` are tree paths of what to count instead, in the buggy text, as the agent's
    ``changes.py`` finds them, each with its line: ``body.3.value:12``. Only bugs that users
    describe have some.
    ``anchor`` identifies the place by its own statement's text, so that a change elsewhere in
    the file leaves the mutant's id as it was. ``operator`` is an ``OperatorCode`` for the eight
    operators of the paper; those of other families and other tools may have any name.
    """

    root: str
    file: str
    module: str
    function: str
    operator: str
    edits: tuple[Edit, ...]
    source_sha: str
    context: Context
    anchor: str
    lines: tuple[int, int]
    evaluated: tuple[int, int] | None
    counted: tuple[str, ...] = ()

    @property
    def parts(self) -> "tuple[Mutant, ...]":
        """Return what is changed, file by file: one part, except for bugs that users describe."""
        return (self,)

    @property
    def id(self) -> str:
        """Return a content hash: equal on every machine, in every run, for the same bug."""
        try:
            return self._id
        except AttributeError:
            return self.with_id(self._hashed())._id

    def with_id(self, known: str) -> Self:
        """Return the mutant itself, whose id is known from now on, as from where it is stored."""
        object.__setattr__(self, "_id", known)
        return self

    def _hashed(self) -> str:
        changes = [text for edit in self.edits for text in (edit.original, edit.replacement)]
        return content_id(self.root, self.file, self.function, self.operator, self.anchor, *changes)

    @property
    def is_counted_by_statement(self) -> bool:
        """Return whether a run counts before a statement, as no expression holds the edit."""
        is_evaluated = self.context is not Context.DEFERRED
        return self.evaluated is None and self.operator != OWN and is_evaluated

    @property
    def original(self) -> str | None:
        """Return the text that the first edit replaces, None where it is not known."""
        return self.edits[0].original

    @property
    def replacement(self) -> str | None:
        """Return the text that the first edit inserts, None where it is not known."""
        return self.edits[0].replacement

    @property
    def span(self) -> Span:
        """Return the first edit's span: the position that messages and pages name."""
        return self.edits[0].span

    @property
    def node(self) -> tuple[int, int]:
        """Return start and end of the edited node; the cap per file counts nodes, not mutants."""
        return self.span.start, self.span.end

    @property
    def stratum(self) -> Stratum:
        """Return the kind of code that it changes, from which mutants are drawn apart."""
        if self.context in STRATA:
            return STRATA[self.context]
        if self.function == MODULE_LEVEL:
            return Stratum.MODULE
        return Stratum.CONDITION if self.context in CONDITIONS else Stratum.CODE

    @property
    def change(self) -> str:
        """Return what is changed, in words without the place; empty where it is not known."""
        return " and ".join(
            f"replace `{edit.original}` with `{edit.replacement}`"
            if edit.replacement
            else f"delete `{edit.original.strip()}`"
            for edit in self.edits
        )

    @property
    def name(self) -> str:
        """Return a sentence that says what the bug is."""
        where = "at module level" if self.function == MODULE_LEVEL else f"in {self.function}"
        return f"{self.file}:{self.span.line}: {self.change} {where} [{self.operator}]"

    def apply(self, text: str) -> str:
        """Return the buggy text. Raises ValueError where ``text`` is not the mutant's own."""
        for edit in reversed(self.edits):
            span = edit.span
            if text[span.start : span.end] != edit.original:
                raise ValueError(f"{self.file} no longer reads `{edit.original}` at {span.line}")
            text = text[: span.start] + edit.replacement + text[span.end :]
        return text

    def apply_counted(self, text: str, call: str) -> str:
        """Return the buggy text with ``call`` evaluated before the changed expression.

        No line moves. ``call`` must be an expression with a true value. Returns the plain buggy
        text where there is no expression to count (``evaluated`` is None).
        """
        if self.evaluated is None:
            return self.apply(text)
        start, end = map(self._moved, self.evaluated)
        buggy = self.apply(text)
        return f"{buggy[:start]}({call} and ({buggy[start:end]})){buggy[end:]}"

    def _moved(self, offset: int) -> int:
        """Convert an offset of the original text into one of the buggy text."""
        return offset + sum(
            len(edit.replacement) - len(edit.original)
            for edit in self.edits
            if edit.span.end <= offset
        )

    def diff(self, text: str) -> str:
        """Return a unified diff of the bug, as ``git diff`` would show it."""
        import difflib

        # As git writes it: without the tab, `patch` takes a blank for the end of the name.
        name = f"{self.file}\t" if " " in self.file else self.file
        return "".join(
            difflib.unified_diff(
                _lines(text),
                _lines(self.apply(text)),
                f"a/{name}",
                f"b/{name}",
            )
        )


def _lines(text: str) -> list[str]:
    """Return the lines of a text as ``git`` and ``patch`` know them: nothing else ends one."""
    return io.StringIO(text, newline="\n").readlines()


@dataclass(frozen=True, slots=True)
class RecordedMutant(Mutant):
    """A mutant as somebody else described it, by an id and perhaps a name of their own.

    Unknown fields are an empty text, zero, or ``Context.UNKNOWN``. An unknown part of the change
    is None, because an empty ``own_replacement`` is a deletion.
    """

    own_id: str = ""
    own_name: str = ""
    own_original: str | None = None
    own_replacement: str | None = None

    @property
    def original(self) -> str | None:
        """Return the text that is replaced, None where it is not known."""
        return self.own_original

    @property
    def replacement(self) -> str | None:
        """Return the text that is inserted, None where it is not known."""
        return self.own_replacement

    @property
    def id(self) -> str:
        """Return the id from the record."""
        return self.own_id

    @property
    def change(self) -> str:
        """Return the change as far as the record has it, or else its name."""
        return _change(self.own_original, self.own_replacement) or self.own_name

    @property
    def name(self) -> str:
        """Return the name from the record, or one of position, operator and known change."""
        if self.own_name:
            return self.own_name
        change = self.change
        where = f" in {self.function}" if self.function != MODULE_LEVEL else " at module level"
        text = f": {change}{where if self.function else ''}" if change else ""
        return f"{self.file}:{self.span.line}{text} [{operator_name(self.operator)}]"


def _change(original: str | None, replacement: str | None) -> str:
    """Return a change in words; None is an unknown part, an empty replacement a deletion."""
    if original and replacement:
        return f"replace `{original}` with `{replacement}`"
    if original:
        return f"replace `{original}`" if replacement is None else f"delete `{original.strip()}`"
    if replacement:
        return f"insert `{replacement}`" if original == "" else f"put in `{replacement}`"
    return ""


@dataclass(frozen=True, slots=True)
class PlannedMutant:
    """A mutant of the plan, with the phases in which its line runs in clean runs."""

    mutant: Mutant
    phases: tuple[str, ...] = ()


class Selection(StrEnum):
    """The mutants that were drawn at random, or those that somebody chose, which are no sample."""

    SAMPLE = "sample"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class FileFrame:
    """The numbers of one file's nodes and mutants at each step from all to the planned ones.

    ``nodes`` and ``mutants`` are all that compile, without annotations where these are left out;
    ``dropped`` mutants do not compile.
    ``executed_nodes`` and ``executed`` lie on lines that the clean program runs.
    ``planned_nodes`` and ``planned`` are left by the cap per file. ``problem`` says what could not
    be read, or is empty.
    """

    root: str
    file: str
    nodes: int
    mutants: int
    dropped: int
    executed_nodes: int
    executed: int
    planned_nodes: int
    planned: int
    problem: str
