"""Says whether the main thread went on in Python between two questions.

A function in C that calls Python again and again (a sort with a key) goes on where nothing can
read it. So frames are marked: what runs in the same frame at both moments, and moved there, is
a loop of Python.
"""

from trainwreck_agent.code_places import is_between_calls, is_call_of, is_resumed_by

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
        stayed = _stayed(frames)
        moved = any(self._places.get(id(frame)) not in (None, frame.f_lasti) for frame in stayed)
        direct = bool(stayed)
        if len(stayed) < len(frames):
            direct = direct and is_call_of(stayed[-1], frames[len(stayed)].f_code)
        elif stayed:
            moved = moved or is_between_calls(stayed[-1])
        for frame in frames:
            frame.f_trace_opcodes = True
        self._places = {id(frame): frame.f_lasti for frame in frames}
        return {"moved": moved, "direct": direct}


def _stayed(frames: "list[FrameType]") -> "list[FrameType]":
    """Return the first frames, as far as they were there at the last question.

    A frame is marked by an attribute that means nothing as long as no debugger traces the program.
    A new frame has none, while it may have the same address as one that has gone.
    """
    stayed: "list[FrameType]" = []
    for frame in frames:
        is_resumed = frame.f_code.co_flags & SUSPENDED
        if not frame.f_trace_opcodes or (is_resumed and not (stayed and is_resumed_by(stayed[-1]))):
            break
        stayed.append(frame)
    return stayed
