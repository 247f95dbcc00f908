"""Strata: the parts of a root from which mutants are drawn apart."""

from dataclasses import dataclass
from enum import StrEnum


class DrawMethod(StrEnum):
    """A way to draw mutants of executed lines.

    ``PAPER`` gives every node the same chance, as the study of Jia et al. (SANER 2022) did.
    """

    STRATIFIED = "stratified"
    PAPER = "paper"


class Stratum(StrEnum):
    """A kind of code. Each one gets as many turns, so that none displaces another."""

    CONDITION = "conditions"
    CODE = "other code of functions and classes"
    MODULE = "code of modules"
    DEFAULT = "defaults of parameters"
    ANNOTATION = "annotations"


@dataclass(frozen=True, slots=True)
class StratumFrame:
    """The mutants of one stratum of one file on executed lines, and those that were drawn.

    ``chance`` is the probability with which a node was drawn; 0 where the stratum is left out.
    """

    root: str
    file: str
    stratum: Stratum
    mutants: int
    planned: int
    chance: float
