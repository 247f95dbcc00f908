"""The facts of a campaign brought together for judging."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING

from trainwreck.interrupts import INTERRUPTS
from trainwreck.judge.baseline_evidence import CleanRuns, clean_runs_of
from trainwreck.judge.early_rules import Facts, rule_without_run
from trainwreck.judge.joint_runs import JointRuns, joint_run_of
from trainwreck.judge.verdicts import brief_verdict_of, verdict_of
from trainwreck.model import (
    FIRST,
    SAME_WHOLE,
    TOGETHER,
    UNREAD,
    Counts,
    Draw,
    Judged,
    Measurement,
    Metric,
    Mutant,
    MutantCost,
    Outcome,
    Probe,
    Rule,
    Selection,
    TrialKind,
    Verdict,
)
from trainwreck.results.budget import BUDGET, Budget, Spending
from trainwreck.results.clean_runs import CleanByKind, group_clean_runs
from trainwreck.results.shards import shards_of
from trainwreck.store.campaign_file import CampaignFile

if TYPE_CHECKING:
    from trainwreck.judge.comparison import Decision
    from trainwreck.store.nouns import FirstRuns


@dataclass(frozen=True)
class Evidence:
    """The facts of a campaign file that verdicts need; each is read once, when it is first used.

    Runs are compared with clean runs of their own kind of machine. ``kind`` is the one at work,
    whose clean runs are asked for first; empty for readers.
    """

    file: CampaignFile
    kind: str = ""

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Return the kind of machine of each environment."""
        return self.file.kinds()

    @cached_property
    def _only_kind(self) -> str | None:
        kinds = set(self.kinds.values())
        return None if len(kinds) > 1 else next(iter(kinds), "")

    def kind_of(self, trial_id: str) -> str:
        """Return the kind of machine that a trial ran on, empty where it has not run."""
        if self._only_kind is not None:
            return self._only_kind
        return self.kinds.get(self.file.environment_of(trial_id), "")

    def kind_of_first(self, mutant_id: str) -> str:
        """Return the kind of machine on which a mutant ran with the first seed."""
        if self._only_kind is not None:
            return self._only_kind
        return self.kinds.get(self.file.first_environment(mutant_id), "")

    def is_on_kind_of_first(self, run: Measurement) -> bool:
        """Return whether a mutant's run was made on the kind of machine of its first run."""
        return self.kind_at(run) == self.kind_of_first(run.mutant_id or "")

    def kind_at(self, run: Measurement) -> str:
        """Return the kind of machine of a measurement."""
        return self.kinds.get(run.environment, "")

    @cached_property
    def clean_by_kind(self) -> CleanByKind:
        """Group the clean runs, controls and watched runs by kind of machine, seed and fold."""
        return group_clean_runs(self.file, self.kind_of)

    @cached_property
    def here(self) -> str:
        """Return the kind at work, or where it has no clean run the one of the first clean run."""
        first = next(iter(self.clean_by_kind), "")
        return self.kind if self.kind in self.clean_by_kind else first

    @property
    def clean(self) -> dict[Draw, CleanRuns]:
        """Return the clean runs on the kind of machine at work, by seed and fold."""
        return self.clean_by_kind.get(self.here, {})

    def clean_beside(self, trial_id: str) -> dict[Draw, CleanRuns]:
        """Return the clean runs on the kind of machine of a trial, by seed and fold."""
        return self.clean_by_kind.get(self.kind_of(trial_id), {})

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """Return the metrics of the subject."""
        return self.file.metrics()

    @cached_property
    def metric_names(self) -> tuple[str, ...]:
        """Return the metrics that a normal run reports."""
        return tuple(self.file.meta("metrics") or ())

    @cached_property
    def decision(self) -> Decision:
        """Return the rules by which the campaign decides on impacts."""
        from trainwreck.judge.comparison import Decision

        points = tuple(self.file.meta("looks") or ())
        return Decision(**self.file.meta("verdicts") or {}, analysis_points=points)

    @property
    def clean_sample(self) -> list[Measurement]:
        """Return one clean run per seed and fold; repeated ones of a seed show no variance."""
        return self.clean_samples.get(self.here, [])

    @cached_property
    def clean_samples(self) -> dict[str, list[Measurement]]:
        """Return the sample of clean runs on each kind of machine."""
        samples: dict[str, dict[Draw, Measurement]] = {}
        for run in self.file.measurements(TrialKind.CLEAN):
            samples.setdefault(self.kind_at(run), {}).setdefault(run.draw, run)
        return {kind: [run for _, run in sorted(s.items())] for kind, s in samples.items()}

    @cached_property
    def clean_endings(self) -> dict[str, Measurement]:
        """Return the first clean run that ended in each digest, of those with the first seed."""
        endings: dict[str, Measurement] = {}
        for kind in (TrialKind.CLEAN, TrialKind.CONTROL):
            for run in self.file.measurements(kind):
                if run.draw == FIRST:
                    endings.setdefault(run.digest, run)
        return endings

    @cached_property
    def phases(self) -> tuple[str, ...]:
        """Return the phases in the order in which clean runs enter them."""
        clean = self.clean.get(FIRST)
        return clean.phases if clean else ()

    @cached_property
    def probes(self) -> dict[str, Probe]:
        """Return what clean runs with probes recorded, by the ids of mutants."""
        return self.file.probes()

    def probe_digest(self, probe: Probe) -> str:
        """Return how the run with probes ended that a record comes from."""
        return self._digests.get(probe.trial_id, "")

    @cached_property
    def _digests(self) -> dict[str, str]:
        trials = {probe.trial_id for probe in self.probes.values()}
        return {trial: self.file.digest_of(trial) for trial in trials}

    @cached_property
    def _same_code(self) -> dict[str, bool]:
        return self.file.same_code()

    def facts(self, mutant_id: str) -> Facts:
        """Return what the kind of machine at work knows of a mutant before it has run."""
        return self._facts(mutant_id, self.here)

    def _facts(
        self,
        mutant_id: str,
        kind: str,
        outcome: Outcome | None = None,
        second: Outcome | None = None,
    ) -> Facts:
        """Return the facts about a mutant on one kind of machine, with its first and second run."""
        probe = self.probes.get(mutant_id)
        if second is not None and self.kind_of(second.trial_id) != kind:
            second = None
        return Facts(
            outcome=outcome,
            probe=probe,
            probe_digest=self._probe_digest_on(kind, probe),
            same_code=self._same_code.get(mutant_id, False),
            second=second,
            same_whole=self._same_whole(probe) if probe else None,
            unread=self._unread(probe) if probe else None,
            joint=self.joint_runs_on(kind).showing(mutant_id),
        )

    def joint_runs_on(self, kind: str) -> JointRuns:
        """Return the joint runs on a kind of machine that ended as clean runs."""
        return self._joint_runs.get(kind) or JointRuns({})

    @cached_property
    def _joint_runs(self) -> dict[str, JointRuns]:
        counts = self.file.observations(TOGETHER)
        origins = self.file.origins({mutant for counted in counts.values() for mutant in counted})
        found: dict[str, JointRuns] = {}
        for draw, _, outcome in self.file.outcomes(TrialKind.TOGETHER):
            counted: Counts = counts.get(outcome.trial_id, {})
            kind = self.kind_of(outcome.trial_id)
            clean = self.clean_by_kind.get(kind, {}).get(draw)
            if clean is None:
                continue
            facts = {mutant: self._facts_of_probe(mutant, kind) for mutant in counted}
            if joint := joint_run_of(outcome, counted, facts, clean):
                found.setdefault(kind, JointRuns(origins)).add(joint)
        return found

    def _facts_of_probe(self, mutant_id: str, kind: str) -> Facts:
        """Return what a run with probes shows of a mutant."""
        probe = self.probes.get(mutant_id)
        return Facts(probe=probe, probe_digest=self._probe_digest_on(kind, probe))

    def _probe_digest_on(self, kind: str, probe: Probe | None) -> str:
        """Return how a run with probes ended; as none on another kind of machine."""
        if probe is None or self.kind_of(probe.trial_id) != kind:
            return ""
        return self.probe_digest(probe)

    def settled_by(self, mutant_id: str, rules: Collection[Rule]) -> Rule | None:
        """Return the rule that settles a mutant before any run of its own, None without one."""
        kind = self._kind_of_probe(mutant_id)
        clean = self.clean_by_kind.get(kind, {}).get(FIRST)
        return rule_without_run(self._facts(mutant_id, kind), clean, rules) if clean else None

    def _kind_of_probe(self, mutant_id: str) -> str:
        """Return the kind of machine whose probes know a mutant; the one at work without them."""
        probe = self.probes.get(mutant_id)
        kind = self.kind_of(probe.trial_id) if probe else ""
        return kind if kind in self.clean_by_kind else self.here

    def _same_whole(self, probe: Probe) -> int | None:
        same: dict[str, int] = self._same_wholes.get(probe.trial_id, {})
        return same.get(probe.mutant_id)

    def _unread(self, probe: Probe) -> int | None:
        stored: dict[str, int] = self._unread_constants.get(probe.trial_id, {})
        return stored.get(probe.mutant_id)

    @cached_property
    def _unread_constants(self) -> dict[str, dict[str, int]]:
        return self.file.observations(UNREAD)

    @cached_property
    def _same_wholes(self) -> dict[str, dict[str, int]]:
        return self.file.observations(SAME_WHOLE)

    def verdict(
        self,
        mutant: Mutant,
        draw: Draw,
        outcome: Outcome | None,
        second: Outcome | None = None,
    ) -> Verdict | None:
        """Return the verdict on a mutant; None where nothing is known of it."""
        return self._verdict(mutant, draw, outcome, second)

    def _verdict(
        self,
        mutant: Mutant,
        draw: Draw,
        outcome: Outcome | None,
        second: Outcome | None,
        is_brief: bool = False,
    ) -> Verdict | None:
        kind = self.kind_of(outcome.trial_id) if outcome else self._kind_of_probe(mutant.id)
        clean = self.clean_by_kind.get(kind, {}).get(draw)
        if clean is None and outcome and any(draw in by for by in self.clean_by_kind.values()):
            clean = clean_runs_of(draw, ())  # Nothing to compare with: a crash is one all the same.
        if clean is None:
            return None
        facts = self._facts(mutant.id, kind, outcome, second)
        if outcome is not None and outcome.hits == 0 and mutant.is_counted_by_statement:
            facts = replace(facts, executed=self._executes(mutant))
        if is_brief:
            return brief_verdict_of(mutant, facts, clean, self.metric_names)
        if outcome is not None and outcome.error and not outcome.error.chain:
            # The agent recorded no exceptions; the output shows them.
            facts = replace(facts, log=self.file.log(outcome.trial_id))
        return verdict_of(mutant, facts, clean, self.metric_names)

    def _executes(self, mutant: Mutant) -> bool:
        """Return whether a clean run executes the statement that a mutant changes."""
        return mutant.lines[0] in self._executed.get((mutant.root, mutant.file), {})

    @cached_property
    def _executed(self) -> dict[tuple[str, str], dict[int, frozenset[str]]]:
        return self.file.executed()

    def first_verdicts(
        self, selection: Selection = Selection.SAMPLE, is_brief: bool = False
    ) -> Iterator[Judged]:
        """Yield the verdicts by the runs of each mutant with the first seed, one by one.

        The sample is the head of the plan: it ends before the first mutant without a verdict. What
        rules decide beyond it, what ended sooner than its predecessor, and what somebody chose
        joins in its planned turn. Before that, it would tell more of how runs are ordered, or of
        what people choose, than of the program. A budget ends the sample as well.

        Brief verdicts are those of `brief_verdict_of`, on mutants as `brief_first_runs` has them.
        """
        if selection is Selection.SAMPLE:
            spending = self._spending()
            for item in self.head(is_brief):
                if spending is None or spending.takes(item.mutant):
                    yield item
            return
        for runs in self._first_runs(selection, is_brief):
            INTERRUPTS.check()
            if verdict := self._verdict(runs.mutant, FIRST, runs.first, runs.second, is_brief):
                yield Judged(runs.planned, verdict)

    def head(self, is_brief: bool = False) -> Iterator[Judged]:
        """Yield the verdicts at the head of the plan, whatever a budget pays for.

        In a shard, the plan is that of the shard.
        """
        for runs in self._planned_runs(is_brief):
            INTERRUPTS.check()
            verdict = self._verdict(runs.mutant, FIRST, runs.first, runs.second, is_brief)
            if verdict is None:
                return
            yield Judged(runs.planned, verdict)

    def number_judged(self) -> int:
        """Return the number of planned mutants with a verdict, those of other shards left out."""
        verdicts = (
            self._verdict(runs.mutant, FIRST, runs.first, runs.second, is_brief=True)
            for runs in self._planned_runs(is_brief=True)
        )
        return sum(verdict is not None for verdict in verdicts)

    def _planned_runs(self, is_brief: bool) -> Iterator[FirstRuns]:
        """Yield the planned mutants with their first runs, those of other shards left out."""
        shards, runs = shards_of(self.file), self._first_runs(Selection.SAMPLE, is_brief)
        if shards is None:
            return runs
        return compress(runs, shards.takes(item.mutant for item in self.file.outlines()))

    def _first_runs(self, selection: Selection, is_brief: bool) -> Iterator[FirstRuns]:
        file = self.file
        return file.brief_first_runs(selection) if is_brief else file.first_runs(selection)

    def _spending(self) -> Spending | None:
        """Return what a budget pays for; None without one."""
        return Spending(self.budget, self.costs) if self.budget else None

    @property
    def budget(self) -> Budget | None:
        """Return the budget of the campaign, None where it has none."""
        stored = self.file.meta(BUDGET)
        return Budget(**stored) if stored else None

    @cached_property
    def costs(self) -> dict[str, MutantCost]:
        """Return what each mutant has cost, by its id."""
        return self.file.mutant_costs()
