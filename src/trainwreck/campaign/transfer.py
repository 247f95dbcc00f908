"""The steps `export` and `import`: a campaign to JSON lines, and back."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from trainwreck.errors import UsageError
from trainwreck.exchange.observations import (
    clean_of_record,
    mutant_of_outcome,
    mutant_of_record,
    run_of_outcome,
)
from trainwreck.exchange.plausibility.checks import (
    Doubt,
    NormalRuns,
    ObservedMutant,
    PrintedMetrics,
    find_doubts,
)
from trainwreck.exchange.reader import (
    Problem,
    Read,
    against_facts,
    read_facts,
    read_records,
    subject_of,
    text_of,
)
from trainwreck.exchange.records import (
    RECORDS,
    CleanRecord,
    MutantRecord,
    SubjectRecord,
    stored_records,
)
from trainwreck.exchange.relocate import relocation
from trainwreck.exchange.writer import clean_fields, measured_fields, plain
from trainwreck.exchange.writer import mutant_fields as mutant_fields
from trainwreck.judge.conclusions import symptom_of
from trainwreck.model import FIRST, Better, Judged, Metric, PlannedMutant, TrialKind
from trainwreck.model.json_values import change_texts
from trainwreck.model.redaction import for_others
from trainwreck.report.sentences import why
from trainwreck.results.containment import held_so_far
from trainwreck.results.evidence import Evidence
from trainwreck.results.judged_campaign import judge_all, judge_chosen
from trainwreck.results.own_checks import checks_of_mutants
from trainwreck.store.campaign_file import (
    FACTS_READ,
    FILE_NAME,
    OWN_NAMES,
    SCHEMA_VERSION,
    CampaignFile,
    campaign_lock,
    file_in,
)
from trainwreck.store.json_lines import changed_line, encode, read_lines, writing
from trainwreck.store.rows import Relocate
from trainwreck.store.salvage import Salvaged
from trainwreck.temporary import sweep, temporary_folder


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import.

    Attributes:
        mutants: Number of mutants.
        clean: Number of clean runs.
        facts: True for the export of a campaign, false for records of another tool.
        skipped: Number of records of each unknown kind.
        unreadable: Records that could not be read.
        doubts: What the plausibility checks doubt.
        left_out: Number of doubtful records (of a campaign: runs) that were not taken.

    """

    mutants: int
    clean: int
    facts: bool
    skipped: Mapping[str, int]
    unreadable: tuple[Problem, ...]
    doubts: tuple[Doubt, ...]
    left_out: int


def export_campaign(file: CampaignFile, out: Path, logs: bool = False) -> int:
    """Write a campaign as JSON lines; return the number of mutants.

    Public records with their conclusions come first, then every fact of the campaign, from which
    `import_records` recreates it. Imported records are written as they were read. Secrets of the
    environment and paths of this machine are not written.

    Args:
        file: The campaign.
        out: The file, compressed where it ends in ``.gz`` or ``.xz``; ``-`` is standard output.
        logs: Write what all runs printed, not only what crashes did.

    Raises:
        UsageError: The file cannot be written.

    """
    with file.snapshot(), writing(out) as target:
        numbers: Counter[str] = Counter()
        for kind, line in _lines(file, logs):
            target.write(line)
            numbers[kind] += 1
    return numbers["mutant"]


def salvage_campaign(folder: Path, out: Path, logs: bool = False) -> Salvaged:
    """Write what is whole of a damaged campaign as an export of it.

    Args:
        folder: The campaign.
        out: The file, as of `export_campaign`.
        logs: Write what all runs printed, not only what crashes did.

    Raises:
        UsageError: There is no campaign, nothing of it can be read, or the file not be written.

    """
    source = file_in(folder)
    with (
        temporary_folder() as new,
        CampaignFile.open(new, create=True) as file,
    ):
        salvaged = file.salvage(source)
        export_campaign(file, out, logs)
    return salvaged


