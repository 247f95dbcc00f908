"""The fate of a bug as a user asks for it: unnoticed, harmful without an error, or noticed."""

from enum import StrEnum

from trainwreck.model import Impact, Rung, Symptom, Verdict


class Fate(StrEnum):
    """One of the answers to whether somebody would notice a bug; each mutant has exactly one.

    Of what ``UNNOTICED`` bugs leave, every compared part is that of a clean run. The others that
    end without an error change the result: they are shown to do harm (``HURTS``), shown to do none
    (``HARMLESS``), or neither is shown (``MAY_HURT``). ``UNKNOWN`` ends without an error, and clean
    runs never repeat, so that nothing more is known.
    """

    UNNOTICED = "unnoticed"
    HURTS = "hurts"
    MAY_HURT = "may hurt"
    HARMLESS = "harmless"
    CRASH = "crash"
    HANG = "hang"
    UNKNOWN = "unknown"
    NO_VERDICT = "no verdict"


HARM = (Impact.INVALID, Impact.DEGRADED, Impact.WORSE, Impact.SLOWER)
"""Impacts that are shown to do harm, the worst first."""

OPEN = (Impact.CHANGED, Impact.UNDECIDED)
"""Impacts that leave open whether the bug does harm."""

SILENT = (Rung.UNREACHED, Rung.UNINFECTED, Rung.MASKED)
"""The rungs whose result is that of a clean run."""


def fate_of(verdict: Verdict) -> Fate:
    """Return the fate of a mutant with this verdict."""
    match verdict.symptom:
        case None:
            return Fate.NO_VERDICT
        case Symptom.CRASH:
            return Fate.CRASH
        case Symptom.HANG:
            return Fate.HANG
    if verdict.rung in SILENT:
        return Fate.UNNOTICED
    if not set(HARM).isdisjoint(verdict.impact):
        return Fate.HURTS
    if verdict.rung is None and not verdict.impact:
        return Fate.UNKNOWN
    if not verdict.impact or not set(OPEN).isdisjoint(verdict.impact):
        return Fate.MAY_HURT
    return Fate.HARMLESS
