"""What a campaign says so far, computed anew from its facts."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from trainwreck.campaign.baseline import Noise, read_noise
from trainwreck.campaign.judging import Evidence, judge_all
from trainwreck.errors import UsageError
from trainwreck.model import Mutant, Outcome, Rung, TrialKind, Verdict
from trainwreck.plan import FIRST
from trainwreck.source import UnreadableSource, decode
from trainwreck.store import CampaignFile


@dataclass(frozen=True, slots=True)
class Status:
    """How far a campaign is; costs in processor seconds, ``expected`` for what is left."""

    subject: str
    planned: int
    done: int
    left: int
    symptoms: dict[str, int]
    rungs: dict[str, int]
    cost: float
    expected: float


@dataclass(frozen=True, slots=True)
class Story:
    """One mutant: what it is, what came of it, what clean runs report, and what was printed."""

    mutant: Mutant
    phases: tuple[str, ...]
    diff: str
    verdict: Verdict | None
    outcome: Outcome | None
    clean: tuple[Noise, ...]
    log: str


def read_status(file: CampaignFile) -> Status:
    """Count what is there."""
    judged = judge_all(file)
    costs = [outcome.cpu_seconds for _, _, outcome in file.outcomes(TrialKind.MUTANT)]
    clean = [outcome.cpu_seconds for _, _, outcome in file.outcomes(TrialKind.CLEAN)]
    all_costs = [outcome.cpu_seconds for _, _, outcome in file.outcomes(*TrialKind)]
    planned = file.planned_number()
    each = costs or clean or [0.0]
    return Status(
        subject=file.meta("subject") or "",
        planned=planned,
        done=len(judged),
        left=planned - len(judged),
        symptoms=dict(Counter(item.verdict.symptom.value for item in judged)),
        rungs=dict(Counter(item.verdict.rung or "not told apart" for item in judged)),
        cost=sum(all_costs),
        expected=(planned - len(judged)) * sum(each) / len(each),
    )


def tell_story(file: CampaignFile, prefix: str) -> Story:
    """Everything about the mutant whose id begins with ``prefix``. Raises UsageError."""
    found = list(file.mutants(prefix))
    if len(found) != 1:
        problem = "no planned mutant has" if not found else f"{len(found)} mutants have"
        raise UsageError(f"{problem} an id that begins with `{prefix}`", "see `trainwreck list`")
    mutant, phases = found[0]
    draw, outcome = next(iter(file.outcomes_of(mutant.id)), (FIRST, None))
    verdict = Evidence(file).verdict(mutant, draw, outcome)
    if verdict is not None and verdict.rung is Rung.PROPAGATED:
        # What it did is told by tests that are corrected over all mutants.
        judged = judge_all(file)
        verdict = next(item.verdict for item in judged if item.mutant.id == mutant.id)
    return Story(
        mutant=mutant,
        phases=phases,
        diff=_diff(mutant, (file.meta("bases") or {}).get(mutant.root)),
        verdict=verdict,
        outcome=outcome,
        clean=read_noise(file),
        log=file.log(outcome.trial_id) if outcome else "",
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
