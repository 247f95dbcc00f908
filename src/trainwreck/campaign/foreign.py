"""Records that were made elsewhere as a study: what can be computed is, the rest stays unknown."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from trainwreck.campaign.judging import read_decision
from trainwreck.findings import Judged, Known, Study
from trainwreck.judge import Caused, cause_of, impacts_of, raised_of, range_of
from trainwreck.model import (
    APP,
    RUN,
    Better,
    Cause,
    Context,
    Draw,
    Edit,
    Ending,
    Exit,
    Failure,
    Frame,
    Measurement,
    Metric,
    RecordedMutant,
    Rule,
    Rung,
    Span,
    Symptom,
    TrialKind,
    Verdict,
)
from trainwreck.model.record import (
    CleanRecord,
    MetricRecord,
    MutantRecord,
    RunRecord,
    SubjectRecord,
    number_of,
)
from trainwreck.plan import FIRST
from trainwreck.store import CampaignFile

LOWER = re.compile(r"(^|[^a-z0-9])(loss|err(or)?|mae|mse|rmse|perplexity)$", re.IGNORECASE)
"""Metrics that are good where they are low, if a record does not say."""
UNKNOWN_PHASE = "not known"
EVIDENCE = "told by a record that was made elsewhere"
STUDY_PHASES = ("preprocessing", "constructing", "learning")
"""The study's phases in their order."""


@dataclass(frozen=True)
class Records:
    """All records of a campaign; mutants with the number of the line on which they stood."""

    subject: SubjectRecord
    clean: Sequence[CleanRecord]
    mutants: Sequence[tuple[int, MutantRecord]]


def read_records(file: CampaignFile) -> Records:
    """The records that were made elsewhere."""
    subject, clean, mutants = SubjectRecord(), [], []
    for line, record in file.records():
        if isinstance(record, SubjectRecord):
            subject = record
        elif isinstance(record, MutantRecord):
            mutants.append((line, record))
        else:
            clean.append(record)
    return Records(subject, clean, mutants)


def foreign_mutants(file: CampaignFile) -> Iterator[tuple[RecordedMutant, tuple[str, ...]]]:
    """The mutants with their phases, in the order of the records."""
    return ((_mutant(line, record), _phases(record)) for line, record in read_records(file).mutants)


def foreign_study(file: CampaignFile, name: str) -> Study:
    """The records, judged as far as they go."""
    records = read_records(file)
    every = [_measurement(None, run, draw) for run, draw in _drawn(records.clean)]
    sample: dict[Draw, Measurement] = {}
    for told, run in zip(records.clean, every, strict=True):
        if told.purpose == TrialKind.CLEAN:
            sample.setdefault(run.draw, run)
    clean = [run for _, run in sorted(sample.items())]
    metrics = _metrics(records, clean)
    ends = _ends(every)
    judged: list[Judged] = []
    runs: dict[str, list[Measurement]] = {}
    for line, record in records.mutants:
        if record.symptom is None:
            continue
        mutant = _mutant(line, record)
        made = [r for r in record.runs if r.purpose == TrialKind.MUTANT]
        runs[mutant.id] = [_measurement(mutant.id, run, draw) for run, draw in _drawn(made)]
        verdict = _verdict(mutant, record, record.symptom, runs[mutant.id], ends)
        judged.append(Judged(mutant, verdict, _phases(record)))
    compared = {item.mutant.id: _normal(runs[item.mutant.id]) for item in judged if _differs(item)}
    if compared and clean:
        impacts = impacts_of(compared, clean, metrics, read_decision(file))
        judged = [
            replace(item, verdict=replace(item.verdict, impact=i.impact, compared=i.compared))
            if (i := impacts.get(item.mutant.id))
            else item
            for item in judged
        ]
    return Study(
        name=name,
        judged=judged,
        planned=max(len(records.mutants), records.subject.planned or 0),
        metrics=metrics,
        clean=clean,
        first={mutant: _first(made) for mutant, made in runs.items() if made},
        runs=compared,
        phases=_phase_order(records),
        known=_known(records, judged),
    )


