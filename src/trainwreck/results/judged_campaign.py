"""The verdicts of a campaign, with the runs that figures and tests need."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from trainwreck.judge.endings import shared_digests, shared_endings
from trainwreck.judge.impact import Impacted, impacts_by_kind
from trainwreck.model import (
    FIRST,
    Judged,
    Measurement,
    Rung,
    Sample,
    Selection,
    SharedEnding,
    TrialKind,
)
from trainwreck.model.first_measurements import FirstMeasurements
from trainwreck.results.budget import paid
from trainwreck.results.evidence import Evidence
from trainwreck.results.weights import weighted


@dataclass(frozen=True)
class JudgedMutants:
    """All verdicts, in the order of the plan, with the runs that figures and tests need.

    ``runs`` are the normal ones of propagated mutants, ``first`` the first of every mutant.
    """

    judged: list[Judged]
    runs: dict[str, Sample]
    first: Mapping[str, Measurement]


def judge_all(evidence: Evidence) -> list[Judged]:
    """Return the verdict of every judged mutant, in the order of the plan."""
    return judge_mutants(evidence).judged


def judge_mutants(evidence: Evidence, selection: Selection = Selection.SAMPLE) -> JudgedMutants:
    """Return the verdicts with their runs; tests are corrected over this selection alone."""
    judged = list(evidence.first_verdicts(selection))
    if not judged:
        return JudgedMutants([], {}, {})
    # The ids that the verdicts hold; those of runs are copies of them.
    members = {item.verdict.mutant_id: item.verdict.mutant_id for item in judged}
    verdicts = (item.verdict for item in judged)
    runs = {item.mutant_id: Sample() for item in verdicts if item.rung is Rung.PROPAGATED}
    first = FirstMeasurements()
    for run in _fill(evidence, runs):
        if run.draw.seed == FIRST.seed and run.draw == FIRST and run.mutant_id in members:
            first.add(members[run.mutant_id], run)
    impacts = _impacts(evidence, runs)
    judged = [with_impact(item, impacts.get(item.mutant.id)) for item in judged]
    judged = with_shared(judged)
    if selection is Selection.SAMPLE:
        judged = weighted(judged, evidence.file.strata())
        if evidence.budget:
            judged = paid(judged, evidence.budget, evidence.costs)
    return JudgedMutants(judged, runs, first)


def judge_chosen(evidence: Evidence, sampled: Collection[str]) -> list[Judged]:
    """Return the verdicts on chosen mutants and own bugs, without those of the sample."""
    judged = judge_mutants(evidence, Selection.CHOSEN).judged
    return [item for item in judged if item.mutant.id not in sampled]


def has_propagated(evidence: Evidence, selection: Selection) -> bool:
    """Return whether some mutant propagated, so that clean runs with all seeds are needed."""
    verdicts = evidence.first_verdicts(selection, is_brief=True)
    return any(item.verdict.rung is Rung.PROPAGATED for item in verdicts)


def open_mutants(evidence: Evidence, selection: Selection) -> dict[str, float]:
    """Return the propagated mutants that further runs may decide, each with its chance.

    Little is held meanwhile.
    """
    verdicts = (item.verdict for item in evidence.first_verdicts(selection, is_brief=True))
    runs = {item.mutant_id: Sample() for item in verdicts if item.rung is Rung.PROPAGATED}
    for _ in _fill(evidence, runs):
        pass
    impacts = _impacts(evidence, runs)
    return {mutant: impacted.chance for mutant, impacted in impacts.items() if impacted.is_open}


def _fill(evidence: Evidence, runs: dict[str, Sample]) -> Iterator[Measurement]:
    """Yield every run of a mutant, after adding it to its mutant's sample if it is normal."""
    names = evidence.metric_names
    for run in evidence.file.measurements(TrialKind.MUTANT):
        sample = runs.get(run.mutant_id or "")
        is_normal = run.exit.fine and all(name in run.metrics for name in names)
        # It counts on the kind of machine of the mutant's first run.
        if sample is not None and is_normal and evidence.is_on_kind_of_first(run):
            sample.add(run)
        yield run
    _share_draws(runs.values())


def _share_draws(samples: Iterable[Sample]) -> None:
    """Let samples with the same draws have one array of them: most mutants run with the same."""
    shared: dict[bytes, array[int]] = {}
    for sample in samples:
        for values in sample.values.values():
            values.draws = shared.setdefault(values.draws.tobytes(), values.draws)


def _impacts(evidence: Evidence, runs: Mapping[str, Sample]) -> dict[str, Impacted]:
    """Return the impacts of mutants, each compared with clean runs on its kind of machine."""
    if not runs:
        return {}
    by_kind: dict[str, dict[str, Sample]] = {}
    for mutant, sample in runs.items():
        by_kind.setdefault(evidence.kind_of_first(mutant), {})[mutant] = sample
    samples = [(each, evidence.clean_samples.get(kind, [])) for kind, each in by_kind.items()]
    return impacts_by_kind(samples, evidence.metrics, evidence.decision)


def with_impact(item: Judged, impacted: Impacted | None) -> Judged:
    """Return a mutant with its impacts in its verdict; unchanged where none are known."""
    if impacted is None:
        return item
    verdict = replace(item.verdict, impact=impacted.impact, compared=impacted.compared)
    return replace(item, verdict=verdict)


def with_shared(judged: Sequence[Judged]) -> list[Judged]:
    """Name in each verdict the mutants of other files that ended in the same unseen state."""
    digests = shared_digests((item.mutant, item.verdict) for item in judged)
    shared = shared_endings(((item.mutant, item.verdict) for item in judged), digests)
    return [_with_one_shared(item, shared) for item in judged]


def _with_one_shared(item: Judged, shared: Mapping[str, SharedEnding]) -> Judged:
    ending = next((shared[digest] for digest in item.verdict.unseen if digest in shared), None)
    return replace(item, verdict=replace(item.verdict, shared=ending)) if ending else item


def suspects(evidence: Evidence, selection: Selection) -> frozenset[str]:
    """Return the unseen digests that mutants of different files share on the kind at work.

    Clean runs of this kind say nothing of those on another. Little is held meanwhile.
    """
    verdicts = (
        (item.mutant, item.verdict)
        for item in evidence.first_verdicts(selection)
        if evidence.kind_of_first(item.mutant.id) == evidence.here
    )
    return shared_digests(verdicts)
