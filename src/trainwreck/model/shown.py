"""Lists whose representation is short, as a notebook prints whatever a cell ends with."""

from collections.abc import Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
LONGEST = 150
"""Characters of the first item that are shown."""


class ShownList(list[Item]):
    """A list that names its length and its first item alone."""

    def __repr__(self) -> str:
        """Name the length and the first item."""
        return in_short(self)


class ShownTuple(tuple[Item, ...]):
    """A tuple that names its length and its first item alone."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Name the length and the first item."""
        return in_short(self)


def in_short(items: Sequence[Any]) -> str:
    """Return ``<320 of Judged, the first: Judged('3f9a…', crash)>``."""
    if not items:
        return "<none>"
    first = repr(items[0])
    shown = f"{first[:LONGEST]}…" if len(first) > LONGEST else first
    return f"<{len(items):,} of {type(items[0]).__name__}, the first: {shown}>"
