"""Makes sure of final states that no clean run has shown, by second runs and more clean ones."""

from collections.abc import Sequence

from trainwreck.campaign.baseline import (
    clean_runs,
    grow_after_news,
    grow_until_quiet,
    limits_for,
    may_grow,
)
from trainwreck.campaign.desk import Desk
from trainwreck.campaign.judging import first_verdicts, suspects
from trainwreck.campaign.loop import Progress, execute
from trainwreck.model import Mutant, Second
from trainwreck.plan import FIRST, second_trial
from trainwreck.store import CampaignFile


def settle_endings(
    desk: Desk, file: CampaignFile, mutants: Sequence[Mutant], jobs: int, progress: Progress
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
            ran += _run_again(desk, file, mutants, jobs, progress)
        grow_after_news(desk, file, jobs, progress)
        if may_grow(desk, file) and suspects(file):
            reason = "as mutants of different files share a final state"
            grow_until_quiet(desk, file, jobs, progress, reason)
        digests = _clean_digests(file)
    return ran


def _clean_digests(file: CampaignFile) -> frozenset[str]:
    return clean_runs(file)[FIRST].certificate.digests


def _run_again(
    desk: Desk, file: CampaignFile, mutants: Sequence[Mutant], jobs: int, progress: Progress
) -> int:
    missing = {
        item.mutant.id for item in first_verdicts(file) if item.verdict.second is Second.MISSING
    }
    trials = [second_trial(desk.subject_id, m) for m in mutants if m.id in missing]
    if not trials:
        return 0
    progress.begin("second runs, as clean runs end in several ways", len(trials))
    for _ in execute(desk, file, trials, limits_for(desk, file), jobs, progress):
        pass
    progress.end()
    return len(trials)
