"""Draws the campaign's mutants and writes them down before any of them runs."""

from collections.abc import Mapping

from trainwreck.campaign.execution import Progress
from trainwreck.campaign.session import Session
from trainwreck.errors import UsageError
from trainwreck.model import FileFrame, Mutant, PlannedMutant
from trainwreck.mutants.catalogue import list_files
from trainwreck.mutants.selection import Executed, frame_of, in_turns, phases_of, select
from trainwreck.store.campaign_file import CampaignFile


def make_plan(session: Session, file: CampaignFile, progress: Progress) -> int:
    """Plan once; later calls find the plan. Returns the number of planned mutants.

    Raises UsageError where no executed line can be mutated.
    """
    planned = file.planned_number()
    if planned:
        return planned
    executed = file.executed()
    chosen, frames = _choose(session, executed, progress)
    if not chosen:
        raise UsageError(
            "no executed line of the targets can be mutated", "look at `targets` and `operators`"
        )
    ordered = in_turns(chosen, session.settings.mutants.seed)
    file.set_plan(
        (
            PlannedMutant(mutant, phases_of(mutant, executed[mutant.root, mutant.file]))
            for mutant in ordered
        ),
        frames,
    )
    return len(chosen)


def _choose(
    session: Session, executed: Mapping[tuple[str, str], Executed], progress: Progress
) -> tuple[list[Mutant], list[FileFrame]]:
    """The mutants of every executed file that are planned, and how each file's were chosen."""
    settings = session.settings.mutants
    files = [source for source in session.files if (source.root, source.file) in executed]
    progress.say(f"listing the mutants of {len(files)} files that the clean program executes")
    chosen: list[Mutant] = []
    frames = []
    for listing in list_files(files, session.interpreter, settings.operators, session.cache):
        root, name = listing.file.root, listing.file.file
        if listing.problem:
            progress.say(f"{listing.file.path}: {listing.problem}")
        found = listing.mutants
        reached, drawn = select(found, executed[root, name], settings.per_file, settings.seed)
        chosen += drawn
        frames.append(frame_of(root, name, found, listing.dropped, reached, drawn, listing.problem))
    return chosen, frames
