"""Why a buggy run crashed: the five classes of the study (section IV-B), or none of them.

The study's authors judged 35 crashes by hand. Here ordered rules decide by what is on record: the
place of the edit in the syntax, the exception, and the traceback. The first rule that fits counts.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from trainwreck.model import (
    Cause,
    CauseReason,
    ChainedError,
    Context,
    CrashRule,
    Failure,
    Mutant,
    OperatorCode,
)

CONDITIONS = frozenset(
    [Context.IF, Context.WHILE, Context.CONDITIONAL, Context.ASSERT, Context.COMPREHENSION]
)
VALUES = frozenset(
    [
        Context.ASSIGNED,
        Context.AUGMENTED,
        Context.KEYWORD,
        Context.DEFAULT,
        Context.ARGUMENT,
        Context.ELEMENT,
    ]
)
"""Places whose value is given a name, an attribute, an element or a parameter."""

SIMPLE = frozenset([Context.ASSIGNED, Context.AUGMENTED, Context.RETURN])
"""Places that cannot lie in the head of an `if`."""

CONSTANTS = frozenset([OperatorCode.NVR, OperatorCode.BVR])
CALCULATIONS = frozenset([OperatorCode.ArOR, OperatorCode.BitOR, OperatorCode.AsOR])
UNSET = frozenset(["UnboundLocalError", "NameError"])
BY_THE_INTERPRETER = UNSET | {
    "TypeError",
    "AttributeError",
    "IndexError",
    "KeyError",
    "ZeroDivisionError",
    "OverflowError",
    "ImportError",
    "ModuleNotFoundError",
    "RecursionError",
    "MemoryError",
}
"""Exceptions that hardly ever come from a `raise` of a library."""

NEAR = 3
"""Number of lines below a condition in which the guarded code stands, comments included."""

SIZES = re.compile(
    r"\b(dimensions?|shapes?|sizes?|rank|ndim|cardinality|broadcast|axis|samples|scalar)\b(?!\s*=)",
    re.IGNORECASE,
)
MISMATCH = re.compile(
    r"match|equal|same|compatib|ambiguous|must|expect|could not|out of|should", re.IGNORECASE
)
OUTSIDE = re.compile(r"out of (range|bounds)", re.IGNORECASE)

HEAD = "Traceback (most recent call last)"
QUOTES = '"\n '
"""The characters that multiprocessing puts around the traceback of a worker."""

CHAINED = ("During handling of the above exception", "The above exception was the direct cause")
FRAME = re.compile(r'^\s*File "(?P<file>[^"]*)", line (?P<line>\d+), in (?P<function>.*)$')
ENDED = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$")
ASSIGNMENT = re.compile(r"^[\w.\[\]'\"(), *]+?(\s*:[^=]+)?\s*([-+*/%&|^@]|//|\*\*|<<|>>)?=(?!=)")


@dataclass(frozen=True, slots=True)
class TracebackLine:
    """One line of a traceback; ``statement`` is the text of the line, or empty."""

    file: str
    line: int
    function: str
    statement: str = ""


@dataclass(frozen=True, slots=True)
class RaisedError:
    """An exception with where it came from, outermost first; type without its module."""

    type: str
    message: str
    places: tuple[TracebackLine, ...] = ()

    @property
    def place(self) -> TracebackLine | None:
        """Return the innermost line, on which it was raised; None without a traceback."""
        return self.places[-1] if self.places else None


@dataclass(frozen=True, slots=True)
class Caused:
    """The class of a crash, and the rule that decided it."""

    cause: Cause
    reason: CauseReason


CauseRule = Callable[[Mutant, Sequence[RaisedError]], CauseReason | None]
"""Returns the reason why a rule fits, or None."""


def cause_of(mutant: Mutant, raised: Sequence[RaisedError]) -> Caused:
    """Return the class of a crash; the last of ``raised`` is the exception that ended the run."""
    for cause, rule in RULES:
        reason = rule(mutant, raised)
        if reason is not None:
            return Caused(cause, reason)
    return Caused(Cause.OTHER, CauseReason(CrashRule.NONE))


def raised_of(failure: Failure | None, log: str) -> tuple[RaisedError, ...]:
    """Return the exceptions that ended a run, that which ended it last.

    They are those that the agent recorded. Older campaigns and imported records have no chain:
    there the printed traceback gives the exceptions, or the failure alone if it does not fit.
    """
    if failure is None:
        return ()
    if failure.chain:
        return _recorded(failure.chain)
    printed = read_tracebacks(log)
    short = failure.type.rpartition(".")[2]
    if printed and printed[-1].type == short:
        return printed
    places = tuple(
        TracebackLine(frame.file, frame.line, frame.function) for frame in failure.frames
    )
    return (RaisedError(short, failure.message, places),)


def _recorded(chain: Sequence[ChainedError]) -> tuple[RaisedError, ...]:
    """Return the exceptions of a chain, each after those of a worker process in its message.

    An exception that was never raised has no frames: it is a note of the program, or the text of
    a worker's traceback.
    """
    raised: list[RaisedError] = []
    for failure in chain:
        message, head, traceback = failure.message.partition(HEAD)
        if head:
            raised += read_tracebacks(head + traceback.rstrip(QUOTES))
        if failure.frames or failure is chain[-1]:
            places = tuple(
                TracebackLine(frame.file, frame.line, frame.function, frame.statement)
                for frame in failure.frames
            )
            text = message.rstrip(QUOTES) if head else message
            raised.append(RaisedError(failure.type.rpartition(".")[2], text, places))
    return tuple(raised)


def read_tracebacks(log: str) -> tuple[RaisedError, ...]:
    """Return the exceptions of the last traceback of a log, chained ones first."""
    exceptions: list[RaisedError] = []
    chained = False
    for block, before in _blocks(log):
        if not (chained or any(text in before for text in CHAINED)):
            exceptions = []
        raised = _read_block(block)
        chained = raised is None
        exceptions += [raised] if raised else []
    return tuple(exceptions)


def _blocks(log: str) -> Iterator[tuple[list[str], str]]:
    """Yield the lines of each traceback, and the text between it and the one before."""
    before, *blocks = log.split(HEAD)
    for block in blocks:
        lines = block.splitlines()[1:]
        yield lines, before
        before = block


def _read_block(lines: Sequence[str]) -> RaisedError | None:
    places: list[TracebackLine] = []
    for number, line in enumerate(lines):
        frame = FRAME.match(line)
        if frame:
            following = lines[number + 1] if number + 1 < len(lines) else ""
            text = "" if FRAME.match(following) else following.strip()
            places.append(TracebackLine(frame["file"], int(frame["line"]), frame["function"], text))
            continue
        ended = ENDED.match(line) if places else None
        if ended:
            message = "\n".join([ended["message"] or "", *_rest(lines[number + 1 :])])
            return RaisedError(ended["type"].rpartition(".")[2], message.strip(), tuple(places))
    return None


def _rest(lines: Sequence[str]) -> Iterator[str]:
    """Yield the further lines of a message, up to a chained traceback."""
    for line in lines:
        if any(text in line for text in CHAINED):
            return
        yield line


def _is_in(mutant: Mutant, frame: TracebackLine) -> bool:
    """Return whether a line lies in the changed function."""
    same = frame.function == mutant.function.rpartition(".")[2]
    return same and _is_of_file(mutant, frame)


def _is_of_file(mutant: Mutant, frame: TracebackLine) -> bool:
    return frame.file == mutant.file or frame.file.endswith(f"/{mutant.file}")


def _is_at(mutant: Mutant, frame: TracebackLine | None) -> bool:
    """Return whether a line is one of the changed statement."""
    first, last = mutant.lines
    return frame is not None and first <= frame.line <= last and _is_of_file(mutant, frame)


def _by_hand(raised: RaisedError) -> bool:
    """Return whether a `raise` or `assert` statement raised the exception.

    Before Python 3.8 a traceback shows only the last line of a statement. A line that closes more
    brackets than it opens ends a longer statement. There the type of the exception decides.
    """
    frame = raised.place
    if frame is None:
        return False
    if frame.statement.startswith(("raise", "assert")):
        return True
    text = frame.statement
    fragment = not text or text.count(")") > text.count("(")
    return fragment and raised.type not in BY_THE_INTERPRETER


def _raise_under_condition(mutant: Mutant, raised: Sequence[RaisedError]) -> CauseReason | None:
    condition = mutant.context in CONDITIONS
    for error in raised:
        frame = error.place
        if frame is None or not _is_in(mutant, frame) or not _by_hand(error):
            continue
        below = frame.line - mutant.lines[1]
        if condition and frame.line >= mutant.lines[0]:
            return CauseReason(CrashRule.RAISES_BEHIND_CONDITION, frame.line)
        if 0 < below <= NEAR and mutant.context not in SIMPLE:
            return CauseReason(CrashRule.RAISES_BELOW, frame.line)
    return None


def _type_of_operands(mutant: Mutant, raised: Sequence[RaisedError]) -> CauseReason | None:
    here = any(error.type == "TypeError" and _is_at(mutant, error.place) for error in raised)
    if here and mutant.operator not in CONSTANTS:
        return CauseReason(CrashRule.OPERANDS_REFUSED)
    return None


def _outside_here(mutant: Mutant, raised: Sequence[RaisedError]) -> CauseReason | None:
    here = any(_is_mismatch(error) and _is_at(mutant, error.place) for error in raised)
    return CauseReason(CrashRule.OUT_OF_RANGE_HERE) if here else None


def _assignment_under_condition(
    mutant: Mutant, raised: Sequence[RaisedError]
) -> CauseReason | None:
    if mutant.context not in CONDITIONS or not raised:
        return None
    if raised[-1].type in UNSET:
        return CauseReason(CrashRule.NAME_WITHOUT_VALUE)
    below = _below(mutant, raised)
    if below is None:
        return CauseReason(CrashRule.FAILED_ELSEWHERE)
    if ASSIGNMENT.match(below.statement):
        return CauseReason(CrashRule.ASSIGNS_BELOW, below.line)
    return None


def _below(mutant: Mutant, raised: Sequence[RaisedError]) -> TracebackLine | None:
    """Return the line below the changed condition in a traceback, None where there is none."""
    last = mutant.lines[1]
    for error in raised:
        for frame in error.places:
            if _is_in(mutant, frame) and last < frame.line <= last + NEAR:
                return frame
    return None


def _other_under_condition(mutant: Mutant, raised: Sequence[RaisedError]) -> CauseReason | None:
    if mutant.context not in CONDITIONS:
        return None
    if not raised:
        return CauseReason(CrashRule.BRANCH_WITHOUT_EXCEPTION)
    return CauseReason(CrashRule.NEITHER_RAISES_NOR_ASSIGNS)


def _type_of_result(mutant: Mutant, raised: Sequence[RaisedError]) -> CauseReason | None:
    if raised and raised[-1].type == "TypeError" and mutant.operator in CALCULATIONS:
        return CauseReason(CrashRule.RESULT_REFUSED)
    return None


def _mismatch(mutant: Mutant, raised: Sequence[RaisedError]) -> CauseReason | None:
    del mutant
    mismatch = next((error for error in raised if _is_mismatch(error)), None)
    return CauseReason(CrashRule.MISMATCH, exception=mismatch.type) if mismatch else None


def _is_mismatch(raised: RaisedError) -> bool:
    text = raised.message
    sizes = bool(SIZES.search(text) and MISMATCH.search(text))
    return raised.type == "IndexError" or bool(OUTSIDE.search(text)) or sizes


def _value(mutant: Mutant, raised: Sequence[RaisedError]) -> CauseReason | None:
    if mutant.context not in VALUES:
        return None
    rule = CrashRule.VALUE_KEPT if raised else CrashRule.VALUE_KEPT_WITHOUT_EXCEPTION
    return CauseReason(rule)


RULES: tuple[tuple[Cause, CauseRule], ...] = (
    (Cause.RAISE_UNDER_CONDITION, _raise_under_condition),
    (Cause.TYPE_ERROR, _type_of_operands),
    (Cause.DIMENSION, _outside_here),
    (Cause.ASSIGNMENT_UNDER_CONDITION, _assignment_under_condition),
    (Cause.OTHER, _other_under_condition),
    (Cause.TYPE_ERROR, _type_of_result),
    (Cause.DIMENSION, _mismatch),
    (Cause.ASSIGNED_VALUE, _value),
)
