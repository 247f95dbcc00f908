"""The step `audit`: early decisions run again, to the end."""

import random
from collections.abc import Iterable

from trainwreck.campaign.arriving import run_clean_here
from trainwreck.campaign.baseline import grow_baseline, grow_until_quiet
from trainwreck.campaign.identity import remember
from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.session import Session
from trainwreck.errors import UsageError
from trainwreck.findings import Audited
from trainwreck.model import FIRST, RUN, Mutant, TrialKind
from trainwreck.model.trials import audit_trial
from trainwreck.results.audits import read_audits
from trainwreck.results.judged_campaign import judge_all

SAMPLE = "audit_sample"
"""The name of the ids of mutants that an audit chose which has not ended yet."""


def audit(session: Session, sample: int) -> list[Audited]:
    """Run a sample of decisions that were not audited yet; return all audits of the campaign.

    After an interruption, the same call completes the sample that was begun.

    Raises UsageError where no mutant of the sample was decided at all.
    """
    remember(session.subject, session.file)
    judged = judge_all(session.evidence)
    if not judged:
        raise UsageError("no mutant of the sample has run yet", "Run `trainwreck run` first.")
    decided = [item for item in judged if item.verdict.decided_by != RUN]
    if not decided:
        session.progress.say("Nothing was decided without a full run: there is nothing to audit.")
        return []
    chosen = _chosen(session, [item.mutant for item in decided], sample)
    # An audit is compared with clean runs of the machine that it is made on.
    run_clean_here(session)
    session.run_all(
        Title(Stage.AUDITS, "audits"), [audit_trial(session.id, mutant) for mutant in chosen]
    )
    _make_sure(session)
    session.file.set_meta(SAMPLE, [])
    return read_audits(session.evidence)


def _chosen(session: Session, decided: Iterable[Mutant], sample: int) -> list[Mutant]:
    """Return the mutants to audit: the rest of a sample that was interrupted counts first."""
    done = {mutant for _, mutant, _ in session.file.outcomes(TrialKind.AUDIT, draw=FIRST)}
    waiting = {mutant.id: mutant for mutant in decided if mutant.id not in done}
    begun = session.file.meta(SAMPLE) or []
    others = sorted(waiting.keys() - set(begun))
    random.Random(session.subject.settings.mutants.seed).shuffle(others)
    ids = [*begun, *others[: max(0, sample - len(begun))]]
    session.file.set_meta(SAMPLE, ids)
    return [waiting[mutant_id] for mutant_id in ids if mutant_id in waiting]


def _make_sure(session: Session) -> None:
    """Make the runs that separate a wrong decision from a clean ending that none has shown yet.

    Further clean runs show whether the audit ended as a clean run may. Where clean runs end in
    several ways, an audit that disagrees is repeated once, as a mutant's run is.
    """

    def agreed() -> bool:
        return not any(audited.disagreement for audited in read_audits(session.evidence))

    if agreed():
        return
    grow_until_quiet(session, "as an audit ended in none of the known states")
    if len(session.evidence.clean[FIRST].determinism.digests) > 1:
        audits = read_audits(session.evidence)
        wrong = [audited.judged.mutant for audited in audits if audited.disagreement]
        trials = [audit_trial(session.id, mutant, repeat=1) for mutant in wrong]
        session.run_all(Title(Stage.AUDITS, "audits that disagree, once more"), trials)
        grow_baseline(session, agreed)
