"""Ends of first runs that may be chance, confirmed by second runs and more clean runs."""

from collections.abc import Iterable

from trainwreck.campaign.baseline import grow_after_news, grow_until_quiet, may_grow
from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.session import Session
from trainwreck.model import FIRST, Mutant, Second, Selection
from trainwreck.model.trials import mutant_trial, second_trial
from trainwreck.results.judged_campaign import suspects


def settle_endings(
    session: Session, mutants: Iterable[Mutant], selection: Selection = Selection.SAMPLE
) -> int:
    """Make the runs that verdicts on how runs end need; return the number of second runs.

    A mutant that crashed, and no exception says why, runs once more. So does one that ends as no
    clean run, where these end in several ways. Further clean runs follow where mutants of different
    files share such a state, and where a control brought a new ending. All repeats while there
    are new clean endings.
    """
    ran, before, digests = 0, None, _clean_digests(session)
    while before != digests:
        before = digests
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
    """Make second runs; where the first was made on another kind of machine, that one as well."""
    members = _without_second(session, mutants, selection)
    if not members:
        return 0
    moved = session.elsewhere(mutant_trial(session.id, mutant, FIRST) for mutant in members)
    trials = (mutant_trial(session.id, mutant, FIRST) for mutant in members)
    firsts = [trial for trial in trials if trial.id in moved]
    ran = session.run_all(
        Title(Stage.SECOND, "first runs again, on this kind of machine"), firsts, repeat=moved
    )
    seconds = [second_trial(session.id, m) for m in _without_second(session, mutants, selection)]
    title = Title(Stage.SECOND, "second runs, as the first may have ended by chance")
    return ran + session.run_all(title, seconds, repeat=session.elsewhere(seconds))


def _without_second(
    session: Session, mutants: Iterable[Mutant], selection: Selection
) -> list[Mutant]:
    verdicts = (item.verdict for item in session.evidence.first_verdicts(selection))
    missing = {verdict.mutant_id for verdict in verdicts if verdict.second is Second.MISSING}
    return [mutant for mutant in mutants if mutant.id in missing]
