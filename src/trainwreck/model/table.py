"""A table of plain values: what every finding, text and figure is made from."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from trainwreck.model.remark import Remark


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion: ``count`` out of ``total``.

    ``weighted`` is the share of all mutants that these stand for; None where each is one.
    """

    count: int
    total: int
    weighted: float | None = None

    @property
    def value(self) -> float:
        """Return the share; 0 of nothing."""
        if self.weighted is not None:
            return self.weighted
        return self.count / self.total if self.total else 0.0


class Gap(StrEnum):
    """A reason why a cell cannot be filled."""

    LEFT_OUT = "left out"
    NONE = "none"
    NONE_PROPAGATED = "none propagated"
    NOT_KNOWN = "not known"
    NOT_TESTED = "not tested"
    NO_CRASH = "no crash"
    NO_MUTANT = "no mutant"
    NO_NORMAL_RUN = "no normal run"
    NO_VALUE = "no value"
    REFUSED = "refused"
    TOO_FEW_RUNS = "too few runs"


@dataclass(frozen=True, slots=True)
class Missing:
    """A cell that cannot be filled; ``why`` is a ``Gap``, or why a test could not be made."""

    why: StrEnum


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Columns and rows of plain values; a figure is a table first.

    A cell is text, a number, a ``Share``, a tuple of numbers, ``Missing`` with a reason, or None
    where there is nothing to say. ``groups`` are headings over neighbouring columns, each with the
    number of columns that it spans. The spans add up to all columns; an empty heading heads none.
    ``remarks`` are facts that belong under the table, before the ``note``.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    note: str = ""
    groups: tuple[tuple[str, int], ...] = ()
    remarks: tuple[Remark, ...] = ()

    def __repr__(self) -> str:
        """Name the table and the number of its rows."""
        return f"Table({self.name!r}, {self.title!r}, {len(self.rows)} rows)"

    @property
    def flat_columns(self) -> tuple[str, ...]:
        """Return one heading per column, with its group's before it: ``keras: Normal``."""
        if not self.groups:
            return self.columns
        ends = accumulate(span for _, span in self.groups)
        heads: list[str] = []
        for (title, _), end in zip(self.groups, ends, strict=True):
            heads += [title] * (end - len(heads))
        return tuple(
            f"{head}: {column}" if head and column else head or column
            for head, column in zip(heads, self.columns, strict=True)
        )