def _drawn(records: Iterable[RunRecord]) -> Iterator[tuple[RunRecord, Draw]]:
    """Each run with what it started from; one whose seed is not told is alone with its own."""
    unknown = count(-1, -1)
    for record in records:
        seed = next(unknown) if record.seed is None else record.seed
        yield record, Draw(seed, record.fold)


def _measurement(mutant: str | None, record: RunRecord, draw: Draw) -> Measurement:
    values = {name: number_of(value) for name, value in record.metrics.items()}
    return Measurement(
        mutant_id=mutant,
        draw=draw,
        exit=_exit(record.exit),
        metrics={name: value for name, value in values.items() if value is not None},
        seconds=_time(record.seconds),
        cpu_seconds=_time(record.seconds if record.cpu_seconds is None else record.cpu_seconds),
        whole=True,
        digest=record.digest or "",
    )


def _exit(told: str | None) -> Exit:
    """How it ended; what is not told is taken as an end without a complaint."""
    for ending in Ending:
        code = (told or "").removeprefix(ending.value).strip()
        if told and told.startswith(ending.value) and code.lstrip("-").isdigit():
            return Exit(ending, int(code))
    return Exit(Ending.EXITED, 0 if told is None else 1)


def _time(told: float | str | None) -> float:
    try:
        return float("nan") if told is None else float(told)
    except ValueError:
        return float("nan")


def _mutant(line: int, record: MutantRecord) -> RecordedMutant:
    column = record.column or 0
    last = record.end_line or record.line
    span = Span(0, 0, record.line, column, last, record.end_column or column)
    return RecordedMutant(
        root=record.root or APP,
        file=record.file,
        module=record.module or "",
        function=record.function or "",
        operator=record.operator,
        edits=(Edit(span, record.original or "", record.replacement or ""),),
        source_sha="",
        context=_context(record.context),
        anchor="",
        lines=(record.line, last),
        evaluated=None,
        own_id=record.id or f"line-{line}",
        own_name=record.name or "",
    )


def _context(told: str | None) -> Context:
    return Context(told) if told in list(Context) else Context.UNKNOWN


def _phases(record: MutantRecord) -> tuple[str, ...]:
    return (UNKNOWN_PHASE,) if record.phases is None else record.phases


def _phase_order(records: Records) -> tuple[str, ...]:
    """As the subject's record says; else the study's phases first."""
    told = dict.fromkeys(records.subject.phases)
    met = dict.fromkeys(phase for _, record in records.mutants for phase in record.phases or ())
    first = [phase for phase in STUDY_PHASES if phase in met and not told]
    return tuple(dict.fromkeys([*told, *first, *met]))


def _metrics(records: Records, clean: Sequence[Measurement]) -> tuple[Metric, ...]:
    """The metrics that the subject's record names, or those that are met, accuracies first."""
    told = [MetricRecord(name=each) if isinstance(each, str) else each
            for each in records.subject.metrics or ()]  # fmt: skip
    if not told:
        runs: Iterator[RunRecord] = (r for _, record in records.mutants for r in record.runs)
        met = dict.fromkeys(name for run in (*records.clean, *runs) for name in run.metrics)
        told = [MetricRecord(name=name) for name in sorted(met, key=lambda name: "acc" not in name)]
    found = []
    for each in told:
        better = Better.LOWER if LOWER.search(each.name) else Better.HIGHER
        metric = Metric(each.name, "", each.better or better, each.range, each.margin)
        usual = [run.metrics[each.name] for run in clean if each.name in run.metrics]
        found.append(replace(metric, range=range_of(metric, usual)))
    return tuple(found)


def _ends(clean: Iterable[Measurement]) -> dict[Draw, set[str]]:
    ends: dict[Draw, set[str]] = {}
    for run in clean:
        if run.digest:
            ends.setdefault(run.draw, set()).add(run.digest)
    return ends


