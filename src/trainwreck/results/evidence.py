"""The facts of a campaign brought together for judging."""

from dataclasses import dataclass
from functools import cached_property

from trainwreck.judge.baseline_evidence import CleanRuns
from trainwreck.judge.comparison import Decision
from trainwreck.judge.early_rules import Facts
from trainwreck.judge.verdicts import verdict_of
from trainwreck.model import (
    FIRST,
    Better,
    Draw,
    Margin,
    Measurement,
    Metric,
    Mutant,
    Outcome,
    Probe,
    TrialKind,
    Verdict,
)
from trainwreck.results.baseline import clean_runs
from trainwreck.store.campaign_file import CampaignFile


@dataclass(frozen=True)
class Evidence:
    """What is known of clean runs and of all mutants; read from the file once, when asked for."""

    file: CampaignFile

    @cached_property
    def clean(self) -> dict[Draw, CleanRuns]:
        """Clean runs by what they start from."""
        return clean_runs(self.file)

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that a normal run reports."""
        return tuple(self.file.meta("metrics") or ())

    @cached_property
    def _probes(self) -> dict[str, Probe]:
        return self.file.probes()

    @cached_property
    def _digests(self) -> dict[str, str]:
        trials = {probe.trial_id for probe in self._probes.values()}
        return {trial: self.file.digest_of(trial) for trial in trials}

    @cached_property
    def _same_code(self) -> dict[str, bool]:
        return self.file.same_code()

    def facts(
        self, mutant_id: str, outcome: Outcome | None, second: Outcome | None = None
    ) -> Facts:
        """All that is known of a mutant, with the outcomes of its run and of its second one."""
        probe = self._probes.get(mutant_id)
        return Facts(
            outcome=outcome,
            probe=probe,
            probe_digest=self._digests.get(probe.trial_id, "") if probe else "",
            same_code=self._same_code.get(mutant_id, False),
            log=self.file.log(outcome.trial_id) if outcome and outcome.error else "",
            second=second,
        )

    def verdict(
        self,
        mutant: Mutant,
        draw: Draw,
        outcome: Outcome | None,
        second: Outcome | None = None,
    ) -> Verdict | None:
        """What is known of a mutant, or None."""
        clean = self.clean.get(draw)
        if clean is None:
            return None
        facts = self.facts(mutant.id, outcome, second)
        return verdict_of(mutant, facts, clean, self.metrics)


def read_metrics(file: CampaignFile) -> tuple[Metric, ...]:
    """The campaign's metrics, with what is known of them."""
    measures = file.meta("measures") or [{"name": name} for name in file.meta("metrics") or ()]
    return tuple(
        Metric(
            name=each["name"],
            pattern=each.get("pattern") or "",
            better=Better(each.get("better") or Better.HIGHER),
            range=tuple(each["range"]) if each.get("range") else None,
            margin=Margin.read(each["margin"]) if each.get("margin") else None,
        )
        for each in measures
    )


def read_decision(file: CampaignFile) -> Decision:
    """How the campaign decides on impacts."""
    return Decision(**file.meta("verdicts") or {}, analysis_points=tuple(file.meta("looks") or ()))


def clean_sample(file: CampaignFile) -> list[Measurement]:
    """One clean run for each seed and fold; further ones of the same show no variance."""
    sample: dict[Draw, Measurement] = {}
    for run in file.measurements(TrialKind.CLEAN):
        sample.setdefault(run.draw, run)
    return [run for _, run in sorted(sample.items())]


def clean_endings(file: CampaignFile) -> dict[str, Measurement]:
    """Return the first clean run that ended in each digest, of those with the first seed."""
    endings: dict[str, Measurement] = {}
    for kind in (TrialKind.CLEAN, TrialKind.CONTROL):
        for run in file.measurements(kind):
            if run.draw == FIRST:
                endings.setdefault(run.digest, run)
    return endings
