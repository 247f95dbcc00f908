"""Doubts about records that were imported."""

from dataclasses import dataclass
from enum import StrEnum


class PlausibilityCheck(StrEnum):
    """The subject of a check."""

    VALUE = "impossible value"
    LAST = "value against its series"
    TIME = "absurd time"
    ENDING = "ending against symptom"
    LOG = "traceback in the log"
    PRINTED = "log against values"
    REPEAT = "repeated run"
    JUMP = "jump into another run"
    PARTLY = "partly the common series"
    COUNT = "counts that do not add up"
    SEED = "seed without a clean run"
    FACTS = "record against facts"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One doubt about a record.

    ``line`` is that of the file that was read, ``record`` names mutant and run. ``expected`` and
    ``found`` complete the sentences "expected …" and "it has …"; ``basis`` says what the
    expectation rests on, or is empty. Doubts that an earlier version stored have ``found`` alone.
    """

    line: int
    record: str
    check: PlausibilityCheck
    expected: str
    found: str
    basis: str = ""

    @property
    def what(self) -> str:
        """Return the doubt as a sentence."""
        if not self.expected:
            return self.found
        basis = f", {self.basis}" if self.basis else ""
        return f"expected {self.expected}{basis}; it has {self.found}"
