"""Makes sure of final states that no clean run has shown, by second runs and more clean ones."""

from collections.abc import Sequence

from trainwreck.campaign.baseline import grow_after_news, grow_until_quiet, limits_for, may_grow
from trainwreck.campaign.execution import Progress, execute
from trainwreck.campaign.session import Session
from trainwreck.model import FIRST, Mutant, Second
from trainwreck.model.trials import second_trial
from trainwreck.results.baseline import clean_runs
from trainwreck.results.judged_campaign import first_verdicts, suspects
from trainwreck.store.campaign_file import CampaignFile


def settle_endings(
    session: Session, file: CampaignFile, mutants: Sequence[Mutant], jobs: int, progress: Progress
) -> int:
    """Run what verdicts on final states ask for; return how many second runs were made.

    A mutant that ends as no clean run does is run once more where clean runs end in several ways.
    Where mutants of different files end in the same such state, further clean runs are made, as
    they are where a control brought a new ending. All is asked again if there is another one.
    """
    ran, known, digests = 0, None, _clean_digests(file)
    while known != digests:
        known = digests
        if len(digests) > 1:
            ran += _run_again(session, file, mutants, jobs, progress)
        grow_after_news(session, file, jobs, progress)
        if may_grow(session, file) and suspects(file):
            reason = "as mutants of different files share a final state"
            grow_until_quiet(session, file, jobs, progress, reason)
        digests = _clean_digests(file)
    return ran


def _clean_digests(file: CampaignFile) -> frozenset[str]:
    return clean_runs(file)[FIRST].determinism.digests


def _run_again(
    session: Session, file: CampaignFile, mutants: Sequence[Mutant], jobs: int, progress: Progress
) -> int:
    missing = {
        item.mutant.id for item in first_verdicts(file) if item.verdict.second is Second.MISSING
    }
    trials = [second_trial(session.subject_id, m) for m in mutants if m.id in missing]
    if not trials:
        return 0
    progress.begin("second runs, as clean runs end in several ways", len(trials))
    for _ in execute(session, file, trials, limits_for(session, file), jobs, progress):
        pass
    progress.end()
    return len(trials)
