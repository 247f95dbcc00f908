"""Clean runs that a campaign makes first where it goes on in another place than it began."""

from trainwreck.campaign.session import Session
from trainwreck.model import FIRST, Level, TrialKind
from trainwreck.model.trials import further_clean_trials, in_lane

ON_A_NEW_MACHINE = 2
"""Clean runs with the first seed on a machine that has none: two show whether results repeat."""


def arrive(session: Session) -> None:
    """Run the clean program, one run at a time, where this machine or folder has not done so.

    After an import or a merge nothing is here that the first clean run fetched, and another machine
    may end the clean program in another state.
    """
    known = [environment for environment, _ in session.file.environments()]
    is_new = all(environment.difference(session.environment) for environment in known)
    number = ON_A_NEW_MACHINE if is_new and known else int(_lacks_fetched(session))
    made = sum(1 for _ in session.file.outcomes(TrialKind.CLEAN, draw=FIRST))
    for trial in further_clean_trials(session.id, made, number):
        session.run_all("clean run in this place", [in_lane(trial, session.lane)])


def _lacks_fetched(session: Session) -> bool:
    context = session.subject.context
    return context.policy.level is not Level.NONE and not context.fetched.is_dir()
