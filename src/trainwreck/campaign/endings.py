"""Final states that no clean run has shown, confirmed by second runs and more clean runs."""

from collections.abc import Iterable

from trainwreck.campaign.baseline import grow_after_news, grow_until_quiet, may_grow
from trainwreck.campaign.session import Session
from trainwreck.model import FIRST, Mutant, Second, Selection
from trainwreck.model.trials import second_trial
from trainwreck.results.judged_campaign import suspects


def settle_endings(
    session: Session, mutants: Iterable[Mutant], selection: Selection = Selection.SAMPLE
) -> int:
    """Make the runs that verdicts on final states need; return the number of second runs.

    Where clean runs end in several ways, a mutant that ends in none of them runs once more.
    Further clean runs follow where mutants of different files share such a state, and where a
    control brought a new ending. All repeats while there are new clean endings.
    """
    ran, before, digests = 0, None, _clean_digests(session)
    while before != digests:
        before = digests
        if len(digests) > 1:
            ran += _run_again(session, mutants, selection)
        grow_after_news(session)
        if may_grow(session) and suspects(session.evidence, selection):
            reason = "as mutants of different files share a final state"
            grow_until_quiet(session, reason)
        digests = _clean_digests(session)
    return ran


def _clean_digests(session: Session) -> frozenset[str]:
    return session.evidence.clean[FIRST].determinism.digests


def _run_again(session: Session, mutants: Iterable[Mutant], selection: Selection) -> int:
    verdicts = (item.verdict for item in session.evidence.first_verdicts(selection))
    missing = {verdict.mutant_id for verdict in verdicts if verdict.second is Second.MISSING}
    trials = [second_trial(session.id, m) for m in mutants if m.id in missing]
    return session.run_all("second runs, as clean runs end in several ways", trials)
