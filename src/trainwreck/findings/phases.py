"""Names the phases of a program, which many programs do not have."""

from collections.abc import Iterable
from dataclasses import replace

from trainwreck.model import IMPORT_PHASE, UNKNOWN_PHASE, EndedBy, EndedEarly, Raised, Verdict


def has_phases(names: Iterable[str]) -> bool:
    """Return whether a program has phases: all code runs in `import` where it names none."""
    return not set(names) <= {IMPORT_PHASE, UNKNOWN_PHASE}


def without_phases(verdict: Verdict) -> Verdict:
    """Return a verdict on a program without phases, in whose facts no phase is named."""
    evidence = tuple(
        replace(item, phase="") if isinstance(item, EndedBy | EndedEarly | Raised) else item
        for item in verdict.evidence
    )
    divergence = verdict.divergence and replace(verdict.divergence, phase="")
    return replace(verdict, evidence=evidence, divergence=divergence)
