"""Makes sure of final states that no clean run has shown, by second runs and more clean ones."""

from collections.abc import Iterable

from trainwreck.campaign.baseline import grow_after_news, grow_until_quiet, may_grow
from trainwreck.campaign.session import Session
from trainwreck.model import FIRST, Mutant, Second
from trainwreck.model.trials import second_trial
from trainwreck.results.judged_campaign import first_verdicts, suspects


def settle_endings(session: Session, mutants: Iterable[Mutant]) -> int:
    """Run what verdicts on final states ask for; return how many second runs were made.

    A mutant that ends as no clean run does is run once more where clean runs end in several ways.
    Where mutants of different files end in the same such state, further clean runs are made, as
    they are where a control brought a new ending. All is asked again if there is another one.
    """
    ran, before, digests = 0, None, _clean_digests(session)
    while before != digests:
        before = digests
        if len(digests) > 1:
            ran += _run_again(session, mutants)
        grow_after_news(session)
        if may_grow(session) and suspects(session.evidence):
            reason = "as mutants of different files share a final state"
            grow_until_quiet(session, reason)
        digests = _clean_digests(session)
    return ran


def _clean_digests(session: Session) -> frozenset[str]:
    return session.evidence.clean[FIRST].determinism.digests


def _run_again(session: Session, mutants: Iterable[Mutant]) -> int:
    verdicts = (item.verdict for item in first_verdicts(session.evidence))
    missing = {verdict.mutant_id for verdict in verdicts if verdict.second is Second.MISSING}
    trials = [second_trial(session.id, m) for m in mutants if m.id in missing]
    return session.run_all("second runs, as clean runs end in several ways", trials)
