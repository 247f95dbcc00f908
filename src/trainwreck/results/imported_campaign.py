"""Judges imported records: computes what they allow, and leaves the rest unknown."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from trainwreck.exchange.plausibility.checks import range_of
from trainwreck.exchange.records import (
    REPEAT,
    CleanRecord,
    MetricRecord,
    MutantRecord,
    RunRecord,
    SubjectRecord,
    stored_records,
)
from trainwreck.findings import Completeness, JudgedCampaign
from trainwreck.judge.crash_causes import Caused, cause_of, raised_of
from trainwreck.judge.impact import impacts_of
from trainwreck.model import (
    FIRST,
    RUN,
    UNKNOWN_PHASE,
    VALUES_ALONE,
    Better,
    Cause,
    CauseReason,
    CrashRule,
    Draw,
    Failure,
    Frame,
    Judged,
    Measurement,
    Metric,
    Part,
    PlannedMutant,
    Recorded,
    RecordedMutant,
    Rule,
    Rung,
    Sample,
    Second,
    Symptom,
    TrialKind,
    Verdict,
)
from trainwreck.results.evidence import Evidence
from trainwreck.results.judged_campaign import with_impact, with_shared
from trainwreck.results.recorded import margin_of, measurement_of, mutant_of, phases_of, with_draws
from trainwreck.store.campaign_file import CampaignFile

LOWER = re.compile(r"(^|[^a-z0-9])(loss|err(or)?|mae|mse|rmse|perplexity)$", re.IGNORECASE)
"""Metrics that are good where they are low, if a record does not say."""
STUDY_PHASES = ("preprocessing", "constructing", "learning")
"""The study's phases in their order."""


@dataclass(frozen=True)
class Before:
    """The facts known before any mutant is judged.

    ``ends`` are the digests of clean runs, ``names`` the metrics, that of figures first.
    """

    subject: SubjectRecord
    records: Sequence[CleanRecord]
    clean: Sequence[Measurement]
    ends: Mapping[Draw, frozenset[str]]
    names: Sequence[str]


def imported_mutants(file: CampaignFile) -> Iterator[PlannedMutant]:
    """Yield the mutants in the order of the records, without those that somebody chose."""
    return _planned(file, is_chosen=False)


def imported_chosen(file: CampaignFile) -> Iterator[PlannedMutant]:
    """Yield the mutants that somebody chose, in the order of the records."""
    return _planned(file, is_chosen=True)


def _planned(file: CampaignFile, is_chosen: bool) -> Iterator[PlannedMutant]:
    for line, record in _mutants(file):
        if record.chosen is is_chosen:
            yield PlannedMutant(mutant_of(line, record), phases_of(record))


def imported_campaign(file: CampaignFile, name: str) -> JudgedCampaign:
    """Judge the records as far as they go; read mutants one by one."""
    before = _read_before(file)
    judged: list[Judged] = []
    chosen: list[Judged] = []
    first: dict[str, Measurement] = {}
    samples: dict[str, Sample] = {}
    counts, planned = _CompletenessCounts(), 0
    for line, record in _mutants(file):
        planned += not record.chosen
        if not record.has_verdict:
            continue
        item, runs = _judge(line, record, before.ends)
        if record.chosen:
            chosen.append(item)
            continue
        judged.append(item)
        counts.add(record, item.verdict)
        if runs:
            first[item.mutant.id] = _first(runs)
        if _may_differ(item.verdict):
            samples[item.mutant.id] = Sample.of(_normal(runs))
    judged, decision = with_shared(judged), Evidence(file).decision
    metrics = _metrics(before, [first[i.mutant.id] for i in judged if _has_value(i, first)])
    if samples and before.clean:
        impacts = impacts_of(samples, before.clean, metrics, decision)
        judged = [with_impact(item, impacts.get(item.mutant.id)) for item in judged]
    return JudgedCampaign(
        name=name,
        judged=judged,
        planned=max(planned, before.subject.planned or 0),
        metrics=metrics,
        clean=before.clean,
        first=first,
        runs=samples,
        phases=_phase_order(before.subject, judged),
        completeness=(*_known_of_clean(before.records), *counts.completeness()),
        alpha=decision.alpha,
        chosen=chosen,
    )


def imported_verdicts(file: CampaignFile, is_chosen: bool = False) -> Iterator[Judged]:
    """Yield the verdicts by runs with the first seed, without impacts, one by one."""
    ends = _read_before(file).ends
    for line, record in _mutants(file):
        if record.has_verdict and record.chosen is is_chosen:
            yield _judge(line, record, ends)[0]


