"""The step `plan`: mutants are drawn and stored before any of them runs."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from trainwreck.campaign.prepare import PreparedSubject
from trainwreck.campaign.session import Session
from trainwreck.errors import UsageError
from trainwreck.model import FileFrame, Mutant, PlannedMutant, Stratum, StratumFrame
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
    chosen, frames, strata = _choose(session, executed)
    if not chosen:
        raise UsageError(
            "no executed line of the targets can be mutated; lines are not seen in a Python that "
            "another program starts with `-I`, `-E` or `-S`, or without the variable PYTHONPATH "
            "that it was given",
            "Check `targets` and `operators`, and how the program starts Python.",
        )
    settings = session.subject.settings.mutants
    ordered = in_turns(chosen, settings.seed, settings.draw)
    file.set_plan(
        (
            PlannedMutant(mutant, phases_of(mutant, executed[mutant.root, mutant.file]))
            for mutant in ordered
        ),
        frames,
        strata,
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
) -> tuple[list[Mutant], list[FileFrame], list[StratumFrame]]:
    """Return the planned mutants, and the numbers of each executed file's selection."""
    subject = session.subject
    settings = subject.settings.mutants
    files = [source for source in subject.files if (source.root, source.file) in executed]
    session.progress.say(
        f"files that the clean program executes, whose mutants are listed: {len(files)}"
    )
    chosen: list[Mutant] = []
    frames: list[FileFrame] = []
    strata: list[StratumFrame] = []
    for listing in list_files(files, subject.interpreter, settings.operators, subject.cache):
        root, name = listing.file.root, listing.file.file
        if listing.problem:
            session.progress.say(f"{listing.file.path}: {listing.problem}")
        selected = select(
            listing.mutants,
            executed[root, name],
            settings.per_file,
            settings.seed,
            settings.draw,
            settings.annotations,
        )
        chosen += selected.planned
        frames.append(frame_of(root, name, selected, listing.dropped, listing.problem))
        strata += selected.strata(root, name, settings.draw)
    left_out = sum(stratum.mutants for stratum in strata if not stratum.chance)
    if left_out:
        session.progress.say(
            f"left out: {left_out} mutants in type annotations ([mutants] annotations)"
        )
    return chosen, frames, strata


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
        say: Hears which files cannot be read, and how many annotations are left out.

    """
    settings, left_out = subject.settings.mutants, 0
    for listing in list_files(
        subject.files, subject.interpreter, settings.operators, subject.cache
    ):
        if listing.problem:
            say(f"{listing.file.path}: {listing.problem}")
        lines: Executed = executed.get((listing.file.root, listing.file.file), {})
        for mutant in listing.mutants:
            phases = phases_of(mutant, lines)
            if not phases and not uncovered:
                continue
            if mutant.stratum is Stratum.ANNOTATION and not settings.annotations:
                left_out += 1
            else:
                yield PlannedMutant(mutant, phases)
    if left_out:
        say(f"left out: {left_out} mutants in type annotations ([mutants] annotations)")
