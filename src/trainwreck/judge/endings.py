"""Final states that no clean run has shown: which mutants share one, and what that leaves open."""

from collections.abc import Iterable
from sys import intern

from trainwreck.model import EndingDoubt, Mutant, Rung, Second, SharedEnding, Verdict


def shared_digests(judged: Iterable[tuple[Mutant, Verdict]]) -> frozenset[str]:
    """Return the unseen digests in which mutants of different files ended.

    One file is kept for each digest, so that any number of mutants can be read one by one.
    """
    first_files: dict[str, str] = {}
    shared = set()
    for mutant, verdict in judged:
        file = intern(f"{mutant.root}:{mutant.file}")
        for digest in verdict.unseen:
            if first_files.setdefault(digest, file) != file:
                shared.add(digest)
    return frozenset(shared)


def shared_endings(
    judged: Iterable[tuple[Mutant, Verdict]], digests: frozenset[str]
) -> dict[str, SharedEnding]:
    """Return who shares each of the digests: one noun for each, whatever the number of mutants."""
    members: dict[str, list[Mutant]] = {digest: [] for digest in digests}
    for mutant, verdict in judged:
        for digest in digests.intersection(verdict.unseen):
            members[digest].append(mutant)
    return {
        digest: SharedEnding(
            tuple(mutant.id for mutant in mutants),
            len({(mutant.root, mutant.file) for mutant in mutants}),
        )
        for digest, mutants in members.items()
    }


def doubts_of(verdict: Verdict) -> list[EndingDoubt]:
    """Return what the final states of a mutant's runs leave open."""
    doubts = []
    if verdict.rung is Rung.MASKED and verdict.second is Second.CLEAN:
        doubts.append(EndingDoubt.OTHER_RUN_UNSEEN)
    elif verdict.rung is Rung.PROPAGATED and verdict.second in _UNPROVEN:
        doubts.append(_UNPROVEN[verdict.second])
    if verdict.shared is not None:
        doubts.append(EndingDoubt.SHARED_STATE)
    return doubts


_UNPROVEN = {
    Second.MISSING: EndingDoubt.NO_SECOND_RUN,
    Second.UNREACHED: EndingDoubt.SECOND_RUN_UNREACHED,
}
