"""Campaigns, own and imported, as judged campaigns."""

from collections.abc import Iterator, Sequence
from itertools import chain

from trainwreck.errors import UsageError
from trainwreck.exchange.records import SubjectRecord, stored_records
from trainwreck.findings import JudgedCampaign, reported_settings
from trainwreck.model import APP, FIRST, Measurement, PlannedMutant, TrialKind
from trainwreck.results.baseline import REPORTED, clean_runs
from trainwreck.results.evidence import clean_endings, clean_sample, read_decision, read_metrics
from trainwreck.results.imported import imported_campaign, imported_measurements, imported_mutants
from trainwreck.results.judged_campaign import read_results
from trainwreck.store.campaign_file import CampaignFile


def check_readable(file: CampaignFile) -> None:
    """Raise UsageError for a campaign of which there is nothing to report yet."""
    if not file.has_records() and not clean_runs(file):
        raise UsageError("the campaign has no clean run", "run `trainwreck baseline` first")


def read_studies(files: Sequence[CampaignFile]) -> list[JudgedCampaign]:
    """The campaigns, judged, each with a name of its own."""
    studies: list[JudgedCampaign] = []
    for file in files:
        name = subject_name(file)
        same = sum(study.name.split(" (")[0] == name for study in studies)
        studies.append(read_study(file, f"{name} ({same + 1})" if same else name))
    return studies


def subject_name(file: CampaignFile) -> str:
    """What the program under study is called."""
    told = next(
        (r for _, r in stored_records(file, "subject") if isinstance(r, SubjectRecord)), None
    )
    return (told.name if told else file.meta("subject")) or "campaign"


def planned_mutants(file: CampaignFile) -> Iterator[PlannedMutant]:
    """Return the mutants of a campaign, or those of imported records."""
    return imported_mutants(file) if file.has_records() else file.mutants()


def read_runs(file: CampaignFile) -> Iterator[Measurement]:
    """Every clean run and every run of a mutant."""
    if file.has_records():
        return imported_measurements(file)
    return chain(file.measurements(TrialKind.CLEAN), file.measurements(TrialKind.MUTANT))


def read_study(file: CampaignFile, name: str) -> JudgedCampaign:
    """One campaign, judged."""
    if file.has_records():
        return imported_campaign(file, name)
    results = read_results(file)
    return JudgedCampaign(
        name=name,
        judged=results.judged,
        planned=file.planned_number(),
        metrics=read_metrics(file),
        clean=clean_sample(file),
        first=results.first,
        runs=results.runs,
        phases=read_phases(file),
        phase_lines=_phase_lines(file),
        endings=clean_endings(file),
        alpha=read_decision(file).alpha,
    )


def _phase_lines(file: CampaignFile) -> dict[str, int]:
    """How many lines of the program itself run in each phase."""
    numbers: dict[str, int] = {}
    for (root, _), lines in file.executed().items():
        for phase in (p for phases in lines.values() for p in phases if root == APP):
            numbers[phase] = numbers.get(phase, 0) + 1
    return numbers


def read_phases(file: CampaignFile) -> tuple[str, ...]:
    """The phases in the order in which clean runs come to them."""
    clean = clean_runs(file).get(FIRST)
    return clean.phases if clean else ()


def read_settings(file: CampaignFile) -> dict[str, str]:
    """The settings that the first clean run reported."""
    kept: dict[str, str] | None = file.meta(REPORTED)
    if kept is not None:
        return kept
    first = next(file.outcomes(TrialKind.CLEAN), None)
    return reported_settings(file.log(first[2].trial_id)) if first else {}
