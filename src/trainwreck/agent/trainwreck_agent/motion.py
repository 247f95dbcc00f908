"""Says whether the main thread went on in Python between two questions.

A function in C that calls Python again and again (a sort with a key) goes on where nothing can
read it. So frames are marked: what runs in the same frame at both moments, and moved there, is
a loop of Python.
"""

from trainwreck_agent.code_places import is_between_calls, is_call_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

SUSPENDED = 0x20 | 0x80 | 0x200
"""Flags of generators and coroutines: C may resume their frames any number of times."""


class Motion:
    """The places of all frames at the last question."""

    def __init__(self) -> None:
        self._places: "dict[int, int]" = {}

    def read(self, frames: "list[FrameType]") -> "dict[str, bool]":
        """Return how the frames, the outermost first, have changed since the last question.

        ``moved``: some frame of then is at another instruction, or calls nothing. ``direct``: all
        frames are those of then, or their first new one was called by Python itself.
        """
        stayed = [frame for frame in frames if _has_stayed(frame)]
        moved = any(map(self._has_moved, stayed))
        if stayed and stayed[-1] is frames[-1]:
            moved = moved or is_between_calls(frames[-1])
        direct = _is_direct(frames)
        for frame in frames:
            frame.f_trace_opcodes = True
        self._places = {id(frame): frame.f_lasti for frame in frames}
        return {"moved": moved, "direct": direct}

    def _has_moved(self, frame: "FrameType") -> bool:
        return self._places.get(id(frame)) not in (None, frame.f_lasti)


def _has_stayed(frame: "FrameType") -> bool:
    """Return whether a frame was there at the last question, and C does not go through it.

    The mark means nothing as long as no debugger traces the program. A new frame has none, while
    it may have the same address as one that has gone.
    """
    return frame.f_trace_opcodes and not frame.f_code.co_flags & SUSPENDED


def _is_direct(frames: "list[FrameType]") -> bool:
    for number, frame in enumerate(frames):
        if not _has_stayed(frame):
            return number > 0 and is_call_of(frames[number - 1], frame.f_code)
    return bool(frames)
