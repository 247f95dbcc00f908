"""The nouns: what every part of trainwreck talks about."""

from trainwreck.model.identity import (
    content_id,
)
from trainwreck.model.mutant import (
    APP,
    MODULE_LEVEL,
    Context,
    Edit,
    FileFrame,
    Mutant,
    OperatorCode,
    Span,
)
from trainwreck.model.probe import Probe, ProbeKind
from trainwreck.model.source import Environment, SourceSize
from trainwreck.model.subject import (
    Better,
    Metric,
    PhaseMark,
    Subject,
)
from trainwreck.model.trial import (
    IMPORT_PHASE,
    Ending,
    Exit,
    Failure,
    Frame,
    Outcome,
    PhaseTime,
    Report,
    Trial,
    TrialKind,
)
from trainwreck.model.verdict import (
    RUN,
    Distance,
    Divergence,
    Effort,
    Pace,
    Rule,
    Rung,
    Share,
    Symptom,
    Table,
    Verdict,
)

__all__ = [
    "APP",
    "IMPORT_PHASE",
    "MODULE_LEVEL",
    "RUN",
    "Better",
    "Context",
    "Distance",
    "Divergence",
    "Edit",
    "Effort",
    "Ending",
    "Environment",
    "Exit",
    "Failure",
    "FileFrame",
    "Frame",
    "Metric",
    "Mutant",
    "OperatorCode",
    "Outcome",
    "Pace",
    "PhaseMark",
    "PhaseTime",
    "Probe",
    "ProbeKind",
    "Report",
    "Rule",
    "Rung",
    "Share",
    "SourceSize",
    "Span",
    "Subject",
    "Symptom",
    "Table",
    "Trial",
    "TrialKind",
    "Verdict",
    "content_id",
]
