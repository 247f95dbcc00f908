"""Controls: runs of the clean program between the mutants, which must work as they did before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import monotonic

from trainwreck.errors import ControlError
from trainwreck.judge.conclusions import symptom_of
from trainwreck.model import FILES, Metric, Outcome, Symptom
from trainwreck.model.trials import CONTROL_EVERY
from trainwreck.report.words import counted
from trainwreck.store.campaign_file import CampaignFile

CONTROL_SECONDS = 1800.0
"""Seconds after which a control is due, however few mutants have run."""
CONTROL_SHARE = 20
"""Clean runs that fit between two controls by time, so that these cost a twentieth at most."""


@dataclass
class ControlClock:
    """Counts mutants and time since the last control."""

    seconds: float = CONTROL_SECONDS
    _runs: int = field(default=0, init=False)
    _since: float = field(default_factory=lambda: monotonic(), init=False)

    def is_due(self) -> bool:
        """Return whether a control must run before the next mutant."""
        return self._runs >= CONTROL_EVERY or monotonic() - self._since > self.seconds

    def count(self) -> None:
        """Count the run of a mutant."""
        self._runs += 1

    def restart(self) -> None:
        """Begin again, as a control runs now."""
        self._runs, self._since = 0, monotonic()


def clean_problem(metrics: Iterable[Metric], outcome: Outcome) -> str:
    """Return the reason why a clean run does not work, or an empty text."""
    if problem := _problem_of_end(outcome):
        return problem
    for metric in metrics:
        if metric.name not in outcome.metrics:
            return f"it did not report metric `{metric.name}`"
        value = metric.value_of(outcome.steps[metric.name])
        if metric.range and not metric.range[0] <= value <= metric.range[1]:
            return f"metric `{metric.name}` is {value}, outside its range {list(metric.range)}"
        if value != value:
            return f"metric `{metric.name}` is not a number"
    for pattern, files in (outcome.observations.get(FILES) or {}).items():
        if not files:
            return (
                f"it writes no file in its folder that matches `{pattern}`, which `outputs` names"
            )
    return ""


def _problem_of_end(outcome: Outcome) -> str:
    match symptom_of(outcome, ()):
        case None:
            return f"its run proves nothing ({outcome.exit.ending}): {outcome.reason}"
        case Symptom.HANG:
            return f"it did not end within its limit ({outcome.exit.ending})"
        case Symptom.CRASH if outcome.error:
            return f"{outcome.error.type}: {outcome.error.message}"
        case Symptom.CRASH:
            return f"it ended by {outcome.exit}"
    return ""


def control_failed(file: CampaignFile, problem: str) -> ControlError:
    """Withdraw what ran since the last control that worked; return the error to raise."""
    withdrawn = file.withdraw_since_clean()
    were = "was" if withdrawn == 1 else "were"
    what = f"{counted(withdrawn, 'run')} since the last one that worked {were} withdrawn"
    return ControlError(
        f"the clean program, run between the mutants, does not work any more: {problem}; {what}",
        "Find what changed since the baseline (memory, disk, data), then repeat the command.",
    )
