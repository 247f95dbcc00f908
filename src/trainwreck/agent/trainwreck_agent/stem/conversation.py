"""Talks with trainwreck through two named pipes, which are open only while a line passes."""

import json
import os

from trainwreck_agent.events import NO_LINK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The program may replace these functions; the agent keeps them.
_open, _read, _write, _close = os.open, os.read, os.write, os.close
_dumps, _loads = json.dumps, json.loads
LONGEST_REASON = 400
LONGEST_LINE = 1 << 16


class Conversation:
    """The two pipes of a stem, by the folder that they are in."""

    def __init__(self, folder: str) -> None:
        self._ask = os.path.join(folder, "ask")
        self._answer = os.path.join(folder, "answer")

    def say(self, **values: "Any") -> bool:
        """Send a line; false where it has no reader."""
        line = (_dumps(values) + "\n").encode("ascii")
        try:
            # Without a reader this fails at once, where it would otherwise wait for one.
            pipe = _open(self._ask, os.O_WRONLY | os.O_NONBLOCK | NO_LINK)
        except OSError:
            return False
        try:
            return _write(pipe, line) == len(line)
        except OSError:
            return False
        finally:
            _close(pipe)

    def hear(self) -> "dict[str, Any]":
        """Wait for a line. OSError or ValueError where there is none."""
        pipe = _open(self._answer, os.O_RDONLY | NO_LINK)
        try:
            line = b""
            while not line.endswith(b"\n") and len(line) < LONGEST_LINE:
                piece = _read(pipe, LONGEST_LINE)
                if not piece:
                    break
                line += piece
        finally:
            _close(pipe)
        values: "dict[str, Any]" = _loads(line.decode("utf-8"))
        return values
