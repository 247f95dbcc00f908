"""The forecast of a run that does not start: ``run --dry``."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.context import Options
from trainwreck.cli.printing import say
from trainwreck.errors import UsageError
from trainwreck.model import PlannedMutant
from trainwreck.model.shard import Shard
from trainwreck.report.forecast import ahead_text, forecast_text, paid_text
from trainwreck.report.printable import json_text
from trainwreck.report.words import counted


def check_budget(budget: float | None, mutants: int | None, is_choice: bool) -> None:
    """Raise UsageError where something else than the budget says which mutants run."""
    if budget is None or (mutants is None and not is_choice):
        return
    if mutants is not None:
        raise UsageError("`--budget` and `--mutants` both say how many run", "Give one of the two.")
    raise UsageError(
        "`--budget` is spent on a sample of the plan, and chosen mutants and own bugs are none",
        "Leave out the budget, or what chooses.",
    )


def ray_of(engine: str, address: str | None) -> str | None:
    """Return the address of a Ray cluster, empty to start one; None for the local engine."""
    if engine == "ray":
        return address or ""
    if address is not None:
        raise UsageError(
            "`--address` names a Ray cluster, and the local engine uses none",
            "Add `--engine ray`, or leave out `--address`.",
        )
    return None


def check_shard(shard: Shard | None, budget: float | None, is_dry: bool, is_choice: bool) -> None:
    """Raise UsageError where a part of the plan cannot be meant."""
    if shard is None:
        return
    if is_choice:
        raise UsageError(
            "`--shard` runs a part of the plan, and chosen mutants and own bugs are none",
            "Leave out `--shard`, or what chooses.",
        )
    if budget is not None:
        raise UsageError(
            "a budget ends where the whole plan has used it up, which no shard can know",
            "Give `--mutants N` with `--shard`: it counts in the whole plan.",
        )
    if is_dry:
        raise UsageError(
            f"`--dry` predicts what the whole plan takes, and {shard} is a part of it",
            f"Leave out `--shard`, and divide the answer by {shard.of}.",
        )


def check_dry(patches: Sequence[Path] | None, bugs: bool) -> None:
    """Raise UsageError where own bugs are asked about: no run resembles theirs."""
    if patches or bugs:
        name = "--patch" if patches else "--bugs"
        raise UsageError(
            f"`--dry` predicts what mutants take, and `{name}` runs bugs of your own",
            f"Leave out `{name}`.",
        )


def announce(
    campaign: Campaign,
    mutants: int | None,
    chosen: Sequence[PlannedMutant] | None = None,
    is_whole: bool = True,
) -> None:
    """Say what a run takes, and give the progress line what is known before it.

    Args:
        campaign: The campaign, which has its clean runs.
        mutants: Number of mutants at the head of the plan, or of the chosen ones.
        chosen: Mutants to run instead of planned ones.
        is_whole: Whether all of them run, and not what a budget or a part of the plan allows.

    """
    from trainwreck.cli.progress import LiveProgress

    progress = campaign.progress
    if not isinstance(progress, LiveProgress):
        return
    ahead = campaign.ahead(mutants, chosen=chosen)
    forecast = ahead.forecast if is_whole else None
    progress.expect(forecast, ahead.rungs, ahead.endings)
    if forecast is not None and forecast.cpu.high > 0:
        progress.say(ahead_text(forecast))


def print_forecast(
    options: Options,
    jobs: int,
    mutants: int | None,
    choose: Callable[[Campaign], list[PlannedMutant]] | None,
    budget: float | None,
) -> None:
    """Print how many mutants would run, and what they take; start nothing."""
    campaign = Campaign(options.campaign_folder(), options.load_settings(), options.data, jobs)
    if not campaign.exists:
        raise UsageError("there is no clean run yet", "Run `trainwreck baseline` first.")
    forecast = campaign.forecast(mutants, chosen=choose(campaign) if choose else None)
    without = f"without a verdict: {counted(forecast.mutants, 'mutant')}"
    if options.json:
        say(json_text(asdict(forecast)))
        return
    say(f"{without}; {forecast_text(forecast)}")
    if budget is not None and forecast.mutants:
        say(paid_text(forecast, budget))
