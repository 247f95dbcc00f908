"""Runs with a budget: the head of the plan, as far as a processor time takes it."""

from collections.abc import Callable
from dataclasses import asdict

from trainwreck.campaign.session import Session
from trainwreck.model import TrialKind
from trainwreck.model.trials import CONTROL_EVERY
from trainwreck.results.budget import BUDGET, Budget, Spending
from trainwreck.results.forecast import PROBED_RUN
from trainwreck.results.outlook import comparison_outlook
from trainwreck.results.own import OwnResults
from trainwreck.results.status import read_forecast

PIECE = 0.5
"""The share of what is left of a budget that the next mutants may be expected to take."""

CAUTION = 10
"""The forecast of a mutant's cost counts as much as this number of mutants that have run."""

FIXED = frozenset(
    [
        TrialKind.CLEAN,
        TrialKind.COVERAGE,
        TrialKind.PROBE,
        TrialKind.WARMING,
        TrialKind.CHECK,
    ]
)
"""Kinds of runs whose number does not depend on how many mutants run."""


def run_within(session: Session, seconds: float, run: Callable[[int], int]) -> int:
    """Run mutants in the order of the plan until they have cost a processor time; count the runs.

    Mutants run in pieces, each to its end: first runs, then further seeds. The first piece is a
    small one, a later one takes half of what is expected to be left, so that hardly any mutant
    starts that the budget does not pay.

    Args:
        session: The campaign.
        seconds: The processor time that this adds.
        run: Runs the first mutants of the plan, as many as it is given, and counts the runs.

    """
    mean = _mean_clean(session)
    total = _begun(session, mean) + max(0.0, seconds - _reserved(session, mean))
    ran, number, planned = 0, 0, session.file.planned_number()
    expected = _expected(session, mean)
    while True:
        spending, done = _keep(session, total, mean)
        if spending.is_exceeded or number >= planned:
            return ran
        usual = (spending.spent + CAUTION * expected) / (done + CAUTION)
        trust = PIECE * (done + 1) / (done + CAUTION)
        piece = int(trust * (total - spending.spent) / usual)
        number = min(planned, max(number, done) + max(session.engine.jobs, piece))
        ran += run(number)


def _expected(session: Session, mean: float) -> float:
    """Return the processor seconds that a mutant may well take, further seeds included."""
    rest = read_forecast(OwnResults(session.file))
    return rest.cpu.high / rest.mutants if rest and rest.mutants else mean


def _keep(session: Session, seconds: float, mean: float) -> tuple[Spending, int]:
    """Store the budget; return what mutants have taken of it, and their number."""
    budget = Budget(seconds, _overhead(session, mean))
    session.file.set_meta(BUDGET, asdict(budget))
    return _spent(session, budget)


def _spent(session: Session, budget: Budget) -> tuple[Spending, int]:
    spending = Spending(budget, session.evidence.costs)
    done = sum(spending.takes(item.mutant) for item in session.evidence.head(is_brief=True))
    return spending, done


def _begun(session: Session, mean: float) -> float:
    """Return from where a budget counts: the end of an earlier one, or what mutants have cost."""
    before = session.evidence.budget
    spending, _ = _spent(session, before or Budget(float("inf"), _overhead(session, mean)))
    return before.seconds if before and spending.is_exceeded else spending.spent


def _overhead(session: Session, mean: float) -> float:
    """Return the processor seconds of controls and other runs that each mutant brings along."""
    costs = session.file.costs()
    own = (TrialKind.MUTANT, TrialKind.AUDIT)
    taken = sum(cost.cpu_seconds for cost in costs if cost.kind not in FIXED.union(own))
    done = sum(1 for _ in session.evidence.head(is_brief=True))
    return max(mean / CONTROL_EVERY, taken / done if done else 0.0)


def _reserved(session: Session, mean: float) -> float:
    """Return the expected cost of clean runs to come: with other seeds, and with probes.

    It depends on no mutant, so that no outcome moves the end of the sample.
    """
    comparison = comparison_outlook(session.evidence)
    seeds = comparison.missing if comparison else 0
    folds = len({run.draw.fold for run in session.evidence.clean_sample})
    probed = 0.0 if session.evidence.probes else PROBED_RUN
    return mean * (seeds * folds + probed)


def _mean_clean(session: Session) -> float:
    runs = session.file.outcomes(TrialKind.CLEAN)
    seconds = [outcome.cpu_seconds for _, _, outcome in runs]
    return sum(seconds) / len(seconds)
