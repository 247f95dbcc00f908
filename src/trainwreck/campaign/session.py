"""A campaign at work: its subject, its file, and what runs its trials."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from trainwreck.campaign.attempts import Attempts
from trainwreck.campaign.dispatch import Dispatch, unfinished
from trainwreck.campaign.inputs import check_inputs
from trainwreck.campaign.prepare import PreparedSubject
from trainwreck.campaign.progress import Progress, Title
from trainwreck.campaign.untouched import Untouched
from trainwreck.engine import Engine
from trainwreck.errors import UsageError
from trainwreck.model import Environment, Outcome, Trial, TrialKind
from trainwreck.model.trials import in_lane, lane_of_kind
from trainwreck.results.evidence import Evidence
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.launcher import ColdLauncher, Launcher, TrialResult
from trainwreck.run.limits import Limits
from trainwreck.run.stem.launcher import WarmLauncher
from trainwreck.store.campaign_file import CampaignFile

BUGGY = (TrialKind.MUTANT, TrialKind.AUDIT, TrialKind.TOGETHER)
"""Trials whose results are compared with those of clean runs."""


@dataclass
class Session:
    """One locked campaign with everything that its steps need.

    Attributes:
        subject: The program under study, ready to run.
        file: The campaign file; this process is its only writer.
        progress: Hears how far the work is.
        engine: Runs many trials at once.
        launcher: Makes results of trials.
        untouched: Compares what trials share and read; None where there are no files.
        attempts: Remembers what was at work when a session died.
        lane: The number of the shard that runs, from which its clean trials are counted; or 0.

    """

    subject: PreparedSubject
    file: CampaignFile
    progress: Progress
    engine: Engine
    launcher: Launcher
    untouched: Untouched | None = None
    attempts: Attempts = field(default_factory=Attempts)
    lane: int = 0
    _evidence: tuple[int, Evidence] | None = field(default=None, init=False)
    _has_begun: bool = field(default=False, init=False)

    @property
    def id(self) -> str:
        """Return the fingerprint of the subject, which is part of the id of every trial."""
        return self.subject.settings.subject.fingerprint

    @cached_property
    def environment(self) -> Environment:
        """Return what the runs of this session are made in, and their origin."""
        return self.subject.environment

    @property
    def evidence(self) -> Evidence:
        """Return the facts behind verdicts; read again after the file has changed."""
        changes = self.file.changes
        if self._evidence is None or self._evidence[0] != changes:
            self._evidence = changes, Evidence(self.file, self.environment.kind)
        return self._evidence[1]

    def add_libraries(self, bases: Mapping[str, Path]) -> None:
        """Let trials plant bugs in further libraries, which lie in these folders."""
        bases = {**self.subject.context.bases, **bases}
        context = replace(self.subject.context, bases=bases)
        self.subject = replace(self.subject, context=context)
        if isinstance(self.launcher, ColdLauncher | WarmLauncher):
            self.launcher = self.launcher.within(context)

    def slowest_clean(self) -> float:
        """Return the wall-clock seconds of the slowest clean run."""
        return max(outcome.seconds for outcome in self._clean_outcomes())

    def _clean_outcomes(self) -> list[Outcome]:
        """Return the outcomes of the clean runs. Raises UsageError where there are none."""
        clean = [outcome for _, _, outcome in self.file.outcomes(TrialKind.CLEAN)]
        if not clean:
            raise UsageError("the campaign has no clean run", "Run `trainwreck baseline` first.")
        return clean

    def finished_ids(self) -> set[str]:
        """Return the trials that need not be run again.

        A run of a bug proves nothing where no clean run is known on its kind of machine.
        """
        return self._believed(self.file.finished_ids())

    def finished_first_ids(self) -> set[str]:
        """Return those of `finished_ids` that start from the first seed and fold."""
        return self._believed(self.file.finished_first_ids())

    def _believed(self, finished: set[str]) -> set[str]:
        if known := self.evidence.clean_by_kind:
            finished -= self._ids_where(lambda kind: kind not in known, *BUGGY)
        return finished

    def missing(self, trials: Iterable[Trial]) -> list[Trial]:
        """Return the trials that have not run yet.

        Clean ones are those of the shard and of the kind of machine at work.
        """
        finished, lane = self.finished_ids(), self.clean_lane
        kinds = (TrialKind.CLEAN, TrialKind.CHECK)
        of_others = self._ids_where(lambda kind: kind != self.environment.kind, *kinds)
        left = (
            in_lane(trial, lane)
            for trial in trials
            if trial.id not in finished or trial.id in of_others
        )
        return [trial for trial in left if trial.id not in finished]

    def elsewhere(self, trials: Iterable[Trial]) -> set[str]:
        """Return the ids of those trials that ran on another kind of machine."""
        ids = self._ids_where(lambda kind: kind != self.environment.kind, *BUGGY)
        return ids.intersection(trial.id for trial in trials) if ids else ids

    @property
    def clean_lane(self) -> int:
        """Return the lane of clean trials: of the shard, and of a kind beside the baseline's."""
        first, kind = next(iter(self.evidence.clean_by_kind), ""), self.environment.kind
        return lane_of_kind(kind, self.lane) if first not in ("", kind) else self.lane

    def _ids_where(self, chosen: Callable[[str], bool], *kinds: TrialKind) -> set[str]:
        """Return the trials whose kind of machine is chosen, of these kinds of trials."""
        machines = self.evidence.kinds
        environments = [name for name, machine in machines.items() if chosen(machine)]
        return self.file.ids_in(environments, *kinds) if environments else set()

    def limits(self) -> Limits:
        """Return the limits of buggy runs: a multiple of the slowest clean run's times."""
        settings = self.subject.settings.trials
        clean = self._clean_outcomes()
        limits = Limits.from_clean(
            max(outcome.seconds for outcome in clean),
            max(outcome.cpu_seconds for outcome in clean),
            settings.timeout_factor,
            settings.memory,
        )
        return replace(limits, disk=settings.disk)

    def execute(
        self,
        trials: Iterable[Trial],
        limits: Limits | None = None,
        instructions_of: Callable[[Trial], Instructions] = lambda _: NO_INSTRUCTIONS,
        repeat: Collection[str] = (),
    ) -> Iterator[TrialResult]:
        """Run the trials that the campaign has not run yet, and store each as it ends.

        Controls run besides, where they are due.

        Args:
            trials: Trials in the order in which they start.
            limits: Limits of each, by default those of buggy runs.
            instructions_of: What the agent is to do in a trial besides.
            repeat: Ids of trials that run although they have run before.

        Yields:
            Each result, after it was stored; lost ones run again first.

        Raises:
            ControlError: The clean program does not work any more.
            UsageError: Files that it reads have changed since the campaign began.

        """
        if self.untouched:
            self.untouched.begin()
            if not self._has_begun:
                self._has_begun = True
                check_inputs(self)
        dispatch = Dispatch(self, limits or self.limits(), instructions_of)
        return dispatch.run(unfinished(self, trials, repeat))

    def run_all(
        self,
        title: Title,
        trials: Collection[Trial],
        instructions_of: Callable[[Trial], Instructions] = lambda _: NO_INSTRUCTIONS,
        repeat: Collection[str] = (),
    ) -> int:
        """Run trials as one piece of work; return their number. See `execute`."""
        if trials:
            self.progress.begin(title, len(trials))
            for _ in self.execute(trials, None, instructions_of, repeat):
                pass
            self.progress.end()
        return len(trials)
