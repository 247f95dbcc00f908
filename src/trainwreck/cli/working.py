"""The commands that run programs."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli import checks, show
from trainwreck.cli.audits import check_audits
from trainwreck.cli.choosing import check_own, choice_of, choose_any, has_no_change, ids_of
from trainwreck.cli.conditions import Conditions, check_conditions
from trainwreck.cli.context import Options
from trainwreck.cli.events import verdict_events
from trainwreck.cli.installation import check_installation
from trainwreck.cli.own_checks import check_alone, run_own_checks
from trainwreck.cli.planning import (
    announce,
    check_budget,
    check_dry,
    check_shard,
    print_forecast,
    ray_of,
)
from trainwreck.cli.printing import Echo, note, say, say_for_others
from trainwreck.cli.reading import print_tables, status_json, status_text
from trainwreck.cli.rules import rules_without
from trainwreck.cli.summaries import print_summary, print_verdict
from trainwreck.errors import ControlError, UsageError
from trainwreck.findings.audits import table_audit
from trainwreck.findings.chosen import table_chosen
from trainwreck.model import Judged, Rule
from trainwreck.model.shard import Shard
from trainwreck.report.story import story_json, story_text
from trainwreck.results.status import Status
from trainwreck.subject.studies import study_folder, study_states

QUICK = "quick"
"""The profile of a study that is its settings as they are."""


def run_study(
    options: Options, name: str | None, only_list: bool, mutants: int | None, jobs: int
) -> None:
    """Run a bundled study and print its report, or list the studies."""
    if only_list or name is None:
        for state in study_states(options.python):
            say(show.study_json(state) if options.json else show.study_text(state))
        return
    folder = study_folder(name)
    if options.profile == QUICK:
        options = replace(options, profile=None)
    with options.working(folder, jobs) as campaign:
        campaign.baseline()
        campaign.plan()
        announce(campaign, mutants)
        campaign.run(mutants)
        if not options.json:
            say_for_others(show.baseline_text(campaign.read_baseline()), as_json=False)
            say("")
            print_summary(options, campaign, campaign.folder)
        else:
            print_tables(campaign.tables(), as_json=True)


def run_baseline(options: Options, jobs: int, engine: str, address: str | None) -> None:
    """Make the clean runs and the plan, and print what clean runs show."""
    with options.working(jobs=jobs, ray=ray_of(engine, address)) as campaign:
        clean = campaign.baseline()
        campaign.plan()
    text = show.baseline_json(clean) if options.json else show.baseline_text(clean)
    say_for_others(text, options.json)


def run_doctor(options: Options, jobs: int, only_self: bool) -> None:
    """Print each check of the doctor. Raises ControlError where one failed."""
    if only_self:
        check_installation(options)
        return
    failed = []
    with options.working(jobs=jobs) as campaign:
        for check in campaign.doctor():
            text = checks.check_json(check) if options.json else checks.check_line(check)
            say_for_others(text, options.json)
            failed += [] if check.passed else [checks.question(check)]
    if failed:
        raise ControlError(
            f"{len(failed)} of the checks failed, first: {failed[0]}",
            "Find the reason before you trust any result of this program.",
        )


def run_mutants(
    options: Options,
    ids: Sequence[str],
    only: Path | None,
    patches: Sequence[Path] | None,
    reverse: bool,
    bugs: bool,
    own_checks: Sequence[str] | None,
    beyond_limit: bool,
    mutants: int | None,
    jobs: int,
    engine: str,
    address: str | None,
    exact: bool,
    cold: bool,
    without: Sequence[Rule] | None,
    dry: bool,
    budget: float | None,
    shard: Shard | None,
    fail_on: Conditions | None,
    **filters: Any,
) -> None:
    """Run planned or chosen mutants and own bugs that have not run yet, and print the status.

    With ``own_checks`` these checks run instead, on mutants that have run.
    """
    ids = ids_of(ids, only)
    is_choice = bool(ids) or beyond_limit or any(filters.values())
    check_own(patches, reverse, bugs, is_choice)
    check_budget(budget, mutants, is_choice or bool(patches) or bugs)
    check_shard(shard, budget, dry, is_choice or bool(patches) or bugs)
    choice = choice_of(options, **filters)
    if own_checks:
        training = (patches, bugs, mutants, budget, shard, dry, exact, cold, without, fail_on)
        check_alone(any(training) or engine == "ray")
        choose = partial(Campaign.choose, choice=choice, ids=ids, sources=beyond_limit)
        run_own_checks(options, own_checks, jobs, choose if is_choice else None)
        return
    if fail_on and has_no_change(choice):
        note("trainwreck: no line of a Python file of the program has changed: nothing runs")
        check_conditions(fail_on, ())
        return
    if dry:
        choose = partial(Campaign.choose, choice=choice, ids=ids, sources=beyond_limit)
        check_dry(patches, bugs)
        print_forecast(options, jobs, mutants, choose if is_choice else None, budget)
        return
    with options.working(jobs=jobs, ray=ray_of(engine, address)) as campaign:
        assert campaign.settings is not None
        rules = rules_without(campaign.settings.trials, without, campaign.progress.say)
        run = partial(campaign.run, rules=rules, exact=exact, cold=cold)
        # Bugs that do not fit are refused before the clean runs, which may take hours.
        own = [] if is_choice else campaign.own_bugs(patches or (), reverse=reverse)
        if bugs and not own:
            raise UsageError("the settings have no [[bugs]]", "Add some, or leave out `--bugs`.")
        campaign.baseline()
        if own:
            announce(campaign, mutants if patches or bugs else None, own)
            run(mutants if patches or bugs else None, chosen=own)
        chosen = own
        if not patches and not bugs:
            campaign.plan()
            choose = partial(campaign.choose, choice, ids, sources=beyond_limit)
            chosen = (choose_any(choose) if fail_on else choose()) if is_choice else own
            if chosen or not is_choice:
                is_whole = budget is None and shard is None
                announce(campaign, mutants, chosen if is_choice else None, is_whole)
                run(mutants, chosen=chosen if is_choice else None, budget=budget, shard=shard)
        status = campaign.status()
        verdicts = campaign.verdicts(chosen[:mutants])
        judged = verdicts
        if not (is_choice or patches or bugs) and (fail_on or options.json):
            judged = campaign.judged()
        verdict_events(judged if options.json else ())
    _print_run(options, campaign, status, verdicts)
    if fail_on:
        check_conditions(fail_on, judged)


def _print_run(
    options: Options, campaign: Campaign, status: Status, verdicts: Sequence[Judged]
) -> None:
    """Print the verdicts on chosen mutants, the status, and the verdict on the campaign."""
    if verdicts and not options.json:
        print_tables([table_chosen(status.subject, verdicts)], as_json=False)
    say_for_others(status_json(status) if options.json else status_text(status), options.json)
    print_verdict(options, campaign)


def run_audit(options: Options, sample: int, jobs: int, engine: str, address: str | None) -> None:
    """Run early decisions to the end. Raises AuditError where a proven rule was wrong."""
    with options.working(jobs=jobs, ray=ray_of(engine, address)) as campaign:
        audits = campaign.audit(sample)
    if audits or options.json:
        print_tables([table_audit(audits)], options.json)
    check_audits(audits)


def replay_mutant(options: Options, mutant: str) -> None:
    """Run one mutant again, with its output on standard error."""
    with options.working() as campaign:
        story = campaign.replay(mutant, Echo())
    say_for_others(story_json(story) if options.json else story_text(story), options.json)
