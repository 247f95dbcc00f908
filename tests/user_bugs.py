"""Judged bugs and campaigns for what a user reads of them."""

from typing import Any

from build import edit_at, mutant, verdict
from trainwreck.findings import JudgedCampaign, Summary, summarize
from trainwreck.model import (
    Better,
    Draw,
    Ending,
    Exit,
    Impact,
    Judged,
    Margin,
    Measurement,
    Metric,
    Part,
    PlannedMutant,
    ProbeCounts,
    ProbeKind,
    Rung,
    Symptom,
)

ACCURACY = Metric("accuracy", "", Better.HIGHER, (0, 1), Margin(0.05))
LOSS = Metric("loss", "", Better.LOWER, None)
PHASES = ("import", "constructing", "learning")
SYMPTOMS = {Rung.CRASH: Symptom.CRASH, Rung.HANG: Symptom.HANG}
INFECTED = ProbeCounts(ProbeKind.VALUE, 4, 4, "`3` instead of `2`")
PERHAPS = ProbeCounts(ProbeKind.VALUE, 4, 4, "")


def bug(
    name: str,
    rung: Rung | None = Rung.MASKED,
    *impact: Impact,
    phases: tuple[str, ...] = ("learning",),
    weight: float = 1.0,
    **known: Any,
) -> Judged:
    """A bug in a function of its own, unless ``known`` names another or its place in syntax."""
    own = {key: known.pop(key) for key in ("function", "context", "file") if key in known}
    changes = {"function": name, **own, "anchor": name, "edits": (edit_at(2, "+", "-"),)}
    planned = PlannedMutant(mutant(**changes), phases)
    symptom = SYMPTOMS.get(rung, Symptom.NORMAL) if rung else Symptom.NORMAL
    known = {"parts": (Part.PARAMETERS,), "impact": impact, **known}
    return Judged(planned, verdict(symptom, rung, planned.mutant.id, **known), weight)


def run(seed: int, mutant_id: str | None = None, **metrics: float) -> Measurement:
    return Measurement(mutant_id, Draw(seed), Exit(Ending.EXITED, 0), metrics, 1, 1, True)


CLEAN = [run(seed, accuracy=value, loss=0.5) for seed, value in enumerate([0.8, 0.81, 0.82])]


def study(*judged: Judged, **known: Any) -> JudgedCampaign:
    values: dict[str, Any] = {"clean": CLEAN, "first": {}, "phases": PHASES, **known}
    return JudgedCampaign("s", judged, 10, (ACCURACY, LOSS), **values)


def summed(*judged: Judged, **known: Any) -> Summary:
    return summarize(study(*judged, **known), 12.0)
