"""Unified diffs: read, reversed, and fitted to the text of a file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, zip_longest

HEADER = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
NOWHERE = "/dev/null"
BINARY = (b"GIT binary patch", b"Binary files ")
OPPOSITE = {"-": "+", "+": "-", " ": " "}


class BadPatch(Exception):
    """A patch that cannot be read, or does not fit a text; ``hint`` says what to do."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


@dataclass(frozen=True, slots=True)
class HunkLine:
    """One line of a hunk: `` `` in both texts, ``-`` in the old one, ``+`` in the new one."""

    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring lines of two texts; ``old_start`` and ``new_start`` count from 1."""

    old_start: int
    new_start: int
    lines: tuple[HunkLine, ...]

    @property
    def head(self) -> str:
        """Return the position as patches write it."""
        old = sum(line.kind != "+" for line in self.lines)
        new = sum(line.kind != "-" for line in self.lines)
        return f"@@ -{self.old_start},{old} +{self.new_start},{new} @@"


@dataclass(frozen=True, slots=True)
class FilePatch:
    """The hunks of one file with its old and its new path; ``NOWHERE`` for none."""

    old: str
    new: str
    hunks: tuple[Hunk, ...]

    def reversed(self) -> "FilePatch":
        """Return the patch that takes this one back."""
        return FilePatch(self.new, self.old, tuple(map(_reversed, self.hunks)))

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the paths that the file may have, the likeliest first."""
        names = [name for name in (self.old, self.new) if name != NOWHERE]
        bare = [name[2:] for name in names if re.match("[a-z]/", name)]
        return tuple(dict.fromkeys([*bare, *names]))


def _reversed(hunk: Hunk) -> Hunk:
    lines = tuple(replace(line, kind=OPPOSITE[line.kind]) for line in hunk.lines)
    return Hunk(hunk.new_start, hunk.old_start, lines)


def read_patch(content: bytes) -> list[FilePatch]:
    """Read a unified diff, of git or not; what stands between the files is skipped.

    Raises BadPatch, with the line.
    """
    return _PatchReader(content.split(b"\n")).files()


