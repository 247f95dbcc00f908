"""The step `plan`: mutants are drawn and stored before any of them runs."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from trainwreck.campaign.prepare import PreparedSubject
from trainwreck.campaign.session import Session
from trainwreck.errors import UsageError
from trainwreck.model import FileFrame, Mutant, PlannedMutant
from trainwreck.mutants.catalogue import list_files
from trainwreck.mutants.selection import Executed, frame_of, in_turns, phases_of, select


def make_plan(session: Session) -> int:
    """Plan the mutants unless there is a plan; return their number.

    Raises UsageError where no executed line can be mutated.
    """
    file = session.file
    planned = file.planned_number()
    if planned:
        return planned
    executed = file.executed()
    chosen, frames = _choose(session, executed)
    if not chosen:
        raise UsageError(
            "no executed line of the targets can be mutated", "Check `targets` and `operators`."
        )
    ordered = in_turns(chosen, session.subject.settings.mutants.seed)
    file.set_plan(
        (
            PlannedMutant(mutant, phases_of(mutant, executed[mutant.root, mutant.file]))
            for mutant in ordered
        ),
        frames,
    )
    return len(chosen)


def plan_chosen(session: Session, mutants: Iterable[Mutant]) -> int:
    """Plan these mutants and no others; return the number of those on executed lines."""
    executed = session.file.executed()
    planned = (
        PlannedMutant(mutant, phases_of(mutant, executed.get((mutant.root, mutant.file), {})))
        for mutant in mutants
    )
    session.file.set_plan((item for item in planned if item.phases), ())
    return session.file.planned_number()


def _choose(
    session: Session, executed: Mapping[tuple[str, str], Executed]
) -> tuple[list[Mutant], list[FileFrame]]:
    """Return the planned mutants, and the numbers of each executed file's selection."""
    subject = session.subject
    settings = subject.settings.mutants
    files = [source for source in subject.files if (source.root, source.file) in executed]
    session.progress.say(
        f"listing the mutants of {len(files)} files that the clean program executes"
    )
    chosen: list[Mutant] = []
    frames = []
    for listing in list_files(files, subject.interpreter, settings.operators, subject.cache):
        root, name = listing.file.root, listing.file.file
        if listing.problem:
            session.progress.say(f"{listing.file.path}: {listing.problem}")
        mutants = listing.mutants
        reached, drawn = select(mutants, executed[root, name], settings.per_file, settings.seed)
        chosen += drawn
        frames.append(
            frame_of(root, name, mutants, listing.dropped, reached, drawn, listing.problem)
        )
    return chosen, frames


def list_sources(
    subject: PreparedSubject,
    executed: Mapping[tuple[str, str], Executed],
    uncovered: bool,
    say: Callable[[str], object],
) -> Iterator[PlannedMutant]:
    """Yield the mutants of all files of a subject with their phases, without the cap per file.

    Args:
        subject: The subject.
        executed: The executed lines of each root and file.
        uncovered: Yield mutants on other lines as well.
        say: Hears which files cannot be read.

    """
    operators = subject.settings.mutants.operators
    for listing in list_files(subject.files, subject.interpreter, operators, subject.cache):
        if listing.problem:
            say(f"{listing.file.path}: {listing.problem}")
        lines: Executed = executed.get((listing.file.root, listing.file.file), {})
        for mutant in listing.mutants:
            phases = phases_of(mutant, lines)
            if phases or uncovered:
                yield PlannedMutant(mutant, phases)
