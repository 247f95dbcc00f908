"""Final states that no clean run has shown: which mutants share one, and what that leaves open."""

from collections.abc import Iterable
from sys import intern

from trainwreck.model import Mutant, Rung, Second, SharedEnding, Verdict

MOST_NAMED = 3
"""A sentence names this number of mutants at most."""


def shared_digests(judged: Iterable[tuple[Mutant, Verdict]]) -> frozenset[str]:
    """Return the unseen digests in which mutants of different files ended.

    One place is kept for each digest, so that any number of mutants can be read one by one.
    """
    places: dict[str, str] = {}
    shared = set()
    for mutant, verdict in judged:
        place = intern(f"{mutant.root}:{mutant.file}")
        for digest in verdict.unseen:
            if places.setdefault(digest, place) != place:
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


def doubts_of(verdict: Verdict) -> list[str]:
    """Return what the endings of its runs leave open about a mutant, one clause for each doubt."""
    found = []
    if verdict.second is Second.CLEAN:
        found.append("its other run ended in a state that no clean run has shown")
    elif verdict.rung is Rung.PROPAGATED and verdict.second in _UNPROVEN:
        found.append(_UNPROVEN[verdict.second])
    if verdict.shared is not None:
        found.append(_sharing(verdict.mutant_id, verdict.shared))
    return found


_UNPROVEN = {
    Second.MISSING: "clean runs end in several ways, and it has no second run with the same seed",
    Second.UNREACHED: (
        "clean runs end in several ways, and its second run with the same seed is not known to "
        "have evaluated the changed code"
    ),
}


def why_of(verdict: Verdict) -> str:
    """Return the reason with its doubts."""
    doubts = doubts_of(verdict)
    return f"{verdict.why} (doubt: {'; '.join(doubts)})" if doubts else verdict.why


def _sharing(mutant_id: str, shared: SharedEnding) -> str:
    others = [other for other in shared.mutants[: MOST_NAMED + 1] if other != mutant_id]
    number = len(shared.mutants) - 1
    named = ", ".join(others[:MOST_NAMED])
    more = f" and {number - MOST_NAMED} more" if number > MOST_NAMED else ""
    return (
        f"the same final state was reached by {named}{more}, in {shared.files} files together, "
        "and may be one of the clean program that no clean run has shown"
    )
