"""The step `run`: planned mutants that have not run yet, and further seeds for open ones."""

from collections.abc import Collection, Iterable, Sequence

from trainwreck.campaign.arriving import arrive
from trainwreck.campaign.baseline import complete_seeds
from trainwreck.campaign.budget import run_within
from trainwreck.campaign.early_decisions import gather_facts
from trainwreck.campaign.endings import settle_endings
from trainwreck.campaign.first_runs import instructions_for, run_first
from trainwreck.campaign.identity import remember
from trainwreck.campaign.own_bugs import with_phases
from trainwreck.campaign.planned_mutants import PlannedMutants, outlines_of
from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.session import Session
from trainwreck.campaign.shards import begin_shard
from trainwreck.campaign.warm_checks import check_warm_starts
from trainwreck.campaign.warm_starts import may_start_warm
from trainwreck.errors import UsageError
from trainwreck.judge.comparison import ignores_seed
from trainwreck.model import (
    FIRST,
    Mutant,
    PlannedMutant,
    Rule,
    Rung,
    Selection,
    analysis_points,
    draws,
)
from trainwreck.model.shard import Shard
from trainwreck.model.trials import mutant_trial
from trainwreck.results.budget import BUDGET
from trainwreck.results.forecast import FURTHER, JOBS
from trainwreck.results.judged_campaign import has_propagated, open_mutants
from trainwreck.results.outlook import EXACT, RULES
from trainwreck.source import hash_of


def run_campaign(
    session: Session,
    number: int | None,
    rules: Collection[Rule] | None = None,
    exact: bool = False,
    cold: bool = False,
    budget: float | None = None,
    shard: Shard | None = None,
) -> int:
    """Run the planned mutants that have not run yet; return the number of runs.

    Args:
        session: The campaign.
        number: Number of mutants at the head of the plan; None for all.
        rules: Rules that may decide a mutant early, by default those of the settings.
        exact: Use only rules that are proven for this program.
        cold: Start every run in a process of its own.
        budget: Processor seconds after which no further mutant starts, instead of a number.
        shard: The part of the plan to run; by default what the campaign holds.

    Raises:
        UsageError: A source is no longer the file that its mutants were made for, or the campaign
            was divided in another way.
        ControlError: The clean program, run between the mutants, does not work any more, or the
            bugs of a file change results without being counted.

    """
    _prepare(session, PlannedMutants(session.file, None))
    begin_shard(session, shard)
    arrive(session, PlannedMutants(session.file, number))

    def run(number: int | None) -> int:
        mutants = PlannedMutants(session.file, number)
        return _run(session, mutants, Selection.SAMPLE, rules, exact, cold)

    if budget is not None:
        # One run with probes serves all: else each piece of the plan would ask for its own.
        asked = session.subject.settings.trials.rules if rules is None else rules
        is_warm = not cold and may_start_warm(session)
        everything = PlannedMutants(session.file, None)
        gather_facts(session, everything, _usable(session, asked, exact), is_warm)
        return run_within(session, budget, run)
    if session.evidence.budget:
        session.file.set_meta(BUDGET, None)
    return run(number)


def run_chosen(
    session: Session,
    chosen: Sequence[PlannedMutant],
    rules: Collection[Rule] | None = None,
    exact: bool = False,
    cold: bool = False,
) -> int:
    """Run mutants that somebody chose, and that have not run yet; return the number of runs.

    They are no sample: each joins it in its planned turn, if it has one.

    Args:
        session: The campaign.
        chosen: The mutants.
        rules: Rules that may decide a mutant early, by default those of the settings.
        exact: Use only rules that are proven for this program.
        cold: Start every run in a process of its own.

    Raises:
        UsageError: A source is no longer the file that its mutants were made for.
        ControlError: The clean program, run between the mutants, does not work any more.

    """
    mutants = [planned.mutant for planned in chosen]
    _prepare(session, mutants)
    arrive(session, mutants)
    session.file.add_chosen(with_phases(session, planned) for planned in chosen)
    return _run(session, mutants, Selection.CHOSEN, rules, exact, cold)


def _prepare(session: Session, mutants: Iterable[Mutant]) -> None:
    remember(session.subject, session.file)
    check_sources(session, mutants)