def _lines(file: CampaignFile, logs: bool) -> Iterator[tuple[str, bytes]]:
    redact = for_others(os.environ)
    if file.has_records():
        if file.planned_number():
            raise UsageError("the campaign has imported records and a plan as well")
        for _, kind, text in file.record_lines():
            yield kind, changed_line(text, redact) + b"\n"
        return
    relocated, evidence = relocation(file.folders()), Evidence(file)

    def relocate(text: str) -> str:
        return redact(relocated(text))

    yield "subject", encode("subject", change_texts(_subject(evidence), relocate))
    for trial_kind, draw, outcome in file.clean_outcomes():
        yield "clean", encode("clean", clean_fields(trial_kind, draw, outcome, evidence.metrics))
    sample = {item.mutant.id: item for item in judge_all(evidence)}
    checks = checks_of_mutants(file)
    apart = {item.mutant.id: item for item in judge_chosen(evidence, sample)}
    unplanned = {planned.mutant.id: planned for planned in file.chosen()}
    for planned in file.mutants():
        mutant_id = planned.mutant.id
        unplanned.pop(mutant_id, None)
        item = sample.get(mutant_id) or apart.get(mutant_id)
        own = checks.get(mutant_id, ())
        yield "mutant", _mutant(file, planned, item, relocate, mutant_id in apart, own)
    for mutant_id, planned in unplanned.items():
        item, own = apart.get(mutant_id), checks.get(mutant_id, ())
        yield "mutant", _mutant(file, planned, item, relocate, is_chosen=True, checks=own)
    facts = 0
    for table, row in file.dump(relocate, logs):
        yield "fact", encode("fact", {"table": table, "row": row})
        facts += 1
    yield "end", encode("end", {"facts": facts})


def _mutant(
    file: CampaignFile,
    planned: PlannedMutant,
    item: Judged | None,
    relocate: Relocate,
    is_chosen: bool,
    checks: Sequence[Mapping[str, Any]],
) -> bytes:
    runs = file.runs_of(planned.mutant.id)
    measured = measured_fields(planned, runs, relocate, file.metrics(), is_chosen)
    concluded = _concluded(measured, item, relocate)
    return encode("mutant", measured | concluded | ({"checks": checks} if checks else {}))


def _subject(evidence: Evidence) -> dict[str, Any]:
    file = evidence.file
    return {
        "name": file.meta("subject"),
        "records": RECORDS,
        "facts": SCHEMA_VERSION,
        "metrics": file.meta("measures") or file.meta("metrics"),
        "versions": file.meta("versions"),
        "planned": file.planned_number(),
        "phases": list(evidence.phases),
        "containment": [asdict(held) for held in held_so_far(file)],
    }


def _concluded(
    measured: Mapping[str, Any], item: Judged | None, relocate: Relocate
) -> dict[str, Any]:
    """Return the fields that are conclusions; none where nothing is known of the mutant."""
    if item is None:
        return {}
    verdict = item.verdict
    return {
        "symptom": verdict.symptom,
        "rung": verdict.rung,
        "compared": list(verdict.parts),
        "impact": list(verdict.impact),
        "decided_by": verdict.decided_by,
        "class": verdict.certainty,
        "error": measured["error"] and {**measured["error"], "cause": verdict.cause},
        "why": plain(relocate(why(verdict))),
        **({"ending": verdict.ending} if verdict.ending else {}),
        **({"weight": item.weight} if item.weight != 1 else {}),
    }


def import_records(
    source: Path,
    campaign: Path,
    leave_out_doubtful: bool = False,
    skip_unreadable: bool = False,
) -> Imported:
    """Make a campaign in an empty folder, of an export or of the records of another tool.

    Args:
        source: JSON lines; ``-`` reads standard input.
        campaign: The folder.
        leave_out_doubtful: Take no record that a plausibility check doubts.
        skip_unreadable: Leave out records of another tool that cannot be read.

    Raises:
        UsageError: The folder holds a campaign, or a record cannot be used; nothing is taken.

    """
    sweep()
    with new_file(campaign) as file:
        return import_into(file, source, leave_out_doubtful, skip_unreadable)


@contextmanager
def new_file(campaign: Path) -> Iterator[CampaignFile]:
    """Lock a campaign and open its file; where the work fails, leave no folder that was not there.

    Raises UsageError where another process is at work on the campaign.
    """
    absent = [path for path in (campaign, *campaign.parents) if not os.access(path, os.F_OK)]
    new = [name for name in OWN_NAMES if not os.access(campaign / name, os.F_OK)]
    try:
        with campaign_lock(campaign):
            try:
                with CampaignFile.open(campaign, create=True) as file:
                    yield file
            except BaseException:
                for name in new if FILE_NAME in new else ():
                    (campaign / name).unlink(missing_ok=True)
                raise
    except BaseException:
        for folder in absent:
            with suppress(OSError):  # What others have put there stays.
                folder.rmdir()
        raise


