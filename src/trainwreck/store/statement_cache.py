"""Numbers of statements that were counted before, under the user's cache."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

Counts = tuple[int | None, int | None]
"""The statements of a file, and those of them that ran; None where it cannot be compiled."""


class StatementCache:
    """One file of lines for each ``version`` of what counts, each line a key with its numbers.

    Campaigns add to it at the same time: each addition is one write to the end of the file, and a
    line that is cut off is no line.
    """

    def __init__(self, folder: Path, version: str) -> None:
        self._file = folder / "statements" / f"{version}.jsonl"

    def counts(self) -> dict[str, Counts]:
        """Return all numbers by their keys; a cache that cannot be read is an empty one."""
        try:
            text = self._file.read_bytes().decode("utf-8", errors="replace")
        except OSError:
            return {}
        return {key: counts for line in text.splitlines() for key, counts in _read(line)}

    def add(self, counts: Mapping[str, Counts]) -> None:
        """Keep numbers; a cache that cannot be written is no reason to stop."""
        lines = "".join(f"\n{json.dumps([key, *found])}\n" for key, found in counts.items())
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            descriptor = os.open(self._file, flags, 0o644)
        except OSError:
            return
        try:
            os.write(descriptor, lines.encode("utf-8"))
        except OSError:
            return
        finally:
            os.close(descriptor)


def _read(line: str) -> Iterator[tuple[str, Counts]]:
    """Yield key and numbers of a line, nothing where it is not one of ours."""
    try:
        match json.loads(line):
            case [str(key), int() | None as statements, int() | None as executed]:
                yield key, (statements, executed)
    except ValueError:
        return
