"""Joint runs: several mutants at once that are expected to change nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from trainwreck.model.result import Part

TOGETHER = "together"
"""An observation of a joint run: each mutant's id with its evaluations, and those by the first
report."""


@dataclass(frozen=True, slots=True)
class JointRun:
    """A joint run that ended as a clean run, each of its ``mutants`` evaluated as in that one.

    ``mutants`` are their ids. ``ended_early`` is whether it was ended at its first report, and
    ``ends_as`` the digest of the clean run that it follows. ``parts`` of their results were
    compared.
    """

    trial_id: str
    mutants: frozenset[str]
    ended_early: bool
    ends_as: str
    parts: tuple[Part, ...]


Counts = Mapping[str, tuple[int, int]]
"""By mutant id: its evaluations in a joint run, and those by the first report."""
