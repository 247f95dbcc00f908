"""The source that results are read from: the facts of an own campaign, or imported records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from trainwreck.model import Judged, Measurement, PlannedMutant
from trainwreck.store.campaign_file import CampaignFile

if TYPE_CHECKING:
    from trainwreck.findings import JudgedCampaign
    from trainwreck.results.evidence import Evidence
    from trainwreck.results.mutated_files import FileKey
    from trainwreck.results.story import NoDiff, Story


class ResultSource(Protocol):
    """The results of one campaign, wherever they come from."""

    @property
    def file(self) -> CampaignFile:
        """Return the campaign file."""

    @property
    def evidence(self) -> Evidence:
        """Return the facts behind the verdicts."""

    @property
    def name(self) -> str:
        """Return the name of the subject."""

    @property
    def planned(self) -> int:
        """Return the number of planned mutants."""

    @property
    def cpu_seconds(self) -> float:
        """Return the processor time of all runs."""

    def check_readable(self) -> None:
        """Raise UsageError where there is nothing to report yet."""

    def mutants(self) -> Iterator[PlannedMutant]:
        """Yield the planned mutants in their order."""

    def first_verdicts(self) -> Iterable[Judged]:
        """Return the verdicts by runs with the first seed."""

    def brief_verdicts(self) -> Iterable[Judged]:
        """Return symptoms and rungs by runs with the first seed; see `Evidence.first_verdicts`."""

    def outlines(self) -> Iterator[PlannedMutant]:
        """Yield the planned mutants in their order, perhaps without their edits and phases."""

    def chosen_verdicts(self) -> Iterable[Judged]:
        """Return the verdicts on mutants that somebody chose, without impacts."""

    def chosen(self) -> Sequence[PlannedMutant]:
        """Return the mutants that somebody chose, also those of the sample."""

    def measurements(self) -> Iterator[Measurement]:
        """Yield every clean run and every run of a mutant."""

    def judged_campaign(self, name: str) -> JudgedCampaign:
        """Judge the whole campaign, under the given name."""

    def story(self, prefix: str) -> Story:
        """Return all about the mutant whose id begins with ``prefix``. Raises UsageError."""

    def story_of(self, planned: PlannedMutant) -> Story:
        """Return all about one mutant, which need not be planned."""

    def stories(self, campaign: JudgedCampaign) -> Iterator[Story]:
        """Yield all about every judged mutant but its diff, those of the sample first."""

    def texts(self, campaign: JudgedCampaign) -> Mapping[FileKey, str | NoDiff]:
        """Return the text of every file with a judged mutant, or why it is not here."""


def results_of(file: CampaignFile) -> ResultSource:
    """Return the results of a campaign file, by what it holds."""
    if file.has_records():
        from trainwreck.results.imported import ImportedResults

        return ImportedResults(file)
    from trainwreck.results.own import OwnResults

    return OwnResults(file)


def judge_campaigns(sources: Sequence[ResultSource]) -> list[JudgedCampaign]:
    """Judge campaigns side by side, each under a name of its own."""
    campaigns: list[JudgedCampaign] = []
    for source in sources:
        same = sum(campaign.name.split(" (")[0] == source.name for campaign in campaigns)
        name = f"{source.name} ({same + 1})" if same else source.name
        campaigns.append(source.judged_campaign(name))
    return campaigns
