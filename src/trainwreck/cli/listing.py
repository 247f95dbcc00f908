"""The command ``list``: which mutants, from where."""

from collections.abc import Iterator
from dataclasses import dataclass

from trainwreck.campaign.session import open_session
from trainwreck.cli.context import Options, looking
from trainwreck.cli.progress import LiveProgress
from trainwreck.errors import UsageError
from trainwreck.model import Mutant, Rung, operator_name
from trainwreck.mutants.catalogue import list_files
from trainwreck.mutants.selection import Executed, phases_of
from trainwreck.operators import all_operators
from trainwreck.results.studies import planned_mutants, read_studies
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.studies import cache_folder

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
    with looking(options) as file:
        reached = None
        if rung is not None:
            judged = read_studies([file])[0].judged
            reached = {item.mutant.id for item in judged if item.verdict.rung is rung}
        for mutant, phases in planned_mutants(file):
            if reached is None or mutant.id in reached:
                yield mutant, phases


def _from_sources(options: Options, uncovered: bool) -> Iterator[Listed]:
    settings = options.settings()
    progress = LiveProgress(())
    campaign = options.campaign_folder()
    session = open_session(settings, campaign, cache_folder(), options.data, progress.say)
    executed: dict[tuple[str, str], dict[int, frozenset[str]]] = {}
    if not uncovered or campaign.is_dir():
        with CampaignFile.open(campaign) as file:
            executed = file.executed()
    operators = settings.mutants.operators
    for listing in list_files(session.files, session.interpreter, operators, cache_folder()):
        if listing.problem:
            progress.say(f"{listing.file.path}: {listing.problem}")
        lines: Executed = executed.get((listing.file.root, listing.file.file), {})
        for mutant in listing.mutants:
            phases = phases_of(mutant, lines)
            if phases or uncovered:
                yield mutant, phases