def _judge(
    line: int, record: MutantRecord, ends: Mapping[Draw, frozenset[str]]
) -> tuple[Judged, list[Measurement]]:
    """Return the verdict on a mutant, without impacts, and its runs but repeated ones."""
    mutant = mutant_of(line, record)
    planned = [run for run in record.runs if run.purpose == TrialKind.MUTANT]
    runs = [measurement_of(mutant.id, run, draw) for run, draw in with_draws(planned)]
    again = [run.digest for run in record.runs if run.purpose == REPEAT and run.digest]
    verdict = _verdict(mutant, record, runs, ends, again)
    planned_mutant = PlannedMutant(mutant, phases_of(record))
    return Judged(planned_mutant, verdict, record.weight), runs


def imported_measurements(file: CampaignFile) -> Iterator[Measurement]:
    """Yield every recorded run, those of the clean program first."""
    yield from (measurement_of(None, run, draw) for run, draw in with_draws(_clean(file)))
    for line, record in _mutants(file):
        mutant = mutant_of(line, record).id
        runs = [run for run in record.runs if run.purpose != REPEAT]
        yield from (measurement_of(mutant, run, draw) for run, draw in with_draws(runs))


def _mutants(file: CampaignFile) -> Iterator[tuple[int, MutantRecord]]:
    for line, record in stored_records(file, "mutant"):
        assert isinstance(record, MutantRecord)
        yield line, record


def _clean(file: CampaignFile) -> list[CleanRecord]:
    records = (record for _, record in stored_records(file, "clean"))
    return [record for record in records if isinstance(record, CleanRecord)]


def _read_before(file: CampaignFile) -> Before:
    subject = next(
        (r for _, r in stored_records(file, "subject") if isinstance(r, SubjectRecord)), None
    )
    subject = subject or SubjectRecord()
    records = _clean(file)
    sample: dict[Draw, Measurement] = {}
    ends: dict[Draw, frozenset[str]] = {}
    for record, draw in with_draws(records):
        run = measurement_of(None, record, draw)
        if run.digest:
            ends[draw] = ends.get(draw, frozenset()) | {run.digest}
        if record.purpose == TrialKind.CLEAN:
            sample.setdefault(draw, run)
    clean = [run for _, run in sorted(sample.items())]
    names = [item if isinstance(item, str) else item.name for item in subject.metrics or ()]
    if not names:
        recorded = {name for record in records for name in record.metrics}
        runs = (run for _, mutant in _mutants(file) for run in mutant.runs)
        recorded = recorded or {name for run in runs for name in run.metrics}
        names = sorted(recorded, key=lambda name: ("acc" not in name, name))
    return Before(subject, records, clean, ends, names)


def _has_value(item: Judged, first: Mapping[str, Measurement]) -> bool:
    """Return whether the mutant is normal and has a first run."""
    return item.verdict.symptom is Symptom.NORMAL and item.mutant.id in first


def _phase_order(subject: SubjectRecord, judged: Iterable[Judged]) -> tuple[str, ...]:
    """Order phases as the subject's record does; without one, the study's phases come first."""
    recorded = dict.fromkeys(subject.phases)
    observed = dict.fromkeys(phase for item in judged for phase in item.phases)
    observed.pop(UNKNOWN_PHASE, None)
    first = [phase for phase in STUDY_PHASES if phase in observed and not recorded]
    return tuple(dict.fromkeys([*recorded, *first, *observed]))


def _metrics(before: Before, normal: Sequence[Measurement]) -> tuple[Metric, ...]:
    """Return each metric as the subject's record describes it.

    Where the record is silent, the name gives the direction, and the clean runs' values the range.
    Without such values, those of normal mutants do.
    """
    recorded = {r.name: r for r in before.subject.metrics or () if not isinstance(r, str)}
    metrics = []
    for name in before.names:
        record = recorded.get(name) or MetricRecord(name=name)
        better = Better.LOWER if LOWER.search(name) else Better.HIGHER
        metric = Metric(name, "", record.better or better, record.range, margin_of(record.margin))
        usual = [run.metrics[name] for run in before.clean if name in run.metrics]
        usual = usual or [run.metrics[name] for run in normal if name in run.metrics]
        metrics.append(replace(metric, range=range_of(metric, usual)))
    return tuple(metrics)


def _verdict(
    mutant: RecordedMutant,
    record: MutantRecord,
    runs: Sequence[Measurement],
    ends: Mapping[Draw, frozenset[str]],
    again: Sequence[str],
) -> Verdict:
    """Return what a record says; ``again`` are the digests of runs that repeat the first one."""
    symptom = record.symptom
    caused = _caused(mutant, record, symptom)
    verdict = Verdict(
        mutant_id=mutant.id,
        symptom=symptom,
        rung=record.rung or _rung(symptom, runs, ends, again),
        evidence=(Recorded(record.why or ""),),
        decided_by=record.decided_by if record.decided_by in list(Rule) else RUN,
        impact=record.impact,
        cause=caused.cause if caused else None,
        cause_reason=caused.reason if caused else None,
        parts=_parts(record),
        ending=record.ending,
    )
    return _with_endings(verdict, runs, ends, again) if runs else verdict


