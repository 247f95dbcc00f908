"""Runs again, cold and to the end, what was decided without a full run."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trainwreck.campaign.baseline import (
    clean_runs,
    grow_certificate,
    grow_until_quiet,
    limits_for,
)
from trainwreck.campaign.desk import Desk, remember
from trainwreck.campaign.judging import judge_all
from trainwreck.campaign.loop import Progress, execute
from trainwreck.errors import AuditError, UsageError
from trainwreck.findings import Judged
from trainwreck.judge import Certificate, symptom_of
from trainwreck.model import RULES_IN_USE, RUN, Outcome, Rule, Rung, Symptom, Table, TrialKind
from trainwreck.plan import FIRST, audit_trial
from trainwreck.stats import wilson_interval
from trainwreck.store import CampaignFile


@dataclass(frozen=True, slots=True)
class Audited:
    """A decision that was made without a full run, and why the run does not agree, if so."""

    judged: Judged
    disagreement: str

    @property
    def rule(self) -> Rule:
        """What decided."""
        return Rule(self.judged.verdict.decided_by)


def audit(
    desk: Desk, file: CampaignFile, sample: int, jobs: int, progress: Progress
) -> list[Audited]:
    """Run ``sample`` decisions that were not audited yet; gives all audits of the campaign.

    Raises UsageError where nothing was decided without a run.
    """
    remember(desk, file)
    decided = [item for item in judge_all(file) if item.verdict.decided_by != RUN]
    if not decided:
        raise UsageError(
            "nothing was decided without a full run", "run the campaign first: trainwreck run"
        )
    done = {mutant for _, mutant, _ in file.outcomes(TrialKind.AUDIT)}
    waiting = sorted(
        (item for item in decided if item.mutant.id not in done), key=lambda item: item.mutant.id
    )
    random.Random(desk.settings.mutants.seed).shuffle(waiting)
    trials = [audit_trial(desk.subject_id, item.mutant) for item in waiting[:sample]]
    progress.begin("audits", len(trials))
    for _ in execute(desk, file, trials, limits_for(desk, file), jobs, progress):
        pass
    progress.end()
    _make_sure(desk, file, jobs, progress)
    return read_audits(file)


def _make_sure(desk: Desk, file: CampaignFile, jobs: int, progress: Progress) -> None:
    """Make the runs that tell a wrong decision from a clean ending that was not shown yet.

    A run that is a clean run may end as none did. So further clean runs are made; where clean
    runs end in several ways, an audit that disagrees is repeated once, as a mutant's run is.
    """

    def agreed() -> bool:
        return not any(audited.disagreement for audited in read_audits(file))

    if agreed():
        return
    grow_until_quiet(desk, file, jobs, progress, "as an audit ended in none of the known states")
    if len(clean_runs(file)[FIRST].certificate.digests) > 1:
        wrong = [each.judged.mutant for each in read_audits(file) if each.disagreement]
        trials = [audit_trial(desk.subject_id, mutant, repeat=1) for mutant in wrong]
        progress.begin("audits that disagree, once more", len(trials))
        for _ in execute(desk, file, trials, limits_for(desk, file), jobs, progress):
            pass
        progress.end()
        grow_certificate(desk, file, jobs, progress, agreed)


def read_audits(file: CampaignFile) -> list[Audited]:
    """Every audit so far of what is still decided without a run."""
    runs: dict[str | None, list[Outcome]] = {}
    for _, mutant, outcome in file.outcomes(TrialKind.AUDIT):
        runs.setdefault(mutant, []).append(outcome)
    certificate = clean_runs(file)[FIRST].certificate
    metrics = tuple(file.meta("metrics") or ())
    return [
        Audited(item, _disagreement(item, runs[item.mutant.id], certificate, metrics))
        for item in judge_all(file)
        if item.verdict.decided_by != RUN and item.mutant.id in runs
    ]


def _disagreement(
    item: Judged, outcomes: Sequence[Outcome], certificate: Certificate, metrics: tuple[str, ...]
) -> str:
    """Why runs to the end are not the clean run that they were taken for; empty where they are.

    A second run counts as a mutant's does: where it evaluates the changed code and ends as a clean
    one, the mutant is silent.
    """
    first, *again = outcomes
    wrong = _wrong(item, first, certificate, metrics)
    if symptom_of(first, metrics) is not Symptom.NORMAL or not certificate.repeats:
        return wrong
    proofs = [second for second in again if second.hits or not first.hits]
    agree = any(not _wrong(item, second, certificate, metrics) for second in proofs)
    hit = item.verdict.rung is Rung.UNREACHED and first.hits
    return wrong if hit or not agree else ""


def _wrong(item: Judged, outcome: Outcome, certificate: Certificate, metrics: Iterable[str]) -> str:
    symptom = symptom_of(outcome, metrics)
    if symptom is not Symptom.NORMAL:
        return f"the run ends in a {symptom}"
    if outcome.digest not in certificate.digests:
        return f"the run ends in {outcome.digest}, not among the {certificate.summary}"
    if item.verdict.rung is Rung.UNREACHED and outcome.hits:
        return f"the run evaluates the changed code {outcome.hits} times"
    return ""


def table_audit(audits: Iterable[Audited]) -> Table:
    """How often runs disagree with what was decided without them, by rule."""
    audits = list(audits)
    rows = []
    for rule in Rule:
        for certainty in ("proven", "assumed"):
            members = [
                audited
                for audited in audits
                if audited.rule is rule and audited.judged.verdict.certainty == certainty
            ]
            if members:
                rows.append((rule.value, certainty, *_rate(members)))
    return Table(
        "audit",
        "Decisions made without a full run, run again to the end",
        ("", "Class", "Audited", "Disagree", "95 % interval"),
        tuple(rows),
        " ".join(f"{a.judged.mutant.name}: {a.disagreement}." for a in audits if a.disagreement),
    )


def _rate(audits: Sequence[Audited]) -> tuple[object, ...]:
    """How many, how many disagree, and the interval of their share."""
    wrong = sum(bool(audited.disagreement) for audited in audits)
    low, high = wilson_interval(wrong, len(audits))
    return len(audits), wrong, f"{100 * low:.1f} to {100 * high:.1f} %"


def check_audits(audits: Iterable[Audited]) -> None:
    """Raise AuditError where a proven rule is contradicted."""
    wrong = [a for a in audits if a.disagreement and a.judged.verdict.certainty == "proven"]
    if wrong:
        first = wrong[0]
        raise AuditError(
            f"the rule `{first.rule}` is contradicted by {len(wrong)} of its runs, first by "
            f"{first.judged.mutant.id} ({first.judged.mutant.name}): {first.disagreement}",
            f"see `trainwreck show {first.judged.mutant.id}`; {_way_out(first.rule)}",
        )


def _way_out(rule: Rule) -> str:
    if rule in RULES_IN_USE:
        return f"`trainwreck run --without {rule}` does without it"
    return "it no longer exists, so a new campaign does without it"
