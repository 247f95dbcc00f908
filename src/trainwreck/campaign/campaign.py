"""The public object: one campaign, from its clean runs to its results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainwreck.campaign.progress import NoProgress, Progress
from trainwreck.campaign.reader import CampaignReader
from trainwreck.errors import UsageError
from trainwreck.model import Forecast, Mutant, PlannedMutant, Rule
from trainwreck.store.campaign_file import FILE_NAME, CampaignFile

# Each step is imported where it is taken: `trainwreck status` reads a campaign without
# importing what runs programs, and without SciPy.
if TYPE_CHECKING:
    from trainwreck.campaign.checks import Check
    from trainwreck.campaign.guard import Written
    from trainwreck.campaign.merge import Merged
    from trainwreck.campaign.session import Session
    from trainwreck.campaign.transfer import Imported
    from trainwreck.engine import Engine
    from trainwreck.findings import Audited
    from trainwreck.model.shard import Shard
    from trainwreck.mutants.choice import Choice
    from trainwreck.results.baseline import Baseline
    from trainwreck.results.status import Ahead
    from trainwreck.results.story import Story
    from trainwreck.run.launcher import Launcher
    from trainwreck.subject.settings import Settings

FOLDER = ".trainwreck"
"""The campaign folder beside the settings."""


@dataclass(repr=False)
class Campaign(CampaignReader):
    """One campaign: a folder with the results of one subject.

    A step locks the folder and makes the subject ready; as a context manager, the campaign does
    so once for all steps within.

    Attributes:
        folder: The campaign folder.
        settings: What the user decided; None for a campaign that is only read.
        data: A folder with the subject's data, instead of the one that the settings name.
        jobs: Number of trials at a time.
        progress: Hears how far the work is.
        cache: The folder of environments, data and listings, by default the user's.
        engine: Runs many trials at once, by default on this machine.
        launcher: Makes results of trials, by default in one process for each.
        ray: Run trials on this Ray cluster, ``HOST:PORT`` of its head; empty to start one here.

    """

    data: Path | None = None
    jobs: int = 1
    progress: Progress = field(default_factory=NoProgress)
    cache: Path | None = None
    engine: Engine | None = None
    launcher: Launcher | None = None
    ray: str | None = None
    _stack: ExitStack | None = field(default=None, init=False, repr=False)
    _entered: Session | None = field(default=None, init=False, repr=False)

    @classmethod
    def create(
        cls,
        settings: Settings | str | Path,
        folder: str | Path | None = None,
        *,
        data: Path | None = None,
        jobs: int = 1,
        progress: Progress | None = None,
    ) -> Campaign:
        """Return the campaign of a subject, new or begun; nothing is written before a step.

        Args:
            settings: Settings, or the path of a ``trainwreck.toml``.
            folder: The campaign folder, by default ``.trainwreck`` beside the settings.
            data: A folder with the subject's data.
            jobs: Number of trials at a time.
            progress: Hears how far the work is.

        Raises:
            UsageError: The settings cannot be read.

        """
        from trainwreck.subject.settings_file import load_settings

        if isinstance(settings, str | Path):
            settings = load_settings(Path(settings))
        folder = settings.file.parent / FOLDER if folder is None else Path(folder)
        return cls(folder, settings, data, jobs, progress or NoProgress())

    @classmethod
    def open(cls, folder: str | Path) -> Campaign:
        """Return the campaign in a folder, to be read. Raises UsageError where there is none."""
        campaign = cls(Path(folder))
        if campaign.folder.is_file():
            is_campaign = campaign.folder.name == FILE_NAME
            name = f", {campaign.folder.parent}" if is_campaign else ""
            raise UsageError(f"{folder} is a file", f"Name the campaign's folder{name}.")
        with campaign.source():
            return campaign

    @classmethod
    def import_records(
        cls,
        records: str | Path,
        folder: str | Path,
        *,
        leave_out_doubtful: bool = False,
        skip_unreadable: bool = False,
    ) -> Imported:
        """Make a campaign of an export, or of the records of another tool.

        Args:
            records: JSON lines, compressed where the name ends in ``.gz`` or ``.xz``; ``-`` reads
                standard input.
            folder: The folder of the new campaign.
            leave_out_doubtful: Take no record that a plausibility check doubts.
            skip_unreadable: Leave out records that cannot be read.

        Returns:
            What was imported, with all doubts.

        Raises:
            UsageError: The folder holds a campaign, or the records cannot be used.

        """
        from trainwreck.campaign.transfer import import_records

        return import_records(Path(records), Path(folder), leave_out_doubtful, skip_unreadable)

    @classmethod
    def merge(
        cls, folders: Sequence[str | Path], folder: str | Path, *, complete: bool = False
    ) -> Merged:
        """Join campaigns of one plan in another folder, which may hold some of them already.

        Args:
            folders: Their folders.
            folder: The folder that takes them.
            complete: Refuse a result in which a shard or a mutant is missing.

        Returns:
            What the merged campaign holds, and what is missing.

        Raises:
            UsageError: They are not parts of one campaign, or contradict each other.

        """
        from trainwreck.campaign.merge import merge_campaigns

        return merge_campaigns([Path(each) for each in folders], Path(folder), complete)

    def __enter__(self) -> Campaign:
        """Lock the campaign and make its subject ready, once for all steps within."""
        from trainwreck.campaign.opening import open_session

        self._stack = ExitStack()
        self._entered = self._stack.enter_context(open_session(self))
        return self

    def __exit__(self, *raised: Any) -> None:
        """Release the lock; what was raised is turned into the campaign's own errors."""
        assert self._stack is not None
        self._entered = None
        self._stack.__exit__(*raised)

    def baseline(self, mutants: int | None = None) -> Baseline:
        """Make the clean runs that are missing.

        Args:
            mutants: Number of mutants that run afterwards, for the cost that is announced.

        Raises:
            UsageError: The subject cannot be run on this machine.
            CleanProgramError: The program does not work without any bug.

        """
        from trainwreck.campaign.baseline import run_baseline

        with self.session() as session:
            return run_baseline(session, mutants)

    def plan(self, chosen: Iterable[Mutant] | None = None) -> int:
        """Draw the mutants unless that was done; return their number. Needs a baseline.

        Args:
            chosen: Mutants to plan instead, in this order and in place of an earlier plan. Those
                on lines that no clean run executes are left out.

        Raises:
            UsageError: No executed line of the targets can be mutated.

        """
        from trainwreck.campaign.plan import make_plan, plan_chosen

        with self.session() as session:
            return make_plan(session) if chosen is None else plan_chosen(session, chosen)

    def probe(self, mutants: int | None = None) -> None:
        """Watch planned mutants in one run of the clean program, which changes nothing.

        Stories then report what each mutant would have changed, whatever decides it.

        Args:
            mutants: Number of mutants at the head of the plan; all by default.

        """
        from trainwreck.campaign.early_decisions import gather_facts
        from trainwreck.campaign.planned_mutants import PlannedMutants

        with self.session() as session:
            gather_facts(session, PlannedMutants(session.file, mutants), [Rule.PROBE])

    def choose(
        self, choice: Choice, ids: Sequence[str] = (), *, sources: bool = False
    ) -> list[PlannedMutant]:
        """Return the mutants that are named, if any are, and that meet a choice.

        Args:
            choice: The conditions.
            ids: Ids of mutants, or beginnings of them.
            sources: Choose also among mutants beyond the limit per file.

        Raises:
            UsageError: An id is unknown or has several mutants, or no mutant meets the choice.

        """
        from trainwreck.campaign.choose import choose

        return choose(self, choice, ids, sources)

    def own_bugs(
        self, patches: Sequence[Path] = (), *, reverse: bool = False
    ) -> list[PlannedMutant]:
        """Return bugs of the user's own, to be run as chosen ones.

        Args:
            patches: Unified diffs, each one bug; by default the bugs of the settings.
            reverse: Take back what the patches do: what if this fix were missing?

        Raises:
            UsageError: A bug fits no file, or does not compile.

        """
        from trainwreck.campaign.own_bugs import read_own_bugs

        with self.session() as session:
            return read_own_bugs(session, patches, reverse)

    def run(
        self,
        mutants: int | None = None,
        *,
        chosen: Sequence[PlannedMutant] | None = None,
        rules: Collection[Rule] | None = None,
        exact: bool = False,
        cold: bool = False,
        budget: float | None = None,
        shard: Shard | None = None,
    ) -> int:
        """Run the planned mutants that have not run yet; return the number of runs.

        Args:
            mutants: Number of mutants at the head of the plan, or of the chosen ones; all by
                default.
            chosen: Mutants to run instead of planned ones. They are no sample: reports show them
                apart, and each joins the sample in its planned turn, if it has one.
            rules: Rules that may decide a mutant early, by default those of the settings.
            exact: Use only rules that are proven for this program.
            cold: Start every run in a process of its own, whatever the settings say.
            budget: Processor seconds to spend, instead of a number of mutants. The planned mutants
                that it pays for are a sample, whose rates reports weight accordingly.
            shard: The part of the plan to run; `merge` joins the parts. By default all that the
                campaign holds.

        Raises:
            UsageError: There is no plan, or a source has changed since.
            ControlError: The clean program, run between the mutants, does not work any more.

        """
        from trainwreck.campaign.run import run_campaign, run_chosen

        with self.session() as session:
            if chosen is None:
                return run_campaign(session, mutants, rules, exact, cold, budget, shard)
            return run_chosen(session, chosen[:mutants], rules, exact, cold)

    def run_checks(
        self, names: Sequence[str], *, chosen: Sequence[PlannedMutant] | None = None
    ) -> int:
        """Run checks of the settings on planted bugs and on the clean program; count the runs.

        Args:
            names: Names of checks.
            chosen: Mutants to run them on, by default all that change the result without an error
                and a sample of masked ones.

        Raises:
            UsageError: A check fails without a bug, or no mutant changes the result.

        """
        from trainwreck.campaign.own_checks import run_checks

        with self.session() as session:
            return run_checks(session, names, chosen)

    def audit(self, sample: int = 20) -> list[Audited]:
        """Run ``sample`` early decisions to the end; return all audits of the campaign."""
        from trainwreck.campaign.audit import audit

        with self.session() as session:
            return audit(session, sample)

    def doctor(self) -> Iterator[Check]:
        """Yield checks that trainwreck works with the program, by runs with known outcomes."""
        from trainwreck.campaign.doctor import check_subject

        with self.session() as session:
            yield from check_subject(session)

    def replay(self, mutant: str, echo: Callable[[bytes], object] = lambda _: None) -> Story:
        """Run any listed mutant without storing the run; ``echo`` gets its output."""
        from trainwreck.campaign.choose import named
        from trainwreck.campaign.replay import replay

        with self.session() as session:
            (planned,) = named(self, [mutant])
            return replay(session, planned, echo)

    def forecast(
        self, mutants: int | None = None, *, chosen: Sequence[PlannedMutant] | None = None
    ) -> Forecast:
        """Return what `run` with these arguments would take, without a run.

        Args:
            mutants: Number of mutants at the head of the plan, or of the chosen ones; all by
                default.
            chosen: Mutants to run instead of planned ones.

        Returns:
            Processor time and time until the end, in seconds, each with its 90 % interval.

        Raises:
            UsageError: There is no clean run yet, which a forecast rests on.

        """
        forecast = self.ahead(mutants, chosen=chosen).forecast
        if forecast is None:
            raise UsageError("the campaign has no clean run", "Run `trainwreck baseline` first.")
        return forecast

    def ahead(
        self, mutants: int | None = None, *, chosen: Sequence[PlannedMutant] | None = None
    ) -> Ahead:
        """Return what is known before `run` with these arguments; see `forecast`."""
        from trainwreck.results.status import read_ahead

        with self.source() as source:
            return read_ahead(source, mutants, chosen, self.jobs)

    def story(self, mutant: str) -> Story:
        """Return all about the mutant whose id begins so. Raises UsageError where none does.

        With settings it may be any listed mutant, otherwise one that is planned or that was chosen.
        """
        from trainwreck.campaign.choose import named

        with self.source() as source:
            if self.settings is None or source.file.has_records():
                return source.story(mutant)
            (planned,) = named(self, [mutant])
            return source.story_of(planned)

    def guard(self, out: str | Path | None = None, checks: Sequence[str] = ()) -> Written:
        """Write checks as a pytest file that the clean program passes; return what it says.

        Args:
            out: The file, within the program's folder; by default beside other tests.
            checks: Names of computed checks of `power`, by default those that together notice most.

        Raises:
            UsageError: No check without a false alarm notices a bug, or without trainwreck the
                program does not repeat.

        """
        from trainwreck.campaign.guard import write_guard

        with self.session() as session:
            return write_guard(session, Path(out) if out else None, checks)

    def verify_power(self, number: int, checks: Sequence[str] = ()) -> int:
        """Run predicted answers of computed checks as trainings; return the number of runs.

        `power` then says how many agree.

        Args:
            number: Number of predictions, drawn at random over checks and mutants.
            checks: Names of computed checks, to draw from no others.

        Raises:
            UsageError: The campaign predicts nothing, or its program has changed.

        """
        from trainwreck.campaign.verify_power import verify_power

        with self.session() as session:
            return verify_power(session, number, checks)

    def mutants(
        self, *, sources: bool = False, uncovered: bool = False, files: Collection[str] = ()
    ) -> Iterator[PlannedMutant]:
        """Yield mutants with the phases in which they run.

        Args:
            sources: List the mutants of all executed lines, not only the planned ones.
            uncovered: List those of other lines as well.
            files: List only those of these source files, as `Mutant.file` names them.

        """
        if sources or uncovered:
            from trainwreck.campaign.opening import prepared
            from trainwreck.campaign.plan import list_sources

            subject = self._entered.subject if self._entered else prepared(self)
            if files:
                subject = subject.only(files)
            executed = {}
            if not uncovered or self.exists:
                with CampaignFile.open(self.folder) as file:
                    executed = file.executed()
            yield from list_sources(subject, executed, uncovered, self.progress.say)
        else:
            with self.source() as source:
                planned = source.mutants()
                yield from (item for item in planned if not files or item.mutant.file in files)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Lock the campaign and make its subject ready; the session of ``with`` where entered."""
        if self._entered is not None:
            yield self._entered
            return
        from trainwreck.campaign.opening import open_session

        with open_session(self) as session:
            yield session
