"""The facts of a campaign brought together for judging."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from trainwreck.campaign.baseline import clean_runs
from trainwreck.findings import Judged
from trainwreck.judge import (
    Clean,
    Decision,
    Facts,
    Impacted,
    impacts_of,
    shared_digests,
    shared_endings,
    verdict_of,
)
from trainwreck.model import (
    Better,
    Draw,
    Margin,
    Measurement,
    Metric,
    Mutant,
    Outcome,
    Probe,
    Rung,
    Sample,
    SharedEnding,
    TrialKind,
    Verdict,
)
from trainwreck.plan import FIRST
from trainwreck.store import CampaignFile


@dataclass(frozen=True)
class Evidence:
    """What is known of clean runs and of all mutants; read from the file once, when asked for."""

    file: CampaignFile

    @cached_property
    def clean(self) -> dict[Draw, Clean]:
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
    return Decision(**file.meta("verdicts") or {}, looks=tuple(file.meta("looks") or ()))


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


@dataclass(frozen=True)
class Results:
    """All verdicts, in the order of the plan, with the runs that figures and tests need.

    ``runs`` are the normal ones of propagated mutants, ``first`` the first of every mutant.
    """

    judged: list[Judged]
    runs: dict[str, Sample]
    first: dict[str, Measurement]


def judge_all(file: CampaignFile) -> list[Judged]:
    """The verdict of every mutant of which one is known, in the order of the plan."""
    return read_results(file).judged


def read_results(file: CampaignFile) -> Results:
    """The verdicts with their runs."""
    judged = list(first_verdicts(file))
    runs = {item.mutant.id: Sample() for item in judged if item.verdict.rung is Rung.PROPAGATED}
    first: dict[str, Measurement] = {}
    for run in _fill(file, runs):
        if run.draw == FIRST:
            first[run.mutant_id or ""] = run
    impacts = _impacts(file, runs)
    judged = [with_impact(item, impacts.get(item.mutant.id)) for item in judged]
    return Results(with_shared(judged), runs, first)


def open_mutants(file: CampaignFile) -> set[str]:
    """Return the ids of propagated mutants that further runs may decide; hold little meanwhile."""
    verdicts = (item.verdict for item in first_verdicts(file))
    runs = {each.mutant_id: Sample() for each in verdicts if each.rung is Rung.PROPAGATED}
    for _ in _fill(file, runs):
        pass
    found = _impacts(file, runs).items()
    return {mutant for mutant, impacted in found if impacted.is_open}


def _fill(file: CampaignFile, runs: dict[str, Sample]) -> Iterator[Measurement]:
    """Every run of a mutant, after it was added to the sample of its mutant if it is normal."""
    names = file.meta("metrics") or ()
    for run in file.measurements(TrialKind.MUTANT):
        sample = runs.get(run.mutant_id or "")
        if sample and run.exit.fine and all(name in run.metrics for name in names):
            sample.add(run)
        yield run


def _impacts(file: CampaignFile, runs: Mapping[str, Sample]) -> dict[str, Impacted]:
    if not runs:
        return {}
    return impacts_of(runs, clean_sample(file), read_metrics(file), read_decision(file))


def with_impact(item: Judged, found: Impacted | None) -> Judged:
    """A mutant with what its runs did."""
    if found is None:
        return item
    verdict = replace(item.verdict, impact=found.impact, compared=found.compared)
    return replace(item, verdict=verdict)


def with_shared(judged: Sequence[Judged]) -> list[Judged]:
    """Name in each verdict the mutants of other files that ended in the same unseen state."""
    digests = shared_digests((item.mutant, item.verdict) for item in judged)
    shared = shared_endings(((item.mutant, item.verdict) for item in judged), digests)
    return [_with_one_shared(item, shared) for item in judged]


def _with_one_shared(item: Judged, shared: Mapping[str, SharedEnding]) -> Judged:
    found = next((shared[digest] for digest in item.verdict.unseen if digest in shared), None)
    return replace(item, verdict=replace(item.verdict, shared=found)) if found else item


def suspects(file: CampaignFile) -> frozenset[str]:
    """Return the unseen digests that mutants of different files share; little is held meanwhile."""
    return shared_digests((item.mutant, item.verdict) for item in first_verdicts(file))


def first_verdicts(file: CampaignFile) -> Iterator[Judged]:
    """Yield the verdicts by the runs of each mutant with the first seed, one by one."""
    evidence = Evidence(file)
    for runs in file.first_runs():
        verdict = evidence.verdict(runs.mutant, FIRST, runs.first, runs.second)
        if verdict is not None:
            yield Judged(runs.mutant, verdict, runs.phases)