def _parts(record: MutantRecord) -> tuple[Part, ...]:
    """Return what was compared: what the record says, or all that it can have been.

    Without a digest only values can have been compared. What the digest of another tool covers is
    not known, nor what its rules compare: then what the record says of its mutant stands.
    """
    if record.compared is not None:
        return tuple(part for part in Part if part in record.compared)
    ran = record.decided_by not in list(Rule) and record.symptom is Symptom.NORMAL
    return VALUES_ALONE if ran and not any(run.digest for run in record.runs) else ()


def _with_endings(
    verdict: Verdict,
    runs: Sequence[Measurement],
    ends: Mapping[Draw, frozenset[str]],
    again: Sequence[str],
) -> Verdict:
    """Name what is doubtful where a propagated mutant's first run ends as no clean run does."""
    first = _first(runs)
    clean_ends = ends.get(first.draw, frozenset())
    if verdict.rung is not Rung.PROPAGATED or not first.digest or first.digest in clean_ends:
        return verdict
    second = Second.MISSING if len(clean_ends) > 1 and not again else None
    return replace(verdict, unseen=(first.digest,), second=second)


def _caused(mutant: RecordedMutant, record: MutantRecord, symptom: Symptom | None) -> Caused | None:
    """Return the class of a crash: the recorded one, or the one its recorded exception shows."""
    error = record.error
    if symptom is not Symptom.CRASH or error is None:
        return None
    if error.cause in list(Cause):
        return Caused(Cause(error.cause), CauseReason(CrashRule.RECORDED))
    if error.type is None:
        return None
    places = (Frame(error.file, error.line, ""),) if error.file and error.line else ()
    failure = Failure(error.type, error.message or "", places)
    log = next((run.log for run in record.runs if run.log), "")
    return cause_of(mutant, raised_of(failure, log))


def _rung(
    symptom: Symptom | None,
    runs: Sequence[Measurement],
    ends: Mapping[Draw, frozenset[str]],
    again: Sequence[str],
) -> Rung | None:
    """Return the rung that the symptom or the digests of the runs show, None where they do not.

    A mutant is not propagated where a second run with the same seed ends as a clean one.
    """
    if symptom is None:
        return None
    if symptom is not Symptom.NORMAL:
        return Rung(symptom.value)
    first = _first(runs) if runs else None
    if first is None or not first.digest or first.draw not in ends:
        return None
    return None if ends[first.draw].intersection([first.digest, *again]) else Rung.PROPAGATED


def _first(runs: Sequence[Measurement]) -> Measurement:
    """Return the run with the first seed and fold, or else the first recorded one."""
    return next((run for run in runs if run.draw == FIRST), runs[0])


def _normal(runs: Iterable[Measurement]) -> list[Measurement]:
    return [run for run in runs if run.exit.fine and run.metrics]


def _may_differ(verdict: Verdict) -> bool:
    """Return whether runs may differ from clean ones: the rung is propagated or unknown."""
    ran = verdict.symptom is Symptom.NORMAL and verdict.decided_by == RUN
    return ran and verdict.rung in (None, Rung.PROPAGATED)


def _known_of_clean(clean: Sequence[CleanRecord]) -> tuple[Completeness, ...]:
    return (
        Completeness("clean runs: times", sum(map(_is_timed, clean)), len(clean)),
        Completeness("clean runs: seeds", sum(run.seed is not None for run in clean), len(clean)),
    )


class _CompletenessCounts:
    """The number of mutants whose records hold each fact that answers are computed from."""

    def __init__(self) -> None:
        self._recorded: Counter[str] = Counter()
        self._all: Counter[str] = Counter()

    def add(self, record: MutantRecord, verdict: Verdict) -> None:
        """Count the facts that one mutant's record holds."""
        if record.runs and verdict.symptom is Symptom.NORMAL:
            self._count("normal mutants: times", _is_timed(record.runs[0]))
            self._count("normal mutants: digests", bool(record.runs[0].digest))
        if verdict.symptom is Symptom.CRASH:
            has_type = record.error is not None and record.error.type is not None
            self._count("crashes: exceptions", has_type)
        self._count("mutants: phases", record.phases is not None)
        self._count("mutants: library", record.root is not None)
        self._count("mutants: the change", None not in (record.original, record.replacement))
        self._count("mutants: rungs", verdict.rung is not None)

    def _count(self, what: str, is_recorded: bool) -> None:
        self._recorded[what] += is_recorded
        self._all[what] += 1

    def completeness(self) -> tuple[Completeness, ...]:
        """Return the counts of every fact."""
        return tuple(
            Completeness(what, self._recorded[what], total) for what, total in self._all.items()
        )


def _is_timed(record: RunRecord) -> bool:
    return record.seconds is not None or record.cpu_seconds is not None
