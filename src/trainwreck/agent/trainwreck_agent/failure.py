"""Describes an exception as plain data."""

import os

# `linecache` of Python 3.13 imports this when it first reads a line. An import within the exception
# hook would change the exit status of an interrupt: the import calls `eval`, which resets it.
import tokenize  # noqa: F401
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Any

_AGENT = os.path.dirname(os.path.abspath(__file__))
LONGEST_MESSAGE = 4000
LONGEST_TRACEBACK = 20000
LONGEST_STATEMENT = 200
MOST_FRAMES = 200
MOST_CHAINED = 20
PRINTED_REPEATS = 3
HEAD = "Traceback (most recent call last)"


def describe(
    kind: "type[BaseException]",
    error: "BaseException",
    trace: "TracebackType | None",
    path_of: "Callable[[str], str]" = str,
) -> "dict[str, Any]":
    """Return type, message and frames of an exception, and the chain that led to it.

    Frames are [file, line, function], outermost first, without those of the agent. ``path_of``
    gives the path of a file whose code may have another name, by way of a link.
    """
    frames = [[path_of(frame.filename), frame.lineno or 0, frame.name] for frame in _frames(trace)]
    return {
        "type": kind.__name__,
        "message": message_of(error)[:LONGEST_MESSAGE],
        "frames": frames[-MOST_FRAMES:],
        "chain": chain_of(error, path_of),
    }


def chain_of(error: "BaseException", path_of: "Callable[[str], str]" = str) -> "list[list[Any]]":
    """Return [type, message, frames] of the exceptions that Python prints, the given one last.

    Their frames are [file, line, function, text of the line]. The list is empty where an exception
    cannot be read.
    """
    try:
        return [
            [
                type(current).__name__,
                _message_with_traceback(current),
                _printed_frames(current.__traceback__, path_of),
            ]
            for current in reversed(list(_preceding(error)))
        ]
    except Exception:
        return []


def message_of(error: "BaseException") -> str:
    """Return the text of an exception."""
    try:
        return str(error)
    except Exception as second:
        return "(no message: %s)" % type(second).__name__


def _message_with_traceback(error: "BaseException") -> str:
    """Return the text of an exception, with more of it where it has a worker's traceback."""
    message = message_of(error)
    return message[: LONGEST_TRACEBACK if HEAD in message else LONGEST_MESSAGE]


def _preceding(error: "BaseException") -> "Iterator[BaseException]":
    """Yield an exception, its cause or unsuppressed context, the cause of that, and so on."""
    current: "BaseException | None" = error
    seen: "set[int]" = set()
    while current is not None and id(current) not in seen and len(seen) < MOST_CHAINED:
        yield current
        seen.add(id(current))
        if current.__cause__ is not None or current.__suppress_context__:
            current = current.__cause__
        else:
            current = current.__context__


def _frames(trace: "TracebackType | None") -> "list[traceback.FrameSummary]":
    return [
        frame
        for frame in traceback.extract_tb(trace)
        if not frame.filename.startswith((_AGENT, "<frozen"))
    ]


def _printed_frames(
    trace: "TracebackType | None", path_of: "Callable[[str], str]"
) -> "list[list[Any]]":
    """Return the frames as Python prints them: without many repeats of one line by recursion."""
    frames: "list[list[Any]]" = []
    repeats = 0
    for frame in _frames(trace):
        statement = (frame.line or "")[:LONGEST_STATEMENT]
        described = [path_of(frame.filename), frame.lineno or 0, frame.name, statement]
        repeats = repeats + 1 if frames and frames[-1] == described else 0
        if repeats < PRINTED_REPEATS:
            frames.append(described)
    if len(frames) <= MOST_FRAMES:
        return frames
    half = MOST_FRAMES // 2
    return frames[:half] + frames[-half:]
