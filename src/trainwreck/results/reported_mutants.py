"""The mutants of a campaign with their verdicts, for reports in which each has an entry."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path

from trainwreck.findings import JudgedCampaign, without_phases
from trainwreck.model import FIRST, Judged, Mutant, PlannedMutant
from trainwreck.mutants.choice import Choice
from trainwreck.results.source import ResultSource, judge_campaigns
from trainwreck.source import UnreadableSource, decode

FileKey = tuple[str, str]
"""The root of a file, and its path from there."""
Changed = Mapping[str, Collection[int]]
"""The changed lines of each file of the program."""


@dataclass(frozen=True, repr=False)
class ReportedMutants:
    """The mutants of one campaign.

    - ``name`` is that of the campaign.
    - ``judged`` are the verdicts, those on the sample first, then those on chosen mutants.
    - ``waiting`` are mutants that have not run yet.
    - ``seconds`` are the times of first runs, by mutant, where they are known.
    - ``texts`` are the files that are still as they were when the campaign began.
    - ``folder`` is the program's in its repository, such as ``examples/digits/``, or empty.
    """

    name: str
    judged: Sequence[Judged]
    waiting: Sequence[PlannedMutant] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[FileKey, str] = field(default_factory=dict)
    folder: str = ""

    def __repr__(self) -> str:
        """Name the campaign and the numbers of its mutants: all that it holds is long."""
        return f"ReportedMutants({self.name!r}, {len(self.judged)} judged, {len(self.waiting)} not)"


def reported_mutants(
    sources: Sequence[ResultSource], changed: Changed | None = None, folder: str = ""
) -> list[ReportedMutants]:
    """Return the mutants of campaigns.

    Args:
        sources: The campaigns.
        changed: The changed lines of each file of the program; only mutants on them are returned,
            and each counts once. None for all mutants.
        folder: That of the program in its repository.

    """
    campaigns = zip(sources, judge_campaigns(sources), strict=True)
    return [reported(source, campaign, changed, folder) for source, campaign in campaigns]


def reported(
    source: ResultSource,
    campaign: JudgedCampaign,
    changed: Changed | None = None,
    folder: str = "",
) -> ReportedMutants:
    """Return the mutants of one campaign that is judged already; the arguments are as above."""
    judged = [*campaign.judged, *campaign.chosen]
    if not campaign.has_phases:
        judged = [replace(item, verdict=without_phases(item.verdict)) for item in judged]
    ran = {item.mutant.id for item in judged}
    waiting = [p for p in (*source.mutants(), *source.chosen()) if p.mutant.id not in ran]
    if changed is not None:
        choice = Choice(changed=changed)
        judged = [replace(item, weight=1.0) for item in judged if choice.accepts(item.planned)]
        waiting = [planned for planned in waiting if choice.accepts(planned)]
    waiting = list({planned.mutant.id: planned for planned in waiting}.values())
    mutants = [item.mutant for item in judged] + [planned.mutant for planned in waiting]
    texts = _texts(source, mutants)
    return ReportedMutants(campaign.name, judged, waiting, _seconds(source), texts, folder)


def _seconds(source: ResultSource) -> dict[str, float]:
    """Return the seconds of each mutant's first run, where they were measured."""
    runs = (run for run in source.measurements() if run.mutant_id and run.draw == FIRST)
    return {run.mutant_id or "": run.seconds for run in runs if isfinite(run.seconds)}


def _texts(source: ResultSource, mutants: Iterable[Mutant]) -> dict[FileKey, str]:
    """Return the texts of the mutants' files that are at hand and have not changed."""
    bases = source.file.meta("bases") or {}
    hashes = {(m.root, m.file): m.source_sha for m in mutants if m.root in bases and m.source_sha}
    texts = {}
    for (root, file), sha in hashes.items():
        try:
            text = decode((Path(bases[root]) / file).read_bytes())
        except (OSError, UnreadableSource):
            continue
        if text.sha == sha:
            texts[root, file] = text.text
    return texts
