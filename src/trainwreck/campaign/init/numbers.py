"""Finds the numbers that a program prints, each with a pattern that reads exactly these."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from trainwreck.campaign.init.kinds import has_metric_word
from trainwreck.model import Better, Metric
from trainwreck.run.metric_lines import CODES, TYPES, LineReader, Steps, number_in

MOST_LINES = 400_000
LONGEST_LINE = 4_000
MOST_LABELS = 3_000
MOST_TOKENS = 60
"""Numbers of one line that are read."""
TOKEN = re.compile(
    r"(?<![\w.@#])(?<!\w-)[+-]?(?:"
    r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|(?:nan|inf)\b)"
    r"(?![\w])",
    re.IGNORECASE,
)
"""A number that stands alone: none with a unit, as ``12ms``, and none within a name."""
SKIPPED = r"[-+.,\d]+"
"""The pattern of a number that is no value, between a name and its value."""
CAPTURES = (r"(\S+)", r"([-+.\w]+)", r"([-+]?[\d.]+(?:[eE][-+]?\d+)?|nan|inf)")
DELIMITER = re.compile(r"[,;|│┃║\t\[\](){}<>\"!?]|(?<!\w)'|'(?!\w)|\s[-–—]+\s|\s{2,}|[:=]\s+|\.\s")  # noqa: RUF001
DRESS = re.compile(rf"(?:\s|[(\[]\s?%\s?[)\]]|[:=|~≈│'\"(\[{{<>]|->|=>|{TYPES}\()*$", re.IGNORECASE)
"""The signs between a name and its number, with a unit of percent in brackets."""
LONGEST_DRESS = 200
LINKS = frozenset(["of", "on", "the", "at", "after", "for", "in", "over", "epoch", "step", "batch",
                   "iteration", "iter", "fold", "and", "with", "first", "last", "all"])  # fmt: skip
"""Words after which a number belongs to the name of another: ``on the 10000 test images: 54 %``."""
UNIT = re.compile(
    r"\s*(?:s|secs?|seconds?|ms|min(?:ute)?s?|h(?:ours?)?|[kMG]i?B|it/s|s/it|fps|x|samples?)\b"
)
"""A unit that no result of training has."""
REST_OF_DATE = re.compile(r"[-:.,/]\d\S*\s*")
"""The rest of a date after its year, or of a time after its hour, before a name begins."""
DAY = re.compile(
    r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|AM|PM)\b"
)
"""The words of a date or time, which other runs print differently."""
ATTACHED = re.compile(r"\s*[(\[/]\s*")
LETTER = re.compile(r"[^\W\d_]")
SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")

Pieces = tuple[str, ...]
"""The texts around the numbers of a line, from a name to its value; one number between two."""


@dataclass(slots=True)
class Printed:
    """Numbers with one name: their texts in order, and where they stand.

    ``pieces`` are the texts from the name to the value. ``before`` is the text of the line in front
    of the name. ``redrawn`` counts those in lines that a progress bar overwrites, ``counts`` those
    like the 3 of ``3/10``, ``percents`` those with a percent sign.
    """

    name: str
    pieces: Pieces
    before: str
    texts: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    prefixes: set[str] = field(default_factory=set)
    redrawn: int = 0
    counts: int = 0
    percents: int = 0

    @property
    def clause(self) -> str:
        """Return what the line says in front of the name, up to a sign that divides it."""
        return _clause(self.before)

    @property
    def values(self) -> list[float]:
        """Return the numbers."""
        return [float(text.replace(",", "")) for text in self.texts]


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line as a terminal shows it; ``is_redrawn`` where the next one is drawn over it."""

    text: str
    is_redrawn: bool


def lines_of(text: str) -> list[PrintedLine]:
    """Return the lines of an output, without colours."""
    lines: list[PrintedLine] = []
    for match in re.finditer(r"([^\r\n]*)([\r\n]|$)", text.replace("\r\n", "\n")):
        shown = CODES.sub("", match[1])[-LONGEST_LINE:]
        lines.append(PrintedLine(shown, match[2] == "\r"))
        if len(lines) >= MOST_LINES:
            break
    return lines


def printed_numbers(lines: Sequence[PrintedLine]) -> list[Printed]:
    """Return the numbers of an output by their names, in the order of their first values."""
    found: dict[tuple[str, Pieces], Printed] = {}
    for index, line in enumerate(lines):
        for name, pieces, start, token in _named(line.text):
            key = name, tuple(" ".join(piece.split()) for piece in pieces)
            if key not in found and len(found) >= MOST_LABELS:
                continue
            before = line.text[:start]
            item = found.setdefault(key, Printed(name, pieces, before))
            if pieces != item.pieces:
                item.pieces = tuple(map(_wider, item.pieces, pieces))
            after = line.text[token.end() :].lstrip()
            item.texts.append(token[0])
            item.lines.append(index)
            item.prefixes.add(before)
            item.redrawn += line.is_redrawn
            item.counts += after.startswith("/") and TOKEN.match(after[1:].lstrip()) is not None
            item.percents += after.startswith("%")
    return list(found.values())


def pattern_for(item: Printed, text: str) -> str | None:
    """Return the shortest pattern by which exactly these values are read; None where there is none.

    Args:
        item: The numbers.
        text: The whole output.

    """
    for start in _starts(item):
        for capture in CAPTURES:
            pattern = start + capture
            if reads(pattern, text, item.values):
                return pattern
    return None


def reads(pattern: str, text: str, values: Sequence[float]) -> bool:
    """Return whether trainwreck reads exactly these values in a text."""
    read = [float(value) for value in values_read(pattern, text)]
    return repr(read) == repr(list(values))