class _PatchReader:
    """The lines of a patch, and how far they are read."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        ended = lines[:-1] if not lines[-1] else lines
        self._lines = [line.removesuffix(b"\r") for line in ended]
        self._next = 0

    def files(self) -> list[FilePatch]:
        files = []
        while self._next < len(self._lines):
            line = self._lines[self._next]
            if line.startswith(BINARY):
                raise self._bad("a binary change cannot be planted", "Take it out of the patch.")
            if line.startswith((b"rename from ", b"copy from ")):
                raise self._bad("a renamed file cannot be planted", "Take it out of the patch.")
            if line.startswith(b"--- ") and self._line(1).startswith(b"+++ "):
                files.append(self._file())
            elif HEADER.match(line):
                raise self._bad("a hunk without the names of its files", "Add lines `---`, `+++`.")
            else:
                self._next += 1
        if not files:
            raise BadPatch("it holds no unified diff", "Make one with `git diff` or `diff -u`.")
        return files

    def _bad(self, what: str, hint: str = "") -> BadPatch:
        return BadPatch(f"line {self._next + 1}: {what}", hint)

    def _line(self, ahead: int) -> bytes:
        position = self._next + ahead
        return self._lines[position] if position < len(self._lines) else b""

    def _file(self) -> FilePatch:
        old, new = _name(self._line(0)), _name(self._line(1))
        self._next += 2
        hunks = []
        while match := HEADER.match(self._line(0)):
            old_start, old_number, new_start, new_number = match.groups()
            self._next += 1
            lines = tuple(self._hunk_lines(int(old_number or b"1"), int(new_number or b"1")))
            hunks.append(Hunk(int(old_start), int(new_start), lines))
        if not hunks:
            raise self._bad(f"there is no hunk for {new}", "Make the patch again.")
        return FilePatch(old, new, tuple(hunks))

    def _hunk_lines(self, old: int, new: int) -> Iterator[HunkLine]:
        while old or new:
            line = self._line(0)
            # Some programs take the blank from the end of an empty line.
            kind = chr(line[0]) if line else " "
            is_taken = kind in OPPOSITE and (kind == "+" or old) and (kind == "-" or new)
            if self._next >= len(self._lines) or not is_taken:
                raise self._bad("the hunk ends before all of its lines", "Make the patch again.")
            old -= kind != "+"
            new -= kind != "-"
            self._next += 1
            yield HunkLine(kind, line[1:])
            while self._line(0).startswith(b"\\"):
                self._next += 1


def _name(line: bytes) -> str:
    """Return the path of a line ``---`` or ``+++``, without the time behind it."""
    name = line[4:].split(b"\t")[0].rstrip()
    if name.startswith(b'"') and name.endswith(b'"'):
        name = name[1:-1].decode("unicode_escape").encode("latin-1")
    return name.decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class TextChange:
    """New text in place of a stretch of the old one; offsets are in characters."""

    start: int
    end: int
    replacement: str


def fit(text: str, patch: FilePatch, encoding: str) -> list[TextChange]:
    """Return the changes that a patch makes to a text, in order.

    The old lines of a hunk must be there exactly, ends of lines apart: where the patch says, or
    in one other place.

    Args:
        text: The text of the file.
        patch: The hunks.
        encoding: The encoding of the file, and of these lines.

    Raises:
        BadPatch: A hunk does not fit; with its number and the nearest lines.

    """
    lines = _Lines(text)
    changes: list[TextChange] = []
    moved, done = 0, 0
    for number, hunk in enumerate(patch.hunks, 1):
        texts = _decoded(hunk, encoding.removesuffix("-sig"))
        old = [text for kind, text in texts if kind != "+"]
        expected = hunk.old_start - 1 + moved
        places = lines.places_of(old, expected, done)
        if len(places) != 1:
            new = [text for kind, text in texts if kind != "-"]
            what, hint = _misfit(lines, old, new, expected, places)
            raise BadPatch(f"hunk {number} (`{hunk.head}`) {what}", hint)
        moved, done = places[0] - (hunk.old_start - 1), places[0] + len(old)
        changes += lines.changes_at(places[0], texts)
    return changes


def _decoded(hunk: Hunk, encoding: str) -> list[tuple[str, str]]:
    try:
        return [(line.kind, line.content.decode(encoding)) for line in hunk.lines]
    except UnicodeDecodeError as error:
        raise BadPatch(f"`{hunk.head}` is not in the encoding of its file: {error}") from None


class _Lines:
    """The lines of a text without their ends; ``newline`` is the end that new ones get."""

    def __init__(self, text: str) -> None:
        whole = text.split("\n")
        self._length = len(text)
        self._starts = [0, *accumulate(len(line) + 1 for line in whole)]
        self.newline = "\r\n" if whole[0].endswith("\r") else "\n"
        self.bare = [line.removesuffix("\r") for line in whole]
        if not self.bare[-1]:
            self.bare.pop()  # A text that ends with a line's end has no line behind it.

    def places_of(self, old: Sequence[str], expected: int, done: int) -> list[int]:
        """Return where the old lines are: as expected, or else in any place."""
        if not old:
            return []
        if expected >= done and self.bare[expected : expected + len(old)] == old:
            return [expected]
        places = (at for at in range(done, len(self.bare)) if self.bare[at] == old[0])
        return [at for at in places if self.bare[at : at + len(old)] == old]

    def changes_at(self, position: int, texts: Sequence[tuple[str, str]]) -> Iterator[TextChange]:
        """Yield a change for each run of lines of a hunk that are taken out or put in."""
        first = at = position
        added: list[str] = []
        for kind, text in [*texts, (" ", "")]:
            if kind == "+":
                added.append(text)
            elif kind == "-":
                at += 1
            else:
                if added or at > first:
                    yield self._change(first, at, added)
                at += 1
                first, added = at, []

    def _change(self, first: int, last: int, added: Sequence[str]) -> TextChange:
        start, end = self._starts[first], self._starts[last]
        replacement = "".join(line + self.newline for line in added)
        if end > self._length:  # The last line of the text has no end.
            replacement = replacement.removesuffix(self.newline)
            replacement = self.newline + replacement if start > self._length else replacement
        return TextChange(min(start, self._length), min(end, self._length), replacement)

    def nearest(self, old: Sequence[str], expected: int) -> int:
        """Return the place where most of the old lines are."""

        def equal(at: int) -> int:
            return sum(a == b for a, b in zip(self.bare[at : at + len(old)], old, strict=False))

        return max(range(len(self.bare)), key=lambda at: (equal(at), -abs(at - expected)))


def _misfit(
    lines: _Lines, old: list[str], new: list[str], expected: int, places: Sequence[int]
) -> tuple[str, str]:
    """Return why a hunk does not fit, and what to do."""
    if not old or not lines.bare:
        return "has no old line, so its place cannot be checked", "Make it with lines of context."
    if places:
        shown = ", ".join(str(index + 1) for index in places[:5])
        return f"fits at lines {shown}", "Make it with more lines of context."
    if new and lines.places_of(new, expected, 0):
        return "is in the file already", "Plant the opposite with `--reverse`."
    at = lines.nearest(old, expected)
    what = "overlaps the hunk before it"
    here = lines.bare[at : at + len(old)]
    for number, (is_, wanted) in enumerate(zip_longest(here, old), at + 1):
        if is_ != wanted:
            there = "the file has ended" if is_ is None else f"the file has `{is_.strip()}`"
            what = f"does not apply: at line {number} {there}, the patch `{(wanted or '').strip()}`"
            break
    return what, "Make the patch from the version that is installed."


def replace_text(text: str, before: str, after: str, line: int | None) -> TextChange:
    """Return the change of one stretch of text into another.

    Args:
        text: The text of the file.
        before: The old text, which must be there exactly once; its lines may end otherwise.
        after: The new text.
        line: A line of the one that is meant, where there are several.

    Raises:
        BadPatch: There is none, or there are several.

    """
    if "\r\n" in text:
        before, after = (re.sub("\r?\n", "\r\n", side) for side in (before, after))
    starts = [match.start() for match in re.finditer(f"(?={re.escape(before)})", text)]
    if line is not None:
        last = before.removesuffix("\n").count("\n")
        first_lines = {start: text.count("\n", 0, start) + 1 for start in starts}
        starts = [s for s, first in first_lines.items() if first <= line <= first + last]
    if len(starts) == 1:
        return TextChange(starts[0], starts[0] + len(before), after)
    where = "" if line is None else f" at line {line}"
    if not starts:
        raise BadPatch(f"`before` is not in the file{where}", "Copy it from the file that is used.")
    lines = ", ".join(str(text.count("\n", 0, start) + 1) for start in starts[:5])
    raise BadPatch(
        f"`before` is there {len(starts)} times{where}, at lines {lines}",
        "Add `line = N`, or more of the text around it.",
    )
