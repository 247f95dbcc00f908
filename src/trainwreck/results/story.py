"""Everything that is known of one mutant."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.model import FIRST, Mutant, Outcome, PlannedMutant, Rung, Verdict
from trainwreck.results.baseline import Noise, read_noise
from trainwreck.results.evidence import Evidence
from trainwreck.results.imported import imported_campaign, imported_mutants
from trainwreck.results.judged_campaign import judge_all
from trainwreck.source import UnreadableSource, decode
from trainwreck.store.campaign_file import CampaignFile


@dataclass(frozen=True, slots=True)
class Story:
    """One mutant: what it is, what came of it, what clean runs report, and what was printed.

    ``log`` is None where that is not known: an export leaves out what most runs printed.
    """

    planned: PlannedMutant
    diff: str
    verdict: Verdict | None
    outcome: Outcome | None
    clean: tuple[Noise, ...]
    log: str | None

    @property
    def mutant(self) -> Mutant:
        """The mutant without its phases."""
        return self.planned.mutant

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases in which its line runs."""
        return self.planned.phases


def read_story(file: CampaignFile, prefix: str) -> Story:
    """Everything about the mutant whose id begins with ``prefix``. Raises UsageError."""
    if file.has_records():
        return _told_elsewhere(file, prefix)
    found = list(file.mutants(prefix))
    planned = _only(found, prefix)
    mutant = planned.mutant
    draw, outcome = next(iter(file.outcomes_of(mutant.id)), (FIRST, None))
    second = file.second_of(mutant.id) if draw == FIRST else None
    verdict = Evidence(file).verdict(mutant, draw, outcome, second)
    if verdict is not None and (verdict.rung is Rung.PROPAGATED or verdict.unseen):
        # Tests are corrected over all mutants, and endings are shared with others.
        judged = judge_all(file)
        verdict = next(item.verdict for item in judged if item.mutant.id == mutant.id)
    return Story(
        planned=planned,
        diff=_diff(mutant, (file.meta("bases") or {}).get(mutant.root)),
        verdict=verdict,
        outcome=outcome,
        clean=read_noise(file),
        log=file.log(outcome.trial_id) if outcome and file.has_log(outcome.trial_id) else None,
    )


def _only(found: Sequence[PlannedMutant], prefix: str) -> PlannedMutant:
    if len(found) != 1:
        problem = "no planned mutant has" if not found else f"{len(found)} mutants have"
        raise UsageError(f"{problem} an id that begins with `{prefix}`", "see `trainwreck list`")
    return found[0]


def _told_elsewhere(file: CampaignFile, prefix: str) -> Story:
    """As much of a story as a record tells that was made elsewhere."""
    mutants = list(imported_mutants(file))
    same = [each for each in mutants if each.mutant.id == prefix]
    planned = _only(same or [each for each in mutants if each.mutant.id.startswith(prefix)], prefix)
    verdicts = {item.mutant.id: item.verdict for item in imported_campaign(file, "").judged}
    return Story(
        planned=planned,
        diff="(made elsewhere: neither the sources nor the runs are here)\n",
        verdict=verdicts.get(planned.mutant.id),
        outcome=None,
        clean=(),
        log=None,
    )


def _diff(mutant: Mutant, place: str | None) -> str:
    """The change with its neighbouring lines; an imported campaign does not know the sources."""
    if place is None:
        return "(imported: the sources of the campaign are not here)\n"
    base = Path(place)
    try:
        source = decode((base / mutant.file).read_bytes())
        if source.sha == mutant.source_sha:
            return mutant.diff(source.text)
    except (OSError, UnreadableSource):
        pass
    return f"({base / mutant.file} is no longer the file that the mutant was made for)\n"
