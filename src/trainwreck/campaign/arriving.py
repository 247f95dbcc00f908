"""Clean runs that a campaign makes first where it goes on in another place than it began."""

from collections.abc import Iterable

from trainwreck.campaign.planned_mutants import outlines_of
from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.session import Session
from trainwreck.model import FIRST, Level, Mutant, TrialKind
from trainwreck.model.trials import further_clean_trials, in_lane, mutant_trial

ON_A_NEW_MACHINE = 2
"""Clean runs with the first seed on a machine that has none: two show whether results repeat."""


def arrive(session: Session, mutants: Iterable[Mutant]) -> None:
    """Run the clean program, one run at a time, where this machine or folder has not done so.

    After an import or a merge nothing is here that the first clean run fetched, and another machine
    may end the clean program in another state.

    Args:
        session: The campaign.
        mutants: The mutants that are to run; nothing runs where each has a verdict.

    """
    if _has_work(session, mutants):
        run_clean_here(session)


def run_clean_here(session: Session) -> None:
    """Run the clean program as `arrive` does, whatever is left to run."""
    known = [environment for environment, _ in session.file.environments()]
    is_new = session.environment.kind not in session.evidence.clean_by_kind or all(
        environment.difference(session.environment) for environment in known
    )
    number = ON_A_NEW_MACHINE if is_new and known else int(_lacks_fetched(session))
    made = sum(1 for _ in session.file.outcomes(TrialKind.CLEAN, draw=FIRST))
    for trial in further_clean_trials(session.id, made, number):
        session.run_all(
            Title(Stage.ELSEWHERE, "clean run in this place"), [in_lane(trial, session.clean_lane)]
        )


def _has_work(session: Session, mutants: Iterable[Mutant]) -> bool:
    """Return whether a mutant has not run, and no rule decides it by what is known."""
    finished, evidence = session.finished_first_ids(), session.evidence
    return any(
        mutant_trial(session.id, mutant, FIRST).id not in finished
        and evidence.verdict(mutant, FIRST, None) is None
        for mutant in outlines_of(mutants)
    )


def _lacks_fetched(session: Session) -> bool:
    context = session.subject.context
    return context.policy.level is not Level.NONE and not context.fetched.is_dir()
