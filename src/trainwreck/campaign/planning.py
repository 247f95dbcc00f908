"""Draws the campaign's mutants and writes them down before any of them runs."""

from trainwreck.campaign.desk import Desk
from trainwreck.campaign.listing import list_files
from trainwreck.campaign.loop import Progress
from trainwreck.errors import UsageError
from trainwreck.plan import frame_of, in_turns, phases_of, select
from trainwreck.store import CampaignFile


def make_plan(desk: Desk, file: CampaignFile, progress: Progress) -> int:
    """Plan once; later calls find the plan. Returns the number of planned mutants.

    Raises UsageError where no executed line can be mutated.
    """
    planned = file.planned_number()
    if planned:
        return planned
    settings = desk.settings.mutants
    executed = file.executed()
    files = [source for source in desk.files if (source.root, source.file) in executed]
    progress.say(f"listing the mutants of {len(files)} files that the clean program executes")
    chosen, frames = [], []
    for listing in list_files(files, desk.interpreter, settings.operators, desk.cache):
        source = listing.file
        lines = executed[source.root, source.file]
        reached, drawn = select(listing.mutants, lines, settings.per_file, settings.seed)
        chosen += drawn
        frames.append(
            frame_of(
                source.root,
                source.file,
                listing.mutants,
                listing.dropped,
                reached,
                drawn,
                listing.problem,
            )
        )
    if not chosen:
        raise UsageError(
            "no executed line of the targets can be mutated", "look at `targets` and `operators`"
        )
    ordered = in_turns(chosen, settings.seed)
    lines_of = (executed[mutant.root, mutant.file] for mutant in ordered)
    file.set_plan(
        (
            (mutant, phases_of(mutant, lines))
            for mutant, lines in zip(ordered, lines_of, strict=True)
        ),
        frames,
    )
    return len(chosen)
