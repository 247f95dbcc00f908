"""The report of a campaign, or of several side by side: tables, figures as tables, findings."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

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
    table_chosen,
    table_compared,
    table_completeness,
    table_deepcrime,
    table_doubts,
    table_findings,
    table_five,
    table_four,
    table_frame,
    table_impacts,
    table_one,
    table_six,
    table_strata,
    table_three,
    table_two,
    table_verdicts,
)
from trainwreck.model import (
    FIRST,
    CampaignCost,
    Comparing,
    Contained,
    Controls,
    Ending,
    EnvironmentChange,
    Remark,
    Repeatability,
    Starts,
    Table,
    TrialKind,
    Unsealed,
    Withdrawn,
    WithoutVerdict,
)
from trainwreck.model.damage import Sealing
from trainwreck.model.start import COLD_FOR_GOOD, STARTED, is_warm
from trainwreck.results.baseline import REPORTED
from trainwreck.results.containment import held_so_far
from trainwreck.results.evidence import Evidence
from trainwreck.results.machines import machines_behind
from trainwreck.results.outlook import comparison_outlook
from trainwreck.results.source import ResultSource, judge_campaigns
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.store.run_tables import WITHDRAWN

BESIDE = (TrialKind.PROBE, TrialKind.STEM, TrialKind.TOGETHER)
"""Kinds of clean runs that are made for the mutants: they belong to their cost."""


def report_tables(*sources: ResultSource) -> list[Table]:
    """Return all tables; those that speak of one campaign are left out of a report on several."""
    return tables_of(list(zip(judge_campaigns(sources), sources, strict=True)))


def tables_of(named: Sequence[tuple[JudgedCampaign, ResultSource]]) -> list[Table]:
    """Return all tables on judged campaigns, each with its source."""
    studies, sources = [study for study, _ in named], [source for _, source in named]
    sizes = [Sized(s.name, _versions(source.file), source.file.sources()) for s, source in named]
    tables = [
        replace(table_one(sizes), remarks=tuple(contained(sources))),
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
        strata = sources[0].file.strata()
        tables[4:4] = [table_strata(strata, studies[0].judged)] if strata else []
        tables += _single(*named[0])
    tables += [table_chosen(study.name, study.chosen) for study in studies if study.chosen]
    tables += [table for study, source in named for table in _imported(study, source)]
    doubts = [doubt for study, source in named for doubt in doubts_of_all(study, source)]
    return [replace(table, remarks=(*table.remarks, *doubts)) for table in tables]


def doubts_of_all(study: JudgedCampaign, source: ResultSource) -> Iterator[Remark]:
    """Yield what every table must say: mutants without a verdict, and withdrawn runs."""
    endings = [item.verdict.ending for item in study.judged]
    broken, lost = endings.count(Ending.BROKEN), endings.count(Ending.LOST)
    if broken or lost:
        yield WithoutVerdict(study.name, broken, lost, len(endings))
    if withdrawn := source.file.meta(WITHDRAWN):
        yield Withdrawn(study.name, withdrawn)


def contained(sources: Sequence[ResultSource]) -> Iterator[Remark]:
    """Yield what each campaign's runs could write and reach, and whether its records have seals."""
    for source in sources:
        name = source.name if len(sources) > 1 else ""
        yield Contained(name, held_so_far(source.file))
        sealing = source.file.sealing()
        if sealing is not Sealing.WHOLE:
            yield Unsealed(name, sealing)


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
    remarks = tuple(remarks_of(source, study))
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
        *ledger_tables(study.judged, remarks, study.phases),
    ]


def remarks_of(source: ResultSource, study: JudgedCampaign) -> Iterator[Remark]:
    """Yield the facts about clean runs, environment and cost that belong under the ledger."""
    file = source.file
    yield from _repeatability(source.evidence)
    comparison = comparison_outlook(source.evidence)
    if comparison and (comparison.missing or comparison.comparing is not Comparing.POSSIBLE):
        yield comparison
    environments = file.environments()
    if machines := machines_behind(source.evidence, environments):
        yield machines
    for other, runs in environments[1:]:
        if differences := environments[0][0].difference(other):
            yield EnvironmentChange(runs, tuple(differences))
    yield from _cost(file, study)
    yield from _starts(file)


def _starts(file: CampaignFile) -> Iterator[Starts]:
    """Yield how the runs of mutants started, where any was to start warm."""
    checks = {run.trial_id for _, _, run in file.outcomes(TrialKind.CHECK)}
    observed = file.observations(STARTED)
    started = {trial: value for trial, value in observed.items() if trial not in checks}
    warm = sum(map(is_warm, started.values()))
    reasons = Counter(str(value.get("why")) for value in started.values() if not is_warm(value))
    if started:
        is_refuted = file.meta(COLD_FOR_GOOD) is not None
        yield Starts(warm, tuple(reasons.most_common()), is_refuted)


def _repeatability(evidence: Evidence) -> Iterator[Remark]:
    """Yield how far clean runs repeat, and whether those in between still end as those before."""
    clean, file = evidence.clean.get(FIRST), evidence.file
    if clean is None:
        return
    first = [outcome for _, _, outcome in file.outcomes(TrialKind.CLEAN, draw=FIRST)]
    before = {(evidence.kind_of(outcome.trial_id), outcome.digest) for outcome in first}
    outcomes = [outcome for _, _, outcome in file.outcomes(TrialKind.CONTROL)]
    ends = [(evidence.kind_of(outcome.trial_id), outcome.digest) for outcome in outcomes]
    controls = Controls(len(ends), sum(end not in before for end in ends))
    if controls.have_drifted:
        yield controls
    check = clean.determinism
    yield Repeatability(check.seed, check.endings, check.watched, check.agreeing)
    yield clean.covers
    if controls.new and not controls.have_drifted:
        yield controls


def _cost(file: CampaignFile, study: JudgedCampaign) -> Iterator[CampaignCost]:
    """Yield what the sample cost, and what complete runs of all its mutants would have."""
    costs = file.costs(without=[item.mutant.id for item in study.chosen])
    clean = [cost for cost in costs if cost.kind is TrialKind.CLEAN]
    first = [cost for cost in costs if cost.kind is TrialKind.MUTANT and cost.first]
    if not clean or not first:
        return
    mean = sum(cost.cpu_seconds for cost in clean) / sum(cost.runs for cost in clean)
    complete = sum(
        mean * cost.runs if cost.settled else cost.cpu_seconds + cost.shared for cost in first
    )
    complete += (len(study.judged) - sum(cost.runs for cost in first)) * mean
    yield CampaignCost(
        spent=sum(c.cpu_seconds for c in costs if c in first or c.kind in BESIDE),
        complete=complete,
        further=sum(c.cpu_seconds for c in costs if c.kind is TrialKind.MUTANT and not c.first),
    )
