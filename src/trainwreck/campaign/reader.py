"""The part of a campaign that needs no run: its verdicts, tables, reports and exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainwreck.errors import UsageError
from trainwreck.model import Judged, PlannedMutant, Table
from trainwreck.model.damage import Verification
from trainwreck.model.shown import ShownList
from trainwreck.store.campaign_file import FILE_NAME, CampaignFile, verify_campaign

# Each question imports what it needs: `trainwreck status` reads a campaign without importing
# what runs programs, and without SciPy.
if TYPE_CHECKING:
    from trainwreck.campaign.results import Results
    from trainwreck.findings import Audited, Summary
    from trainwreck.findings.conditions import Answer
    from trainwreck.results.baseline import Baseline
    from trainwreck.results.reported_mutants import ReportedMutants
    from trainwreck.results.source import ResultSource
    from trainwreck.results.status import Status
    from trainwreck.store.salvage import Salvaged
    from trainwreck.subject.settings import Settings


@dataclass(repr=False)
class CampaignReader:
    """A campaign's folder, to be read; also while another process writes to it.

    Attributes:
        folder: The campaign folder.
        settings: What the user decided; None for a campaign that is only read.

    """

    folder: Path
    settings: Settings | None = None

    def __repr__(self) -> str:
        """Name the folder alone: settings are long."""
        return f"{type(self).__name__}({str(self.folder)!r})"

    def _repr_html_(self) -> str | None:
        """Return the summary for a notebook; None before the first clean run."""
        from trainwreck.report.summary_html import summary_html

        try:
            return "".join(map(summary_html, self.summaries()))
        except UsageError:
            return None

    @property
    def exists(self) -> bool:
        """Return whether the folder holds a campaign."""
        return (self.folder / FILE_NAME).is_file()

    def results(self) -> Results:
        """Read all results: data frames, tables and figures."""
        from trainwreck.campaign.results import read_results

        with self.source() as source:
            return read_results(source)

    def status(self) -> Status:
        """Count the planned and finished mutants."""
        from trainwreck.results.status import read_status

        with self.source() as source:
            return read_status(source)

    def read_baseline(self) -> Baseline:
        """Sum up the clean runs so far, without a new one. Raises UsageError where none is."""
        from trainwreck.results.baseline import read_baseline

        with self.source() as source:
            return read_baseline(source.evidence)

    def read_audits(self) -> list[Audited]:
        """Return all audits so far, without a new one. Raises UsageError without a clean run."""
        from trainwreck.results.audits import read_audits

        with self.source() as source:
            source.check_readable()
            return read_audits(source.evidence)

    def verdicts(self, chosen: Iterable[PlannedMutant]) -> list[Judged]:
        """Return the verdicts on chosen mutants, with impacts; without those that have not run."""
        from trainwreck.results.judged_campaign import judge_chosen

        ids = {planned.mutant.id for planned in chosen}
        if not ids:
            return []
        with self.source() as source:
            judged = judge_chosen(source.evidence, ())
            return ShownList(item for item in judged if item.mutant.id in ids)

    def tables(self, *others: CampaignReader) -> list[Table]:
        """Return the report, side by side with those of other campaigns. Raises UsageError."""
        from trainwreck.results.report import report_tables

        with self._sources(*others) as sources:
            return ShownList(report_tables(*sources))

    def summaries(self, *others: CampaignReader) -> list[Summary]:
        """Sum up this campaign and others for a user, one by one. Raises UsageError."""
        from trainwreck.results.summary import read_summaries

        with self._sources(*others) as sources:
            return read_summaries(*sources)

    def judged(self) -> list[Judged]:
        """Return the verdicts on the sample so far, with impacts and weights. Raises UsageError."""
        from trainwreck.results.source import judge_campaigns

        with self._sources() as sources:
            return ShownList(judge_campaigns(sources)[0].judged)

    def write_verdicts(self, out: str | Path, *others: CampaignReader) -> None:
        """Write the verdicts of this campaign and of others for readers with SQL.

        Args:
            out: The SQLite file; an older one of verdicts is replaced.
            others: Further campaigns.

        Raises:
            UsageError: There is nothing to report yet, or the file cannot be written.

        """
        from trainwreck.report.verdict_rows import VerdictRows
        from trainwreck.results.source import judge_campaigns
        from trainwreck.store.verdict_file import write_verdict_file

        rows = VerdictRows()
        with self._sources(*others) as sources:
            for source, study in zip(sources, judge_campaigns(sources), strict=True):
                rows.add(study, source.mutants(), source.measurements())
        write_verdict_file(Path(out), rows.tables)

    def answers(self, conditions: str) -> list[Answer]:
        """Return the answers to conditions on the sample so far, as ``--fail-on`` takes them.

        Args:
            conditions: Such as ``masked>20%,hurts>0``.

        Raises:
            ValueError: The conditions cannot be read; the message shows the position.
            UsageError: There is nothing to report yet.

        """
        from trainwreck.findings.conditions import answer, read_conditions

        asked, judged = read_conditions(conditions), self.judged()
        return [answer(condition, judged) for condition in asked]

    def reported_mutants(
        self, *others: CampaignReader, since: str | None = None
    ) -> list[ReportedMutants]:
        """Return every mutant with its verdict, for reports in which each has an entry.

        Args:
            others: Further campaigns.
            since: A revision of the program's repository: return only mutants on lines of the
                program that have changed since. This needs the settings.

        Raises:
            UsageError: There is nothing to report yet, or git knows no such revision.

        """
        from trainwreck.results.reported_mutants import reported_mutants
        from trainwreck.subject.revisions import changed_lines, folder_in_repository

        changed, folder = None, ""
        if since is not None:
            assert self.settings is not None
            changed = changed_lines(self.settings.folder, since)
            folder = folder_in_repository(self.settings.folder)
        with self._sources(*others) as sources:
            return reported_mutants(sources, changed, folder)

    def power(self, checks: Sequence[str] = (), price: float | None = None) -> list[Table]:
        """Return what checks would have noticed of the mutants that change the result.

        Args:
            checks: Names of checks, computed or the user's own, to show no others.
            price: What an hour of one processor costs, to have the cost of each check in money.

        Raises:
            UsageError: The campaign has no such mutant, no values step by step, or no such check.

        """
        from trainwreck.findings.power import power_tables
        from trainwreck.results.power import read_observations

        with self.source() as source:
            return ShownList(power_tables(read_observations(source), checks, price))

    def write_power_html(
        self, out: str | Path, checks: Sequence[str] = (), price: float | None = None
    ) -> None:
        """Write what `power` returns as one HTML file, with curves. Raises UsageError as well."""
        from trainwreck.findings.power import power_tables
        from trainwreck.report.html.power_page import write_power_page
        from trainwreck.results.power import read_observations

        with self.source() as source:
            seen = read_observations(source)
        tables = power_tables(seen, checks, price)
        write_power_page(seen.name, len(seen.mutants), tables, Path(out))

    def write_html(self, out: str | Path) -> None:
        """Write the report as one HTML file that needs no other. Raises UsageError."""
        from trainwreck.report.html.page import write_page

        with self.source() as source:
            source.check_readable()
            write_page(source, Path(out), self._command())

    def _command(self) -> str:
        """Return the beginning of a command line that reads this campaign."""
        import shlex

        if self.folder.resolve() == Path.cwd() / ".trainwreck":
            return "trainwreck"
        return f"trainwreck --campaign {shlex.quote(str(self.folder))}"

    def export(self, out: str | Path, *, logs: bool = False) -> int:
        """Write the campaign as JSON lines; return the number of mutants.

        Args:
            out: The file, compressed where it ends in ``.gz`` or ``.xz``; ``-`` is standard output.
            logs: Write what all runs printed, not only what crashes did.

        """
        from trainwreck.campaign.transfer import export_campaign

        with CampaignFile.open(self.folder) as file:
            return export_campaign(file, Path(out), logs)

    def salvage(self, out: str | Path, *, logs: bool = False) -> Salvaged:
        """Write what is whole of a damaged campaign as JSON lines.

        Args:
            out: The file, as in ``export``.
            logs: Write what all runs printed, not only what crashes did.

        Returns:
            The numbers of runs that were saved and lost, and the damage.

        """
        from trainwreck.campaign.transfer import salvage_campaign

        return salvage_campaign(self.folder, Path(out), logs)

    def verify(self) -> Verification:
        """Check that every record is as it was written. Raises UsageError without a campaign."""
        return verify_campaign(self.folder)

    @contextmanager
    def source(self) -> Iterator[ResultSource]:
        """Open the campaign for reading, also while another process writes to it."""
        from trainwreck.results.source import results_of

        with CampaignFile.open(self.folder) as file:
            yield results_of(file)

    @contextmanager
    def _sources(self, *others: CampaignReader) -> Iterator[list[ResultSource]]:
        """Open campaigns for reading. Raises UsageError where one has nothing to report yet."""
        with ExitStack() as stack:
            sources = [stack.enter_context(campaign.source()) for campaign in (self, *others)]
            for source in sources:
                source.check_readable()
            yield sources
