"""The command `run`: planned mutants, chosen ones, own bugs, and own checks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.choosing import check_own, choice_of, choose_any, has_no_change, ids_of
from trainwreck.cli.conditions import Conditions, check_conditions
from trainwreck.cli.context import Options
from trainwreck.cli.events import verdict_events
from trainwreck.cli.own_checks import check_alone, run_own_checks
from trainwreck.cli.planning import (
    announce,
    check_budget,
    check_dry,
    check_shard,
    print_forecast,
    ray_of,
)
from trainwreck.cli.printing import note, say_for_others
from trainwreck.cli.reading import print_tables, status_json, status_text
from trainwreck.cli.rules import rules_without
from trainwreck.cli.summaries import print_verdict
from trainwreck.errors import UsageError
from trainwreck.findings.chosen import table_chosen
from trainwreck.model import Judged, PlannedMutant, Rule
from trainwreck.model.shard import Shard
from trainwreck.mutants.choice import Choice
from trainwreck.results.status import Status

Choose = Callable[[Campaign], list[PlannedMutant]]


@dataclass(frozen=True)
class Asked:
    """The options of the command, by the names of the parser; see ``trainwreck run --help``.

    ``ids`` has those of ``--only`` as well, and ``filters`` are the options that `choice_of` takes.
    """

    ids: Sequence[str]
    filters: Mapping[str, Any]
    patches: Sequence[Path] | None
    reverse: bool
    bugs: bool
    own_checks: Sequence[str] | None
    beyond_limit: bool
    mutants: int | None
    jobs: int
    engine: str
    address: str | None
    exact: bool
    cold: bool
    without: Sequence[Rule] | None
    dry: bool
    budget: float | None
    shard: Shard | None
    fail_on: Conditions | None

    @property
    def is_choice(self) -> bool:
        """Return whether mutants are chosen, instead of those of the plan."""
        return bool(self.ids) or self.beyond_limit or any(self.filters.values())

    @property
    def is_own(self) -> bool:
        """Return whether own bugs are to run, and nothing else."""
        return bool(self.patches) or self.bugs

    def check(self) -> None:
        """Raise UsageError where options contradict one another."""
        is_other = self.is_choice or self.is_own
        check_own(self.patches, self.reverse, self.bugs, self.is_choice)
        check_budget(self.budget, self.mutants, is_other)
        check_shard(self.shard, self.budget, self.dry, is_other)

    def chooser(self, choice: Choice) -> Choose | None:
        """Return what chooses the mutants of a campaign; None where the plan does."""
        if not self.is_choice:
            return None
        return partial(Campaign.choose, choice=choice, ids=self.ids, sources=self.beyond_limit)


def run_mutants(options: Options, ids: Sequence[str], only: Path | None, **arguments: Any) -> None:
    """Run planned or chosen mutants and own bugs that have not run yet, and print the status.

    With ``own_checks`` these checks run instead, on mutants that have run.

    Args:
        options: Shared options.
        ids: Ids of mutants.
        only: A file with more of them.
        arguments: All other options, see `Asked` and `choice_of`.

    """
    filters = {name: arguments.pop(name) for name in FILTERS}
    asked = Asked(ids_of(ids, only), filters, **arguments)
    asked.check()
    choice = choice_of(options, **filters)
    choose = asked.chooser(choice)
    if asked.own_checks:
        _check_alone(asked)
        run_own_checks(options, asked.own_checks, asked.jobs, choose)
    elif asked.fail_on and has_no_change(choice):
        note("trainwreck: no line of a Python file of the program has changed: nothing runs")
        check_conditions(asked.fail_on, ())
    elif asked.dry:
        check_dry(asked.patches, asked.bugs)
        print_forecast(options, asked.jobs, asked.mutants, choose, asked.budget)
    else:
        _run(options, asked, choose)


FILTERS = ("operators", "file", "function", "contexts", "phase", "since")
"""The options that choose mutants by what they are."""


def _check_alone(asked: Asked) -> None:
    training = (
        *(asked.patches, asked.bugs, asked.mutants, asked.budget, asked.shard),
        *(asked.dry, asked.exact, asked.cold, asked.without, asked.fail_on),
    )
    is_on_cluster = ray_of(asked.engine, asked.address) is not None
    check_alone(any(training), is_on_cluster)


def _run(options: Options, asked: Asked, choose: Choose | None) -> None:
    """Run what is asked for, and print what became of it."""
    ray = ray_of(asked.engine, asked.address)
    with options.working(jobs=asked.jobs, ray=ray) as campaign:
        chosen = _run_all(campaign, asked, choose)
        status = campaign.status()
        verdicts = campaign.verdicts(chosen[: asked.mutants])
        is_plan = choose is None and not asked.is_own
        judged = campaign.judged() if is_plan and (asked.fail_on or options.json) else verdicts
        verdict_events(judged if options.json else ())
    _print_run(options, campaign, status, verdicts)
    if asked.fail_on:
        check_conditions(asked.fail_on, judged)


def _run_all(campaign: Campaign, asked: Asked, choose: Choose | None) -> list[PlannedMutant]:
    """Run own bugs, then the plan or what is chosen; return the mutants that are no sample."""
    assert campaign.settings is not None
    rules = rules_without(campaign.settings.trials, asked.without, campaign.progress.say)
    run = partial(campaign.run, rules=rules, exact=asked.exact, cold=asked.cold)
    # Bugs that do not fit are refused before the clean runs, which may take hours.
    own = [] if choose else campaign.own_bugs(asked.patches or (), reverse=asked.reverse)
    if asked.bugs and not own:
        raise UsageError("the settings have no [[bugs]]", "Add some, or leave out `--bugs`.")
    campaign.baseline(asked.mutants)
    if own:
        number = asked.mutants if asked.is_own else None
        announce(campaign, number, own)
        run(number, chosen=own)
    if asked.is_own:
        return own
    campaign.plan()
    if choose is None:
        is_whole = asked.budget is None and asked.shard is None
        announce(campaign, asked.mutants, None, is_whole)
        run(asked.mutants, budget=asked.budget, shard=asked.shard)
        return own
    pick = partial(choose, campaign)
    chosen = choose_any(pick) if asked.fail_on else pick()
    if chosen:
        announce(campaign, asked.mutants, chosen)
        run(asked.mutants, chosen=chosen)
    return chosen


def _print_run(
    options: Options, campaign: Campaign, status: Status, verdicts: Sequence[Judged]
) -> None:
    """Print the verdicts on chosen mutants, the status, and the verdict on the campaign."""
    if verdicts and not options.json:
        print_tables([table_chosen(status.subject, verdicts)], as_json=False)
    say_for_others(status_json(status) if options.json else status_text(status), options.json)
    print_verdict(options, campaign)
