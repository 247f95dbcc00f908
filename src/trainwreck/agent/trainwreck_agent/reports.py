"""Notices when the program prints a line with a value of a metric."""

import io
import re
import sys

LONGEST = 1 << 16
LINE_ENDS = re.compile(r"[\r\n]")


def watch_output(metrics, tell):
    """From now on ``tell`` is called after each line that reports something, with pairs of name
    and value as printed.

    ``metrics`` are pairs of name and pattern. Output that goes past Python's own streams is not
    seen.
    """
    patterns = [(name, re.compile(pattern)) for name, pattern in metrics]
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if type(stream) is not io.TextIOWrapper:
            continue
        watched = _Watched(stream, patterns, tell)
        setattr(sys, name, watched)
        setattr(sys, "__%s__" % name, watched)


class _Watched(io.TextIOWrapper):
    """A text stream as the interpreter makes it, and a look at every line."""

    def __init__(self, stream, patterns, tell):
        settings = {
            "encoding": stream.encoding,
            "errors": stream.errors,
            "line_buffering": stream.line_buffering,
            "write_through": getattr(stream, "write_through", False),
        }
        name, mode = stream.name, stream.mode
        io.TextIOWrapper.__init__(self, stream.detach(), **settings)
        self.mode = mode
        self._patterns = patterns
        self._tell = tell
        self._rest = ""
        assert self.name == name

    def write(self, text):
        """Write, then look."""
        written = io.TextIOWrapper.write(self, text)
        if "\n" in text or "\r" in text:
            lines = LINE_ENDS.split(self._rest + text)
            self._rest = lines.pop()
            for line in lines:
                self._look(line)
        else:
            self._rest += text
        self._rest = self._rest[-LONGEST:]
        return written

    def _look(self, line):
        found = [
            (name, match.group(1))
            for name, pattern in self._patterns
            for match in pattern.finditer(line)
            if _is_number(match.group(1))
        ]
        if found:
            self._tell(found)


def _is_number(text):
    try:
        float(text)
    except (TypeError, ValueError):
        return False
    return True