def _run(
    session: Session,
    mutants: Iterable[Mutant],
    selection: Selection,
    rules: Collection[Rule] | None,
    exact: bool,
    cold: bool,
) -> int:
    # No run is ended by `cut` any more, but what it settled in an older campaign stays settled.
    chosen = session.subject.settings.trials.rules if rules is None else rules
    session.file.set_meta(RULES, list(chosen))
    session.file.set_meta(EXACT, exact)
    session.file.set_meta(JOBS, session.engine.jobs)
    asked = [*chosen, Rule.CUT]
    # A mutant without a verdict that somebody names is to run again.
    again = session.file.unproven_ids() if selection is Selection.CHOSEN else set()
    ran, usable = 0, None
    is_warm = not cold and may_start_warm(session)
    while usable != _usable(session, asked, exact):
        # A new clean ending that this run brings may leave fewer rules proven.
        gather_facts(session, mutants, _usable(session, asked, exact), is_warm)
        usable = _usable(session, asked, exact)
        ran += run_first(session, mutants, usable, again, is_warm)
        again = set()
        ran += settle_endings(session, mutants, selection)
    ran += check_warm_starts(session, mutants)
    further = _run_more_seeds(session, mutants, selection, is_warm)
    return ran + further + (check_warm_starts(session, mutants) if further else 0)


def _run_more_seeds(
    session: Session, mutants: Iterable[Mutant], selection: Selection, is_warm: bool
) -> int:
    """Run propagated mutants with further seeds while that may decide them; count the runs."""
    trials, ran = session.subject.settings.trials, 0
    evidence = session.evidence
    if not evidence.decision.analysis_points or ignores_seed(evidence.clean_sample):
        return 0
    if not has_propagated(evidence, selection):
        return 0
    if session.clean_lane != session.lane and not open_mutants(evidence, selection):
        return 0  # What is decided on another kind of machine needs no clean run of this one.
    complete_seeds(session)
    if not evidence.decision.worthwhile(trials.clean * trials.folds, evidence.metrics):
        return 0
    order = draws(trials.seeds, trials.folds)
    instructions_of = instructions_for(session, mutants, frozenset(), is_warm)
    for runs in analysis_points(trials.seeds, trials.folds):
        chances = open_mutants(session.evidence, selection)
        members = [mutant for mutant in mutants if mutant.id in chances]
        # A campaign that is stopped has then run what is most likely to be decided.
        members.sort(key=lambda mutant: chances[mutant.id], reverse=True)
        _keep_asked(session, runs, members, selection)
        planned = [mutant_trial(session.id, m, d) for d in order[:runs] for m in members]
        # Runs on two kinds of machine are no sample of one: an open mutant begins here again.
        again = session.elsewhere(planned)
        missing = {trial.id for trial in session.missing(planned)}.union(again)
        left = [trial for trial in planned if trial.id in missing]
        title = Title(Stage.SEEDS, f"open mutants, up to {runs} runs of each")
        ran += session.run_all(title, left, instructions_of, again)
    _keep_asked(session, trials.seeds * trials.folds, (), selection)
    return ran


def _keep_asked(
    session: Session, runs: int, members: Sequence[Mutant], selection: Selection
) -> None:
    """Keep which mutants run how often before the next analysis, for forecasts."""
    if selection is not Selection.SAMPLE:
        return
    members_ids = [mutant.id for mutant in members]
    verdicts = session.evidence.first_verdicts(selection, is_brief=True)
    propagated = {item.mutant.id for item in verdicts if item.verdict.rung is Rung.PROPAGATED}
    closed = sorted(propagated.difference(members_ids))
    session.file.set_meta(FURTHER, {"runs": runs, "open": members_ids, "closed": closed})


def _usable(session: Session, rules: Collection[Rule], exact: bool) -> frozenset[Rule]:
    """Return the rules, or where ``exact`` those that prove something for this program."""
    ends = len(session.evidence.clean[FIRST].determinism.digests)
    return frozenset(rule for rule in rules if not exact or rule.proven_where(ends))


def check_sources(session: Session, mutants: Iterable[Mutant]) -> None:
    """Raise UsageError where a file is no longer the one that its mutants were made for."""
    parts = (part for mutant in outlines_of(mutants) for part in mutant.parts)
    by_file = {(part.root, part.file): part for part in parts}
    expected = {session.subject.path_of(part): part.source_sha for part in by_file.values()}
    for path, sha in expected.items():
        if not path.is_file() or hash_of(path.read_bytes()) != sha:
            raise UsageError(
                f"{path} has changed since the campaign began",
                "Restore it, or start again in another folder with `--campaign DIR`.",
            )
