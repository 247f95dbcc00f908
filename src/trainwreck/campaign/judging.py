"""The facts of a campaign brought together for judging."""

from dataclasses import dataclass
from functools import cached_property

from trainwreck.campaign.baseline import clean_runs
from trainwreck.findings import Judged
from trainwreck.judge import Clean, Facts, verdict_of
from trainwreck.model import Mutant, Outcome, Probe, TrialKind, Verdict
from trainwreck.plan import FIRST_SEED
from trainwreck.store import CampaignFile


@dataclass(frozen=True)
class Evidence:
    """What is known of clean runs and of all mutants; read from the file once, when asked for."""

    file: CampaignFile

    @cached_property
    def clean(self) -> dict[int, Clean]:
        """Clean runs by seed."""
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

    def facts(self, mutant_id: str, outcome: Outcome | None) -> Facts:
        """All that is known of a mutant, with the outcome of its run."""
        probe = self._probes.get(mutant_id)
        return Facts(
            outcome=outcome,
            probe=probe,
            probe_digest=self._digests.get(probe.trial_id, "") if probe else "",
            same_code=self._same_code.get(mutant_id, False),
        )

    def verdict(self, mutant: Mutant, seed: int, outcome: Outcome | None) -> Verdict | None:
        """What is known of a mutant, or None."""
        clean = self.clean.get(seed)
        if clean is None:
            return None
        return verdict_of(mutant, self.facts(mutant.id, outcome), clean, self.metrics)


def judge_all(file: CampaignFile) -> list[Judged]:
    """The verdict of every mutant of which one is known, in the order of the plan."""
    evidence = Evidence(file)
    runs = {mutant: (seed, run) for seed, mutant, run in file.outcomes(TrialKind.MUTANT)}
    found = []
    for mutant, phases in file.mutants():
        verdict = evidence.verdict(mutant, *runs.get(mutant.id, (FIRST_SEED, None)))
        if verdict is not None:
            found.append(Judged(mutant, verdict, phases))
    return found
