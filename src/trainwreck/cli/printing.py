"""Prints for all commands; text of others is escaped on the way."""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from trainwreck.errors import UsageError
from trainwreck.report.printable import fitted, json_text, printable, short_lines

WIDEST = 120
"""Columns that are easy to read at most."""
RED, PLAIN = "\033[31m", "\033[0m"


class _Errors:
    """The form of standard error: text for people, or events as lines of JSON."""

    as_events = False


def print_events(are_wanted: bool) -> None:
    """Print events to standard error from now on, or text for people."""
    _Errors.as_events = are_wanted


def event(name: str, /, **fields: Any) -> None:
    """Print an event to standard error, as one line of JSON without secrets, where wanted."""
    if not _Errors.as_events:
        return
    from trainwreck.model.json_values import change_texts
    from trainwreck.model.redaction import for_others

    redact = for_others(os.environ)
    _print_error(json_text(change_texts({"event": name, **fields}, redact)) + "\n")


def say(text: str, end: str = "\n") -> None:
    """Print lines of text, or one of JSON, to standard output. Raises UsageError."""
    _print(printable(text) + end)


def say_for_others(text: str, as_json: bool) -> None:
    """Print an answer that may be passed on: without secrets, and with ``~`` for the home.

    Args:
        text: Lines of text, or one of JSON.
        as_json: Whether it is JSON, in which only texts change.

    """
    # No answer of `--help` and `--version` needs them, nor the nouns that come with them.
    from trainwreck.model.json_values import change_texts
    from trainwreck.model.redaction import for_others

    redact = for_others(os.environ)
    if as_json:
        say(json_text(change_texts(json.loads(text), redact)))
    else:
        say(fitted(redact(text), text_width()))


def say_painted(text: str, paint: Callable[[str], str]) -> None:
    """Print an answer that may be passed on, in colours where it goes to a terminal.

    Args:
        text: Lines of text.
        paint: Puts colours on text that is safe to print.

    """
    from trainwreck.model.redaction import for_others

    safe = printable(for_others(os.environ)(text))
    is_coloured = text_width() is not None and not os.environ.get("NO_COLOR")
    _print(f"{paint(safe) if is_coloured else safe}\n")


def note(text: str) -> None:
    """Print what is no answer to standard error, where somebody may read it."""
    announce(text, "remark", text=text.removeprefix("trainwreck: "))


def announce(words: str, name: str, /, **fields: Any) -> None:
    """Print words to standard error, or the event that says the same to programs."""
    if _Errors.as_events:
        event(name, **fields)
    else:
        _print_error(f"{printable(words)}\n")


def complain(what: str, hint: str = "") -> None:
    """Print what went wrong to standard error, and what to do about it."""
    if _Errors.as_events:
        return
    colour = sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    name = f"{RED}trainwreck:{PLAIN}" if colour else "trainwreck:"
    note_of_hint = f"  {short_lines(hint)}\n" if hint else ""
    _print_error(f"{name} {short_lines(what)}\n{note_of_hint}")


def confirm(question: str) -> bool:
    """Ask for a yes where somebody can answer at a terminal; without one, it is a no."""
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return False
    say(f"{question} [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def text_width(out: Path | None = None) -> int | None:
    """Return the columns of the terminal that a text goes to; None where it goes elsewhere."""
    if out is not None or sys.stdout is None or not sys.stdout.isatty():
        return None
    import shutil  # No answer of `--help` needs it.

    return min(shutil.get_terminal_size().columns, WIDEST)


def flush() -> None:
    """Write what is still to be printed. Raises UsageError."""
    _print("")


def give_up_printing() -> None:
    """Print nothing more: the interpreter's own end would complain again."""
    sys.stdout = _nowhere()


class Echo:
    """Prints a program's output to standard error as it comes, chunk by chunk."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def __call__(self, chunk: bytes) -> None:
        """Print a chunk; a bar that is drawn again and again becomes lines."""
        text = self._decoder.decode(chunk).replace("\r\n", "\n").replace("\r", "\n")
        if _Errors.as_events:
            event("output", text=text)
        else:
            _print_error(printable(text))


def _print(text: str) -> None:
    if sys.stdout is None:
        if not text:
            return
        raise UsageError(
            "standard output is closed, so there is nowhere to print to",
            "Send it to a file or to /dev/null; what has run is stored.",
        )
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up_printing()
        raise UsageError(
            f"standard output cannot be written: {error.strerror}",
            "Send it elsewhere, or free space; what has run is stored.",
        ) from None


def _print_error(text: str) -> None:
    """Print to standard error; where that fails, work goes on without it."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.stderr = _nowhere()


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")
