"""Complete runs of mutants that a rule settled, read from a campaign."""

from collections.abc import Iterable, Sequence

from trainwreck.findings.audits import Audited
from trainwreck.judge.baseline_evidence import DeterminismCheck
from trainwreck.judge.conclusions import symptom_of
from trainwreck.model import (
    FIRST,
    RUN,
    Disagreement,
    Judged,
    Outcome,
    Rung,
    Symptom,
    TrialKind,
)
from trainwreck.results.evidence import Evidence
from trainwreck.results.judged_campaign import judge_all


def read_audits(evidence: Evidence) -> list[Audited]:
    """Read every audit so far of what is still decided without a run.

    An audit on a kind of machine without a clean run has nothing to be compared with.
    """
    runs: dict[str | None, list[Outcome]] = {}
    for _, mutant, outcome in evidence.file.outcomes(TrialKind.AUDIT, draw=FIRST):
        if outcome.exit.proves and evidence.kind_of(outcome.trial_id) in evidence.clean_by_kind:
            runs.setdefault(mutant, []).append(outcome)
    metrics = evidence.metric_names
    return [
        Audited(item, _disagreement(item, *_on_one_kind(evidence, runs[item.mutant.id]), metrics))
        for item in judge_all(evidence)
        if item.verdict.decided_by != RUN and item.mutant.id in runs
    ]


def _on_one_kind(
    evidence: Evidence, outcomes: Sequence[Outcome]
) -> tuple[list[Outcome], DeterminismCheck]:
    """Return the runs on the kind of machine of the first one, and the clean runs there."""
    first, *again = outcomes
    kind = evidence.kind_of(first.trial_id)
    others = [outcome for outcome in again if evidence.kind_of(outcome.trial_id) == kind]
    return [first, *others], evidence.clean_by_kind[kind][FIRST].determinism


def _disagreement(
    item: Judged,
    outcomes: Sequence[Outcome],
    determinism: DeterminismCheck,
    metrics: tuple[str, ...],
) -> Disagreement | None:
    """Return how complete runs differ from the clean run, or the hang, that a rule expected.

    A second run counts as a mutant's does: where it evaluates the changed code and ends as a clean
    one, the mutant is silent.
    """
    first, *again = outcomes
    wrong = _wrong(item, first, determinism, metrics)
    if symptom_of(first, metrics) is not Symptom.NORMAL or not determinism.repeats:
        return wrong
    proofs = [second for second in again if second.hits or not first.hits]
    agree = any(_wrong(item, second, determinism, metrics) is None for second in proofs)
    hit = item.verdict.rung is Rung.UNREACHED and first.hits
    return wrong if hit or not agree else None


def _wrong(
    item: Judged, outcome: Outcome, determinism: DeterminismCheck, metrics: Iterable[str]
) -> Disagreement | None:
    symptom = symptom_of(outcome, metrics)
    is_hang = item.verdict.symptom is Symptom.HANG
    if is_hang and symptom is Symptom.HANG:
        return None
    is_clean = outcome.digest in determinism.digests
    hit = item.verdict.rung is Rung.UNREACHED and outcome.hits
    if not is_hang and symptom is Symptom.NORMAL and is_clean and not hit:
        return None
    return Disagreement(symptom, is_clean, outcome.hits, determinism.endings, is_hang)