def _verdict(
    mutant: RecordedMutant,
    record: MutantRecord,
    symptom: Symptom,
    runs: Sequence[Measurement],
    ends: Mapping[Draw, set[str]],
) -> Verdict:
    caused = _caused(mutant, record, symptom)
    return Verdict(
        mutant_id=mutant.id,
        symptom=symptom,
        rung=record.rung or _rung(symptom, runs, ends),
        evidence=EVIDENCE,
        why=record.why or "the record does not say",
        decided_by=record.decided_by if record.decided_by in list(Rule) else RUN,
        impact=record.impact,
        cause=caused.cause if caused else None,
        cause_why=caused.why if caused else "",
    )


def _caused(mutant: RecordedMutant, record: MutantRecord, symptom: Symptom) -> Caused | None:
    """The class of a crash: as the record says, or by as much of the exception as it tells."""
    error = record.error
    if symptom is not Symptom.CRASH or error is None:
        return None
    if error.cause in list(Cause):
        return Caused(Cause(error.cause), "the record says so")
    if error.type is None:
        return None
    places = (Frame(error.file, error.line, ""),) if error.file and error.line else ()
    failure = Failure(error.type, error.message or "", places)
    log = next((run.log for run in record.runs if run.log), "")
    return cause_of(mutant, raised_of(failure, log))


def _rung(
    symptom: Symptom, runs: Sequence[Measurement], ends: Mapping[Draw, set[str]]
) -> Rung | None:
    """How far a bug got, where its symptom or the digests of its first run tell it."""
    if symptom is not Symptom.NORMAL:
        return Rung(symptom.value)
    first = _first(runs) if runs else None
    if first is None or not first.digest or first.draw not in ends:
        return None
    return None if first.digest in ends[first.draw] else Rung.PROPAGATED


def _first(runs: Sequence[Measurement]) -> Measurement:
    """The run with the first seed and fold, or else the one that is told first."""
    return next((run for run in runs if run.draw == FIRST), runs[0])


def _normal(runs: Iterable[Measurement]) -> list[Measurement]:
    return [run for run in runs if run.exit.fine and run.metrics]


def _differs(item: Judged) -> bool:
    """Whether a mutant's runs may differ from clean ones: it propagated, or that is not known."""
    ran = item.verdict.symptom is Symptom.NORMAL and item.verdict.decided_by == RUN
    return ran and item.verdict.rung in (None, Rung.PROPAGATED)


def _known(records: Records, judged: Sequence[Judged]) -> tuple[Known, ...]:
    """How many of the records tell what the answers are computed from."""
    told = [record for _, record in records.mutants if record.symptom is not None]
    ran = [record for record in told if record.symptom is Symptom.NORMAL and record.runs]
    crashed = [record for record in told if record.symptom is Symptom.CRASH]
    clean = records.clean
    return (
        Known("clean runs: times", sum(map(_is_timed, clean)), len(clean)),
        Known("clean runs: seeds", sum(r.seed is not None for r in clean), len(clean)),
        Known("normal mutants: times", sum(_is_timed(r.runs[0]) for r in ran), len(ran)),
        Known("normal mutants: digests", sum(bool(r.runs[0].digest) for r in ran), len(ran)),
        Known("crashes: exceptions", sum(_is_told(r) for r in crashed), len(crashed)),
        Known("mutants: phases", sum(r.phases is not None for r in told), len(told)),
        Known("mutants: library", sum(r.root is not None for r in told), len(told)),
        Known("mutants: the change", sum(r.replacement is not None for r in told), len(told)),
        Known("mutants: how far they got", sum(_has_rung(item) for item in judged), len(told)),
    )


def _is_timed(record: RunRecord) -> bool:
    return record.seconds is not None or record.cpu_seconds is not None


def _is_told(record: MutantRecord) -> bool:
    return record.error is not None and record.error.type is not None


def _has_rung(item: Judged) -> bool:
    return item.verdict.rung is not None