def values_read(pattern: str, text: str) -> list[str]:
    """Return the values that trainwreck reads in a text by a pattern."""
    steps: Steps = {}
    reader = LineReader([Metric("read", pattern, Better.HIGHER, None)], steps)
    reader.feed(text)
    reader.close()
    return steps["read"]


def literal(text: str) -> str:
    """Return a pattern for a text, in which spaces stay on their line."""
    parts = re.split(r"(\s+)", text)
    return "".join(_spaces(part) if part.isspace() else _escaped(part) for part in parts if part)


def _escaped(text: str) -> str:
    return SPECIAL.sub(lambda match: f"\\{match[0]}", text)


def _spaces(text: str) -> str:
    if text == " ":
        return " "
    if set(text) == {"\t"} and len(text) == 1:
        return r"\t"
    return " +" if set(text) == {" "} else r"[ \t]+"


def _wider(one: str, other: str) -> str:
    """Return one of two texts that differ in their spaces only, with wide spaces where they do."""
    if one == other:
        return one
    parts, others = re.split(r"(\s+)", one), re.split(r"(\s+)", other)
    if len(parts) != len(others):
        return one
    return "".join(a if a == b else "  " for a, b in zip(parts, others, strict=True))


def _starts(item: Printed) -> Iterator[str]:
    """Yield patterns for what comes before a value, the shortest first."""
    named = SKIPPED.join(map(literal, item.pieces))
    yield named
    if item.name[0].isalnum():
        yield rf"\b{named}"
    # As far as the text in front is alike in every line.
    shared = _shared_end(sorted(item.prefixes)[:50])
    words = re.findall(r"\S*\s*$|\S+\s*", shared)
    for number in range(1, min(len(words), 6) + 1):
        front = "".join(words[-number:])
        if front.strip():
            yield literal(front) + named
    clauses = {_skeleton(_clause(prefix)) for prefix in item.prefixes}
    if len(clauses) == 1:
        yield clauses.pop() + named
    whole = {_skeleton(prefix) for prefix in item.prefixes}
    if len(whole) == 1:
        yield rf"^{whole.pop()}{named}"
    else:
        yield rf"^\s*{named}".replace(r"\s", "[ \\t]")


def _shared_end(texts: Sequence[str]) -> str:
    """Return the text with which all texts end, from a space on."""
    shared = texts[0]
    for text in texts[1:]:
        while not text.endswith(shared):
            shared = shared[1:]
    if len(texts) > 1 and len(shared) < len(texts[0]):
        shared = re.sub(r"^\S+", "", shared)
    return re.split(r"\d", shared)[-1]


def _clause(text: str) -> str:
    """Return the end of a text, from the last sign that divides it."""
    return re.split(r"[.,;|{}()\[\]]\s+", text)[-1]


def _skeleton(prefix: str) -> str:
    """Return a pattern for a part of a line, whatever numbers are in it."""
    parts, end = [], 0
    for token in TOKEN.finditer(prefix):
        parts.append(prefix[end : token.start()])
        end = token.end()
    parts.append(prefix[end:])
    # The day of a date, as in 2026-11-30, is no number that stands alone.
    without_numbers = [re.sub(r"\d+", r"\\d+", literal(part)) for part in parts]
    return SKIPPED.join(DAY.sub(r"\\w+", part) for part in without_numbers)


def _named(line: str) -> Iterator[tuple[str, Pieces, int, re.Match[str]]]:
    """Yield name, pieces, begin of the name and the number, for each number that has a name."""
    end = 0
    start: int | None = None
    texts: list[str] = []
    is_linked = False
    for number, token in enumerate(TOKEN.finditer(line)):
        if number >= MOST_TOKENS:
            return
        between = line[end : token.start()]
        end = token.end()
        is_linked = is_linked and not has_metric_word(between)
        if start is not None and (is_linked or ATTACHED.fullmatch(between)):
            texts = [*texts, between]
        else:
            begin = _begin_of_name(between)
            start = token.start() - len(between) + begin if begin is not None else None
            texts = [between[begin:]] if begin is not None else []
        if start is None:
            continue
        name = _name(texts)
        is_linked = _is_link(texts[-1])
        is_value = number_in(token[0]) is not None and UNIT.match(line, end) is None
        if not is_linked and is_value and not LINKS.issuperset(name.lower().split()):
            yield name, tuple(texts), start, token


def _begin_of_name(between: str) -> int | None:
    """Return where a name begins in the text in front of a number; None where there is none."""
    skipped = max(0, len(between) - LONGEST_DRESS)
    dressed = DRESS.search(between, skipped)
    bare = between[: dressed.start()] if dressed else between
    date = REST_OF_DATE.match(bare)
    after_date = date.end() if date else 0
    begin = max((match.end() for match in DELIMITER.finditer(bare)), default=0)
    begin = max(begin, after_date)
    while begin < len(bare) and not (bare[begin].isalnum() or bare[begin] == "_"):
        begin += 1
    if LETTER.search(bare[begin:]) is None:
        return None
    # A quote around a key belongs to it: `'loss': ` is not the end of `'eval_loss': `.
    return begin - 1 if begin and between[begin - 1] in "'\"" else begin


def _name(texts: Sequence[str]) -> str:
    """Return the name that pieces hold, with ``#`` for the numbers between them."""
    bare = [DRESS.sub("", text).strip(" '\"") for text in texts]
    return " # ".join(bare).strip("# ")


def _is_link(text: str) -> bool:
    """Return whether a text ends with a word after which a number is no value."""
    words = re.findall(r"[A-Za-z]+", text)
    if len(words) < 2 or re.search(r"[:=]\s*$", text):
        return False
    return words[-1].lower() in LINKS
