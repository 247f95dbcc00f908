"""Reports long work as events: lines of JSON on standard error, for programs."""

from collections.abc import Iterable

from trainwreck.campaign.progress import Stage, Title
from trainwreck.cli.printing import event
from trainwreck.findings import fate_of
from trainwreck.judge.conclusions import symptom_of
from trainwreck.model import Judged, Outcome, Trial, TrialKind
from trainwreck.report.sentences import why


class EventProgress:
    """Prints an event for each stage of the work, each trial and each remark."""

    def __init__(self, metrics: tuple[str, ...]) -> None:
        self._metrics = metrics
        self._title, self._total, self._done = "", 0, 0
        self._stage = Stage.OTHER

    def begin(self, title: str, total: int) -> None:
        """Report a stage of ``total`` trials."""
        self._title, self._total, self._done = title, total, 0
        self._stage = title.stage if isinstance(title, Title) else Stage.OTHER
        event("stage", name=self._stage, title=title, trials=total)

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        """Report a finished trial, with its end and its cost."""
        # A stem is no trial that was announced.
        self._done += trial.kind is not TrialKind.STEM
        is_mutant = trial.kind is TrialKind.MUTANT
        event(
            "trial",
            kind=trial.kind,
            mutant=trial.mutant.id if trial.mutant else None,
            seed=trial.seed,
            fold=trial.fold,
            exit=str(outcome.exit),
            symptom=symptom_of(outcome, self._metrics) if is_mutant else None,
            seconds=outcome.seconds,
            cpu_seconds=outcome.cpu_seconds,
            stage=self._title,
            stage_name=self._stage,
            done=self._done,
            trials=self._total,
        )

    def say(self, text: str) -> None:
        """Report a remark."""
        event("remark", text=text)

    def end(self) -> None:
        """Report nothing: the next stage says that this one has ended."""

    def close(self) -> None:
        """Give nothing back."""


def verdict_events(judged: Iterable[Judged]) -> None:
    """Report the verdicts, which rest on all runs so far."""
    for item in judged:
        verdict = item.verdict
        event(
            "verdict",
            mutant=item.mutant.id,
            name=item.mutant.name,
            symptom=verdict.symptom,
            rung=verdict.rung,
            impact=list(verdict.impact),
            fate=fate_of(verdict),
            decided_by=verdict.decided_by,
            why=why(verdict),
            **{"class": verdict.certainty},
        )
