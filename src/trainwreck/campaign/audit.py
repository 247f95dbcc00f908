"""The step `audit`: early decisions run again, to the end."""

import random

from trainwreck.campaign.baseline import grow_baseline, grow_until_quiet
from trainwreck.campaign.identity import remember
from trainwreck.campaign.session import Session
from trainwreck.errors import UsageError
from trainwreck.findings import Audited
from trainwreck.model import FIRST, RUN, TrialKind
from trainwreck.model.trials import audit_trial
from trainwreck.results.audits import read_audits
from trainwreck.results.judged_campaign import judge_all


def audit(session: Session, sample: int) -> list[Audited]:
    """Run a sample of decisions that were not audited yet; return all audits of the campaign.

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
    done = {mutant for _, mutant, _ in session.file.outcomes(TrialKind.AUDIT)}
    waiting = sorted(
        (item for item in decided if item.mutant.id not in done), key=lambda item: item.mutant.id
    )
    random.Random(session.subject.settings.mutants.seed).shuffle(waiting)
    trials = [audit_trial(session.id, item.mutant) for item in waiting[:sample]]
    session.run_all("audits", trials)
    _make_sure(session)
    return read_audits(session.evidence)


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
        session.run_all("audits that disagree, once more", trials)
        grow_baseline(session, agreed)