def import_into(
    file: CampaignFile,
    source: Path,
    leave_out_doubtful: bool = False,
    skip_unreadable: bool = False,
) -> Imported:
    """Import into an open campaign file that is empty; see `import_records`.

    Args:
        file: the empty campaign file.
        source: file of exported facts or of records.
        leave_out_doubtful: take no run or record that a plausibility check doubts.
        skip_unreadable: leave out records of another tool that cannot be read.

    Raises:
        UsageError: where ``source`` is empty, or a record cannot be used.

    """
    lines = read_lines(source)
    number, first = next(lines, (1, b""))
    if not first:
        raise UsageError(f"{source}: the file ends before its last record: it is empty")
    subject = subject_of(source, number, first)
    with file.importing():
        if subject.facts in FACTS_READ:
            read = read_facts(file, source, lines)
            doubts = _doubts_of_facts(file, subject, read)
        else:
            file.add_record(number, "subject", text_of(first))
            normal = NormalRuns(PrintedMetrics(_metrics_of(subject)))
            read = read_records(file, source, lines, skip_unreadable, normal)
            doubts = _doubts_of_records(file, subject, read)
        file.set_doubts(doubts)
        left_out = file.leave_out(doubt.line for doubt in doubts) if leave_out_doubtful else 0
        return Imported(
            mutants=file.planned_number() or sum(1 for _ in file.record_lines("mutant")),
            clean=read.numbers["clean"],
            facts=subject.facts in FACTS_READ,
            skipped=dict(read.skipped),
            unreadable=tuple(read.unreadable),
            doubts=tuple(doubts),
            left_out=left_out,
        )


def _doubts_of_facts(file: CampaignFile, subject: SubjectRecord, read: Read) -> list[Doubt]:
    against = list(against_facts(file, subject, read))
    # Bugs that run together may do anything, and so may a check of the user's own.
    others = (TrialKind.TOGETHER, TrialKind.CHECK)
    clean = [
        run_of_outcome(run.line, f"{run.kind} run", run.draw, run.outcome, run.log, run.kind)
        for run in file.observed_runs(of_mutants=False)
        if run.kind not in others
    ]
    metrics = Evidence(file).metrics
    doubts = find_doubts(clean, _observed_mutants(file, metrics), metrics)
    return sorted([*against, *doubts], key=lambda doubt: doubt.line)


def _observed_mutants(file: CampaignFile, metrics: Iterable[Metric]) -> Iterator[ObservedMutant]:
    names = [metric.name for metric in metrics]
    for mutant_id, members in groupby(file.observed_runs(), key=lambda run: run.mutant_id):
        # The verdict is by the first run with the first seed.
        runs = sorted(members, key=lambda s: (s.kind is TrialKind.AUDIT, s.draw != FIRST, s.repeat))
        first, name = runs[0], runs[0].mutant.name if runs[0].mutant else str(mutant_id)
        yield mutant_of_outcome(
            first.line,
            name,
            first.mutant,
            first.outcome,
            symptom_of(first.outcome, names),
            [run_of_outcome(s.line, name, s.draw, s.outcome, s.log, s.kind) for s in runs],
        )


def _doubts_of_records(file: CampaignFile, subject: SubjectRecord, read: Read) -> list[Doubt]:
    described = {metric.name: metric for metric in _metrics_of(subject)}
    metrics = [
        described.get(name) or Metric(name, "", Better.HIGHER, None)
        for name in sorted(read.metrics | described.keys())
    ]
    clean = [
        clean_of_record(line, record)
        for line, record in stored_records(file, "clean")
        if isinstance(record, CleanRecord)
    ]
    mutants = (
        mutant_of_record(line, record)
        for line, record in stored_records(file, "mutant")
        if isinstance(record, MutantRecord)
    )
    planned = subject.planned
    if planned is not None:
        # Some of the chosen mutants may be planned as well.
        planned = sorted((planned, read.numbers["mutant"], planned + read.chosen))[1]
    return find_doubts(clean, mutants, metrics, planned, read.normal)


def _metrics_of(subject: SubjectRecord) -> list[Metric]:
    """Return the metrics that the subject's record describes."""
    return [
        Metric(
            metric.name,
            metric.pattern or "",
            metric.better or Better.HIGHER,
            metric.range,
            stream=metric.stream,
            which=metric.which,
        )
        for metric in subject.metrics or ()
        if not isinstance(metric, str)
    ]
