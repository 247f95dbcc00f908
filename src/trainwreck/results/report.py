"""The report of a campaign, or of several side by side: tables, figures as tables, findings."""

from trainwreck.exchange.plausibility.checks import table_doubts
from trainwreck.findings import (
    JudgedCampaign,
    Sized,
    figures,
    last_phase,
    ledger_tables,
    operator_heads,
    phases_of,
    reported_settings,
    table_causes,
    table_compared,
    table_completeness,
    table_deepcrime,
    table_findings,
    table_five,
    table_four,
    table_frame,
    table_impacts,
    table_one,
    table_six,
    table_three,
    table_two,
    table_verdicts,
)
from trainwreck.model import FIRST, Table, TrialKind
from trainwreck.results.baseline import REPORTED
from trainwreck.results.evidence import Evidence
from trainwreck.results.source import ResultSource, judge_campaigns
from trainwreck.store.campaign_file import CampaignFile


def report_tables(*sources: ResultSource) -> list[Table]:
    """Return all tables; those that speak of one campaign are left out of a report on several."""
    studies = judge_campaigns(sources)
    named = list(zip(studies, sources, strict=True))
    sizes = [Sized(s.name, _versions(source.file), source.file.sources()) for s, source in named]
    tables = [
        table_one(sizes),
        table_two(studies),
        table_three([(study.name, reported_by(source)) for study, source in named]),
        table_four(studies),
        table_five(studies),
        table_six(studies),
        table_causes(studies),
        *figures(studies),
        *table_findings(studies),
        table_impacts(studies),
    ]
    if len(named) == 1:
        frames = sources[0].file.frames()
        tables[3:3] = [table_frame(frames)] if frames else []
        tables += _single(*named[0])
    return tables + [table for study, source in named for table in _imported(study, source)]


def reported_by(source: ResultSource) -> dict[str, str]:
    """Return the settings that the first clean run printed."""
    kept: dict[str, str] | None = source.file.meta(REPORTED)
    if kept is not None:
        return kept
    first = next(source.file.outcomes(TrialKind.CLEAN), None)
    return reported_settings(source.file.log(first[2].trial_id)) if first else {}


def _imported(study: JudgedCampaign, source: ResultSource) -> list[Table]:
    """Return what is known, and what is doubtful, of an import."""
    doubts = source.file.doubts()
    tables = [table_completeness(study)] if study.completeness else []
    return [*tables, table_doubts(doubts)] if doubts or study.completeness else tables


def _versions(file: CampaignFile) -> dict[str, str]:
    return {name: version or "" for name, version in (file.meta("versions") or {}).items()}


def _single(study: JudgedCampaign, source: ResultSource) -> list[Table]:
    note = " ".join(filter(None, _notes(source, len(study.judged))))
    operators = operator_heads(study.judged).groups(study.judged)
    phases = {
        phase: [item for item in study.judged if last_phase(study, item) == phase]
        for phase in phases_of([study])
    }
    return [
        table_verdicts(study),
        table_deepcrime(study),
        table_compared(study, "operator", operators),
        table_compared(study, "phase", phases),
        *ledger_tables(study.judged, note, study.phases),
    ]


def _notes(source: ResultSource, judged: int) -> tuple[str, ...]:
    """What must be known of the clean runs, of the environment, and what it cost."""
    file = source.file
    return _determinism_note(source.evidence), _environment_note(file), _cost_note(file, judged)


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


def _determinism_note(evidence: Evidence) -> str:
    """How far clean runs repeat, and whether those in between still end as those before."""
    clean, file = evidence.clean.get(FIRST), evidence.file
    if clean is None:
        return ""
    determinism = clean.determinism
    note = f"With seed {determinism.seed}: {determinism.summary}; {determinism.outlook}."
    if determinism.watched:
        note += (
            f" {determinism.agreeing} of {determinism.watched} runs that coverage.py or probes "
            "watched reported what a clean run does."
        )
    before = {o.digest for _, _, o in file.outcomes(TrialKind.CLEAN, draw=FIRST)}
    controls = [outcome.digest for _, _, outcome in file.outcomes(TrialKind.CONTROL)]
    drifted = sum(digest not in before for digest in controls)
    if drifted:
        note += f" {drifted} of {len(controls)} controls ended in a digest that none had before."
    if 1 < drifted == len(controls):
        note = f"DRIFT: no control ends as the clean runs before the mutants did. {note}"
    return note


def _cost_note(file: CampaignFile, judged: int) -> str:
    """What the campaign cost, and what every one of the mutants run to its end would have."""
    costs = file.costs()
    clean = [cost for cost in costs if cost.kind is TrialKind.CLEAN]
    first = [cost for cost in costs if cost.kind is TrialKind.MUTANT and cost.first]
    if not clean or not first:
        return ""
    whole = sum(cost.cpu_seconds for cost in clean) / sum(cost.runs for cost in clean)
    naive = sum(whole * cost.runs if cost.settled else cost.cpu_seconds for cost in first)
    naive += (judged - sum(cost.runs for cost in first)) * whole
    spent = sum(c.cpu_seconds for c in costs if c in first or c.kind is TrialKind.PROBE)
    note = (
        f"Processor time: {spent:.0f} s for the mutants, probes included; every one run to its end "
        f"would have taken about {naive:.0f} s."
    )
    further = sum(c.cpu_seconds for c in costs if c.kind is TrialKind.MUTANT and not c.first)
    return f"{note} Further runs of propagated mutants took {further:.0f} s." if further else note
