"""The command ``list``: which mutants, from where."""

from collections.abc import Iterator
from dataclasses import dataclass

from trainwreck.campaign.session import open_session
from trainwreck.cli.context import Options, looking
from trainwreck.cli.progress import LiveProgress
from trainwreck.errors import UsageError
from trainwreck.model import OperatorCode, PlannedMutant, Rung, operator_name
from trainwreck.mutants.catalogue import list_files
from trainwreck.mutants.selection import Executed, phases_of
from trainwreck.results.studies import planned_mutants, read_studies
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.studies import cache_folder


@dataclass(frozen=True, slots=True)
class Filter:
    """What to leave out."""

    operators: frozenset[str]
    file: str
    phase: str | None
    rung: Rung | None

    def accepts(self, planned: PlannedMutant) -> bool:
        """Return whether all but the rung fits."""
        mutant = planned.mutant
        return (
            (not self.operators or mutant.operator in self.operators)
            and self.file in mutant.file
            and (self.phase is None or self.phase in planned.phases)
        )


def listed_mutants(
    options: Options, wanted: Filter, everything: bool, uncovered: bool
) -> Iterator[PlannedMutant]:
    """Planned mutants from the campaign; others straight from the sources."""
    if everything or uncovered:
        if wanted.rung:
            raise UsageError("`--rung` asks for mutants that ran, and only planned ones do")
        found = _from_sources(options, uncovered)
    else:
        found = _from_campaign(options, wanted.rung)
    return _accepted(found, wanted)


def _accepted(found: Iterator[PlannedMutant], wanted: Filter) -> Iterator[PlannedMutant]:
    """Yield what fits. Raises UsageError, at the end, for an operator that no mutant has."""
    missing = set(wanted.operators) - set(OperatorCode)
    for planned in found:
        missing.discard(planned.mutant.operator)
        if wanted.accepts(planned):
            yield planned
    if missing:
        names = ", ".join(f"`{operator_name(operator)}`" for operator in sorted(missing))
        raise UsageError(f"no mutant is of the operator {names}", "see `trainwreck report`")


def _from_campaign(options: Options, rung: Rung | None) -> Iterator[PlannedMutant]:
    with looking(options) as file:
        reached = None
        if rung is not None:
            judged = read_studies([file])[0].judged
            reached = {item.mutant.id for item in judged if item.verdict.rung is rung}
        for planned in planned_mutants(file):
            if reached is None or planned.mutant.id in reached:
                yield planned


def _from_sources(options: Options, uncovered: bool) -> Iterator[PlannedMutant]:
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
                yield PlannedMutant(mutant, phases)
