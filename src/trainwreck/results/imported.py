"""The results of a campaign that was imported from records of another tool."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from trainwreck.exchange.records import subject_record
from trainwreck.findings import JudgedCampaign
from trainwreck.model import Judged, Measurement, PlannedMutant
from trainwreck.results.evidence import Evidence
from trainwreck.results.imported_campaign import (
    imported_campaign,
    imported_chosen,
    imported_measurements,
    imported_mutants,
    imported_verdicts,
)
from trainwreck.results.mutated_files import FileKey, key_of
from trainwreck.results.story import NoDiff, Story, only_one
from trainwreck.store.campaign_file import CampaignFile


@dataclass(frozen=True)
class ImportedResults:
    """The results of one campaign file with imported records; see `ResultSource`."""

    file: CampaignFile

    @cached_property
    def evidence(self) -> Evidence:
        """Return the facts of the file; records bring none."""
        return Evidence(self.file)

    @cached_property
    def _campaign(self) -> JudgedCampaign:
        return imported_campaign(self.file, self.name)

    @property
    def name(self) -> str:
        """Return the name of the subject."""
        subject = subject_record(self.file)
        return (subject.name if subject else None) or "campaign"

    @property
    def planned(self) -> int:
        """Return the number of planned mutants, at least that of the records."""
        subject = subject_record(self.file)
        recorded = sum(1 for _ in self.mutants())
        return max(recorded, (subject.planned if subject else None) or 0)

    @property
    def cpu_seconds(self) -> float:
        """Return the processor time of all runs whose time is recorded."""
        times = (run.cpu_seconds for run in self.measurements())
        return sum(seconds for seconds in times if isfinite(seconds))

    def check_readable(self) -> None:
        """Accept every imported campaign: an import takes nothing that cannot be read."""

    def mutants(self) -> Iterator[PlannedMutant]:
        """Yield the mutants in the order of the records."""
        return imported_mutants(self.file)

    def first_verdicts(self) -> Iterator[Judged]:
        """Yield the verdicts by runs with the first seed, without impacts."""
        return imported_verdicts(self.file)

    def brief_verdicts(self) -> Iterator[Judged]:
        """Yield what `first_verdicts` does: records hold little more."""
        return self.first_verdicts()

    def outlines(self) -> Iterator[PlannedMutant]:
        """Yield the mutants in the order of the records."""
        return self.mutants()

    def chosen_verdicts(self) -> Iterator[Judged]:
        """Yield the verdicts on mutants that somebody chose, without impacts."""
        return imported_verdicts(self.file, is_chosen=True)

    def chosen(self) -> list[PlannedMutant]:
        """Return the mutants that somebody chose."""
        return list(imported_chosen(self.file))

    def measurements(self) -> Iterator[Measurement]:
        """Yield every recorded run, those of the clean program first."""
        return imported_measurements(self.file)

    def judged_campaign(self, name: str) -> JudgedCampaign:
        """Judge the records as far as they go, under the given name."""
        return imported_campaign(self.file, name)

    def story(self, prefix: str) -> Story:
        """Return all about the mutant with this id, or whose id begins so. Raises UsageError."""
        mutants = [*self.mutants(), *self.chosen()]
        same = [planned for planned in mutants if planned.mutant.id == prefix]
        begin = same or [item for item in mutants if item.mutant.id.startswith(prefix)]
        return self.story_of(only_one(begin, prefix))

    def story_of(self, planned: PlannedMutant) -> Story:
        """Return all about one mutant of the records."""
        judged = (*self._campaign.judged, *self._campaign.chosen)
        verdicts = {item.mutant.id: item.verdict for item in judged}
        return Story(
            planned=planned,
            diff=NoDiff.RECORD,
            verdict=verdicts.get(planned.mutant.id),
            outcome=None,
            clean=(),
            log=None,
            has_phases=self._campaign.has_phases,
        )

    def stories(self, campaign: JudgedCampaign) -> Iterator[Story]:
        """Yield all about every judged mutant, those of the sample first."""
        for item in (*campaign.judged, *campaign.chosen):
            yield Story(
                planned=item.planned,
                diff=NoDiff.RECORD,
                verdict=item.verdict,
                outcome=None,
                clean=(),
                log=None,
                has_phases=campaign.has_phases,
            )

    def texts(self, campaign: JudgedCampaign) -> dict[FileKey, str | NoDiff]:
        """Return that the text of no file is here."""
        mutants = (item.mutant for item in (*campaign.judged, *campaign.chosen))
        return dict.fromkeys(
            (key_of(part) for mutant in mutants for part in mutant.parts), NoDiff.RECORD
        )
