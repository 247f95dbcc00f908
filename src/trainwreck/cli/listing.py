"""The command ``list``: which mutants, from where."""

from collections.abc import Iterator
from dataclasses import dataclass

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.context import Options
from trainwreck.errors import UsageError
from trainwreck.model import Mutant, Rung, operator_name
from trainwreck.operators import all_operators

Listed = tuple[Mutant, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Filter:
    """What to leave out."""

    operators: frozenset[str]
    file: str
    phase: str | None
    rung: Rung | None

    def accepts(self, mutant: Mutant, phases: tuple[str, ...]) -> bool:
        """Whether all but the rung fits."""
        return (
            (not self.operators or mutant.operator in self.operators)
            and self.file in mutant.file
            and (self.phase is None or self.phase in phases)
        )


def listed_mutants(
    options: Options, wanted: Filter, everything: bool, uncovered: bool
) -> Iterator[Listed]:
    """Planned mutants from the campaign; others straight from the sources."""
    if everything or uncovered:
        if wanted.rung:
            raise UsageError("`--rung` asks for mutants that ran, and only planned ones do")
        found = _from_sources(options, uncovered)
    else:
        found = _from_campaign(options, wanted.rung)
    return _accepted(found, wanted)


def _accepted(found: Iterator[Listed], wanted: Filter) -> Iterator[Listed]:
    """Yield what fits. Raises UsageError, at the end, for an operator that no mutant has."""
    missing = set(wanted.operators) - {operator.name for operator in all_operators()}
    for item in found:
        missing.discard(item[0].operator)
        if wanted.accepts(*item):
            yield item
    if missing:
        names = ", ".join(f"`{operator_name(operator)}`" for operator in sorted(missing))
        raise UsageError(f"no mutant is of the operator {names}", "see `trainwreck report`")


def _from_campaign(options: Options, rung: Rung | None) -> Iterator[Listed]:
    campaign = options.reading()
    reached = None
    if rung is not None:
        verdicts = campaign.results().study.judged
        reached = {item.mutant.id for item in verdicts if item.verdict.rung is rung}
    for mutant, phases in campaign.mutants():
        if reached is None or mutant.id in reached:
            yield mutant, phases


def _from_sources(options: Options, uncovered: bool) -> Iterator[Listed]:
    from trainwreck.cli.progress import LiveProgress

    settings, progress = options.load_settings(), LiveProgress(())
    campaign = Campaign(options.campaign_folder(), settings, options.data, progress=progress)
    return campaign.mutants(sources=True, uncovered=uncovered)
