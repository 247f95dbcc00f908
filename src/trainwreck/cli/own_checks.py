"""The option `run --check`: checks of the user's own."""

from collections.abc import Callable, Sequence

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.context import Options
from trainwreck.cli.reading import print_tables
from trainwreck.errors import UsageError
from trainwreck.model import PlannedMutant

SHOWN = ("power", "power-own", "power-circumstances")


def check_alone(has_others: bool, is_on_cluster: bool) -> None:
    """Raise UsageError where an option says what else to run, or how or where trainings do."""
    if is_on_cluster:
        raise UsageError(
            "`--check` runs checks on this machine, and not on a Ray cluster",
            "Leave out `--engine` and `--address`.",
        )
    if has_others:
        raise UsageError(
            "`--check` runs checks on mutants that have run, and no training",
            "Leave out options on trainings, such as `--mutants` and `--cold`.",
        )


def run_own_checks(
    options: Options,
    names: Sequence[str],
    jobs: int,
    choose: Callable[[Campaign], Sequence[PlannedMutant]] | None,
) -> None:
    """Run checks of the settings, and print what they noticed beside the computed checks.

    Args:
        options: The options that commands share.
        names: The names of the checks.
        jobs: Number of trials at a time.
        choose: Returns the mutants to run them on; None for those that matter.

    Raises:
        UsageError: A check is unknown or refused.

    """
    with options.working(jobs=jobs) as campaign:
        campaign.run_checks(names, chosen=choose(campaign) if choose else None)
    print_tables([table for table in campaign.power() if table.name in SHOWN], options.json)
