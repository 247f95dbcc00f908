"""Read from clean runs what their digests cover."""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from trainwreck.model import (
    COVERS,
    Covered,
    DigestCovers,
    Outcome,
    Part,
    Result,
    unsteady_files,
)

NOTHING_COVERED = DigestCovers(())


def covers_of(outcomes: Collection[Outcome], results: Collection[Result]) -> DigestCovers:
    """Return what the digests of clean runs with one seed cover.

    Args:
        outcomes: the runs, unwatched ones only.
        results: their different results.

    """
    first = next(iter(outcomes), None)
    if first is None:
        return NOTHING_COVERED
    result = first.result
    return DigestCovers(
        parts=result.parts,
        parameters=tuple(_parameters(first.observations.get(COVERS))),
        files=tuple(sorted(result.files or ())),
        unsteady=unsteady_files(results),
        metrics=tuple(result.steps),
        state=result.state is not None,
    )


def _parameters(entries: Any) -> Iterator[Covered]:
    """Yield the parameters that the agent read in all processes, by its event ``digest``."""
    models: Counter[tuple[str, int]] = Counter()
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("kind") == Part.PARAMETERS:
            key = str(entry.get("what", "")), _whole(entry.get("arrays"), 0)
            models[key] += _whole(entry.get("models"), 1)
    return (Covered(what, arrays, number) for (what, arrays), number in models.items())


def _whole(value: Any, otherwise: int) -> int:
    """Return a whole number; an import may hold anything in its place."""
    return value if isinstance(value, int) else otherwise
