"""Everything that is known of one mutant."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.model import Mutant, Outcome, Verdict
from trainwreck.results.baseline import Noise
from trainwreck.source import UnreadableSource, decode


@dataclass(frozen=True, slots=True)
class Story:
    """One mutant: what it is, what came of it, what clean runs report, and what was printed.

    ``log`` is None where that is not known: an export leaves out what most runs printed.
    """

    mutant: Mutant
    phases: tuple[str, ...]
    diff: str
    verdict: Verdict | None
    outcome: Outcome | None
    clean: tuple[Noise, ...]
    log: str | None


def only_one(
    mutants: Sequence[tuple[Mutant, tuple[str, ...]]], prefix: str
) -> tuple[Mutant, tuple[str, ...]]:
    """Return the only mutant. Raises UsageError where there are none, or several."""
    if len(mutants) != 1:
        problem = "no planned mutant has" if not mutants else f"{len(mutants)} mutants have"
        raise UsageError(
            f"{problem} an id that begins with `{prefix}`", "Find ids with `trainwreck list`."
        )
    return mutants[0]


def diff_of(mutant: Mutant, base_folder: str | None) -> str:
    """Return the change with its neighbouring lines; an imported campaign has no sources."""
    if base_folder is None:
        return "(imported: the sources of the campaign are not here)\n"
    base = Path(base_folder)
    try:
        source = decode((base / mutant.file).read_bytes())
        if source.sha == mutant.source_sha:
            return mutant.diff(source.text)
    except (OSError, UnreadableSource):
        pass
    return f"({base / mutant.file} is no longer the file that the mutant was made for)\n"
