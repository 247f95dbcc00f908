"""What a campaign says so far, computed anew from its facts."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from trainwreck.campaign.baseline import Noise, clean_runs, read_noise
from trainwreck.campaign.judging import Evidence, judge_all
from trainwreck.errors import UsageError
from trainwreck.findings import (
    Sized,
    ledger_tables,
    reported_settings,
    table_five,
    table_four,
    table_frame,
    table_one,
    table_three,
)
from trainwreck.model import Mutant, Outcome, Table, TrialKind, Verdict
from trainwreck.plan import FIRST_SEED
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


def report_tables(file: CampaignFile) -> list[Table]:
    """The report: sizes, settings, selection, symptoms, ledger (Tables I, III, IV and V)."""
    judged = judge_all(file)
    subject, planned = file.meta("subject") or "", file.planned_number()
    sized = Sized(subject, file.meta("versions") or {}, file.sources())
    return [
        table_one([sized]),
        table_three([(subject, read_settings(file))]),
        table_frame(file.frames()),
        table_four(judged, subject, planned),
        table_five(judged),
        *ledger_tables(
            judged, " ".join(filter(None, _notes(file, len(judged)))), read_phases(file)
        ),
    ]


def read_phases(file: CampaignFile) -> tuple[str, ...]:
    """The phases in the order in which clean runs come to them."""
    clean = clean_runs(file).get(FIRST_SEED)
    return clean.phases if clean else ()


def read_settings(file: CampaignFile) -> dict[str, str]:
    """The settings that the first clean run reported."""
    first = next(file.outcomes(TrialKind.CLEAN), None)
    return reported_settings(file.log(first[2].trial_id)) if first else {}


def tell_story(file: CampaignFile, prefix: str) -> Story:
    """Everything about the mutant whose id begins with ``prefix``. Raises UsageError."""
    found = list(file.mutants(prefix))
    if len(found) != 1:
        problem = "no planned mutant has" if not found else f"{len(found)} mutants have"
        raise UsageError(f"{problem} an id that begins with `{prefix}`", "see `trainwreck list`")
    mutant, phases = found[0]
    seed, outcome = next(iter(file.outcomes_of(mutant.id)), (FIRST_SEED, None))
    verdict = Evidence(file).verdict(mutant, seed, outcome)
    return Story(
        mutant=mutant,
        phases=phases,
        diff=_diff(mutant, Path(file.meta("bases")[mutant.root])),
        verdict=verdict,
        outcome=outcome,
        clean=read_noise(file),
        log=file.log(outcome.trial_id) if outcome else "",
    )


def _diff(mutant: Mutant, base: Path) -> str:
    try:
        source = decode((base / mutant.file).read_bytes())
        if source.sha == mutant.source_sha:
            return mutant.diff(source.text)
    except (OSError, UnreadableSource):
        pass
    return f"({base / mutant.file} is no longer the file that the mutant was made for)\n"


def _notes(file: CampaignFile, judged: int) -> tuple[str, ...]:
    """What must be known of the clean runs, of the environment, and what it cost."""
    return _certificate_note(file), _environment_note(file), _cost_note(file, judged)


def _environment_note(file: CampaignFile) -> str:
    """A warning where runs were made in different environments, and what differs."""
    environments = file.environments()
    changes = [
        f"{runs} runs after {', '.join(environments[0][0].difference(other))}"
        for other, runs in environments[1:]
    ]
    if not changes:
        return ""
    return f"WARNING: the environment was changed during the campaign: {'; '.join(changes)}."


def _certificate_note(file: CampaignFile) -> str:
    """How far clean runs repeat, and whether those in between still end as those before."""
    clean = clean_runs(file).get(FIRST_SEED)
    if clean is None:
        return ""
    certificate = clean.certificate
    chance = certificate.chance_of_unseen
    note = f"With seed {certificate.seed}: {certificate.summary}; "
    note += (
        f"the chance that the next one gives a new digest is below {chance:.2f} (95 %)."
        if chance < 1
        else "too few to tell how likely another digest is."
    )
    before = {o.digest for seed, _, o in file.outcomes(TrialKind.CLEAN) if seed == FIRST_SEED}
    controls = [outcome.digest for _, _, outcome in file.outcomes(TrialKind.CONTROL)]
    drifted = sum(digest not in before for digest in controls)
    if drifted:
        note += f" {drifted} of {len(controls)} controls ended in a digest that none had before."
    if 1 < drifted == len(controls):
        note = f"DRIFT: no control ends as the clean runs before the mutants did. {note}"
    return note


def _cost_note(file: CampaignFile, judged: int) -> str:
    """What the campaign cost, and what every one of the mutants run to its end would have."""
    clean = [outcome.cpu_seconds for _, _, outcome in file.outcomes(TrialKind.CLEAN)]
    probes = [outcome.cpu_seconds for _, _, outcome in file.outcomes(TrialKind.PROBE)]
    runs = [(run.cpu_seconds, run.settled) for _, _, run in file.outcomes(TrialKind.MUTANT)]
    if not clean or not runs:
        return ""
    whole = sum(clean) / len(clean)
    naive = sum(whole if settled else seconds for seconds, settled in runs)
    naive += (judged - len(runs)) * whole
    spent = sum(seconds for seconds, _ in runs) + sum(probes)
    return (
        f"Processor time: {spent:.0f} s for the mutants, probes included; every one run to its end "
        f"would have taken about {naive:.0f} s."
    )
