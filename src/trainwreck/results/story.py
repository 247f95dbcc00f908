"""Everything that is known of one mutant."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.model import FIRST, Mutant, Outcome, Rung, Verdict
from trainwreck.results.baseline import Noise, read_noise
from trainwreck.results.evidence import Evidence
from trainwreck.results.imported import imported_campaign, imported_mutants
from trainwreck.results.judged_campaign import judge_all
from trainwreck.source import UnreadableSource, decode
from trainwreck.store.campaign_file import CampaignFile


class NoDiff(StrEnum):
    """A reason why the change of a mutant cannot be shown in its source."""

    RECORD = "record"
    IMPORTED = "imported"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Story:
    """One mutant: its change, its verdict, what clean runs report, and what was printed.

    ``diff`` is the change as a text, or why there is none; ``source`` is the path of the file that
    it changes, None where that is not here. ``log`` is None where that is not known: an export
    leaves out what most runs printed.
    """

    mutant: Mutant
    phases: tuple[str, ...]
    diff: str | NoDiff
    verdict: Verdict | None
    outcome: Outcome | None
    clean: tuple[Noise, ...]
    log: str | None
    source: Path | None = None


def read_story(file: CampaignFile, prefix: str) -> Story:
    """Return the story of the mutant whose id begins with ``prefix``. Raises UsageError."""
    if file.has_records():
        return _imported_story(file, prefix)
    found = list(file.mutants(prefix))
    mutant, phases = _only(found, prefix)
    base = (file.meta("bases") or {}).get(mutant.root)
    source = None if base is None else Path(base) / mutant.file
    draw, outcome = next(iter(file.outcomes_of(mutant.id)), (FIRST, None))
    second = file.second_of(mutant.id) if draw == FIRST else None
    verdict = Evidence(file).verdict(mutant, draw, outcome, second)
    if verdict is not None and (verdict.rung is Rung.PROPAGATED or verdict.unseen):
        # Tests are corrected over all mutants, and endings are shared with others.
        judged = judge_all(file)
        verdict = next(item.verdict for item in judged if item.mutant.id == mutant.id)
    return Story(
        mutant=mutant,
        phases=phases,
        diff=_diff(mutant, source),
        verdict=verdict,
        outcome=outcome,
        clean=read_noise(file),
        log=file.log(outcome.trial_id) if outcome and file.has_log(outcome.trial_id) else None,
        source=source,
    )


def _only(
    matching: Sequence[tuple[Mutant, tuple[str, ...]]], prefix: str
) -> tuple[Mutant, tuple[str, ...]]:
    see = "see `trainwreck list`"
    if not matching:
        raise UsageError(f"no planned mutant has an id that begins with `{prefix}`", see)
    if len(matching) > 1:
        raise UsageError(f"{len(matching)} mutants have an id that begins with `{prefix}`", see)
    return matching[0]


def _imported_story(file: CampaignFile, prefix: str) -> Story:
    """Return as much of a story as an imported record holds."""
    mutants = list(imported_mutants(file))
    same = [pair for pair in mutants if pair[0].id == prefix]
    mutant, phases = _only(same or [p for p in mutants if p[0].id.startswith(prefix)], prefix)
    judged = imported_campaign(file, "").judged
    return Story(
        mutant=mutant,
        phases=phases,
        diff=NoDiff.RECORD,
        verdict=next((item.verdict for item in judged if item.mutant.id == mutant.id), None),
        outcome=None,
        clean=(),
        log=None,
    )


def _diff(mutant: Mutant, source: Path | None) -> str | NoDiff:
    """Return the change with its neighbouring lines, or why there is none."""
    if source is None:
        return NoDiff.IMPORTED
    try:
        text = decode(source.read_bytes())
    except (OSError, UnreadableSource):
        return NoDiff.CHANGED
    return mutant.diff(text.text) if text.sha == mutant.source_sha else NoDiff.CHANGED
