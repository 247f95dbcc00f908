"""Runs again, cold and to the end, what was decided without a full run."""

import random

from trainwreck.campaign.baseline import grow_baseline, grow_until_quiet, limits_for
from trainwreck.campaign.execution import Progress, execute
from trainwreck.campaign.session import Session, remember
from trainwreck.errors import UsageError
from trainwreck.findings import Audited
from trainwreck.model import FIRST, RUN, TrialKind
from trainwreck.model.trials import audit_trial
from trainwreck.results.audits import read_audits
from trainwreck.results.baseline import clean_runs
from trainwreck.results.judged_campaign import judge_all
from trainwreck.store.campaign_file import CampaignFile


def audit(
    session: Session, file: CampaignFile, sample: int, jobs: int, progress: Progress
) -> list[Audited]:
    """Run ``sample`` decisions that were not audited yet; gives all audits of the campaign.

    Raises UsageError where nothing was decided without a run.
    """
    remember(session, file)
    decided = [item for item in judge_all(file) if item.verdict.decided_by != RUN]
    if not decided:
        raise UsageError(
            "nothing was decided without a full run", "run the campaign first: trainwreck run"
        )
    done = {mutant for _, mutant, _ in file.outcomes(TrialKind.AUDIT)}
    waiting = sorted(
        (item for item in decided if item.mutant.id not in done), key=lambda item: item.mutant.id
    )
    random.Random(session.settings.mutants.seed).shuffle(waiting)
    trials = [audit_trial(session.subject_id, item.mutant) for item in waiting[:sample]]
    progress.begin("audits", len(trials))
    for _ in execute(session, file, trials, limits_for(session, file), jobs, progress):
        pass
    progress.end()
    _make_sure(session, file, jobs, progress)
    return read_audits(file)


def _make_sure(session: Session, file: CampaignFile, jobs: int, progress: Progress) -> None:
    """Make the runs that tell a wrong decision from a clean ending that was not shown yet.

    A run that is a clean run may end as none did. So further clean runs are made; where clean
    runs end in several ways, an audit that disagrees is repeated once, as a mutant's run is.
    """

    def agreed() -> bool:
        return not any(audited.disagreement for audited in read_audits(file))

    if agreed():
        return
    grow_until_quiet(session, file, jobs, progress, "as an audit ended in none of the known states")
    if len(clean_runs(file)[FIRST].determinism.digests) > 1:
        wrong = [each.judged.mutant for each in read_audits(file) if each.disagreement]
        trials = [audit_trial(session.subject_id, mutant, repeat=1) for mutant in wrong]
        progress.begin("audits that disagree, once more", len(trials))
        for _ in execute(session, file, trials, limits_for(session, file), jobs, progress):
            pass
        progress.end()
        grow_baseline(session, file, jobs, progress, agreed)
