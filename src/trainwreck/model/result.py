"""The result of a run: everything that its digest covers, by parts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from trainwreck.model.identity import content_id


class Part(StrEnum):
    """A part of a result, as exports name it; the strongest evidence first."""

    PARAMETERS = "parameters"
    FILES = "files"
    VALUES = "values"


VALUES_ALONE = (Part.VALUES,)
"""All that a digest covers where no parameters are read and the settings name no files."""

FILES, STATE, COVERS = "files", "state", "covers"
"""Names of observations: the written files, the printed states, what the agent read."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one run.

    ``steps`` holds every reported value as printed. ``parameters`` is the hash of the final model
    parameters, None where none were read. ``files`` maps each written file that the settings name
    to the hash of its content, None where they name none. ``state`` is the hash of the states that
    the program printed as ``trainwreck: state=HASH``, None where it printed none.
    """

    steps: Mapping[str, Sequence[str]]
    parameters: str | None = None
    files: Mapping[str, str] | None = None
    state: str | None = None

    @property
    def digest(self) -> str:
        """Return the hash of all parts."""
        texts = [f"{name}={','.join(values)}" for name, values in sorted(self.steps.items())]
        return content_id(*texts, self.parameters, *self._more())

    def _more(self) -> list[str]:
        """Return the texts of files and states; none where there are none, as in older digests."""
        texts = [] if self.state is None else [f"{STATE} {self.state}"]
        if self.files is None:
            return texts
        return [*texts, FILES, *(f"{name} {sha}" for name, sha in sorted(self.files.items()))]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return the parts that the digest covers.

        A printed state counts as parameters: the program vouches that it stands for them.
        """
        has_parameters = self.parameters is not None or self.state is not None
        return _parts(has_parameters, self.files is not None)


@cache
def _parts(has_parameters: bool, has_files: bool) -> tuple[Part, ...]:
    """Return parts in their order; the four kinds of them are shared by all runs."""
    parts = [Part.PARAMETERS] if has_parameters else []
    parts += [Part.FILES] if has_files else []
    return (*parts, Part.VALUES)


def result_of(
    steps: Mapping[str, Sequence[str]], parameters: str | None, observed: Mapping[str, Any]
) -> Result:
    """Return the result that the facts of a run hold; ``observed`` are its observations."""
    files, state = observed.get(FILES), observed.get(STATE)
    return Result(
        steps,
        parameters,
        _by_name(files) if isinstance(files, dict) else None,
        state if isinstance(state, str) else None,
    )


def _by_name(files: Mapping[str, Any]) -> dict[str, str]:
    """Return the hash of each file, whichever patterns it matches."""
    groups = [group for group in files.values() if isinstance(group, dict)]
    return {name: str(sha) for group in groups for name, sha in group.items()}


@dataclass(frozen=True, slots=True)
class Difference:
    """The parts in which a result agrees with no clean one; ``files`` are the names of the files.

    ``state`` is whether the printed states are among what differs.
    """

    parts: tuple[Part, ...]
    files: tuple[str, ...] = ()


def difference_of(result: Result, clean: Collection[Result]) -> Difference:
    """Return how a result differs from all clean ones."""
    parameters = (result.parameters, result.state)
    files = files_that_differ(result, clean)
    parts = []
    if parameters not in [(other.parameters, other.state) for other in clean]:
        parts.append(Part.PARAMETERS)
    if files:
        parts.append(Part.FILES)
    if dict(result.steps) not in [dict(other.steps) for other in clean]:
        parts.append(Part.VALUES)
    return Difference(tuple(parts), files)


def files_that_differ(result: Result, clean: Collection[Result]) -> tuple[str, ...]:
    """Return the files that no clean run left like this, in the order of their names."""
    files = result.files or {}
    names = {name for other in (*clean, result) for name in other.files or ()}
    return tuple(
        name
        for name in sorted(names)
        if files.get(name) not in [(other.files or {}).get(name) for other in clean]
    )


def unsteady_files(clean: Collection[Result]) -> tuple[str, ...]:
    """Return the files that differ between clean runs of one seed that agree in all else."""
    unsteady: set[str] = set()
    for first in clean:
        alike = [other for other in clean if _same_but_files(first, other)]
        for other in alike:
            unsteady.update(files_that_differ(other, [first]))
    return tuple(sorted(unsteady))


def _same_but_files(first: Result, second: Result) -> bool:
    return (dict(first.steps), first.parameters, first.state) == (
        dict(second.steps),
        second.parameters,
        second.state,
    )


@dataclass(frozen=True, slots=True)
class Covered:
    """Parameters that a digest covers: of ``models`` of one class, with ``arrays`` each."""

    what: str
    arrays: int
    models: int = 1


@dataclass(frozen=True, slots=True)
class DigestCovers:
    """The content of the digests of clean runs.

    ``parameters`` are those that the agent read, as far as that was recorded. ``files`` are the
    names of files that the program wrote. ``unsteady`` are those that differ between clean runs
    that agree in all else. ``state`` is whether the program printed states of its own.
    """

    parts: tuple[Part, ...]
    parameters: tuple[Covered, ...] = ()
    files: tuple[str, ...] = ()
    unsteady: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    state: bool = False
