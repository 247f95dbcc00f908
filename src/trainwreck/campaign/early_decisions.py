"""Early decisions: facts gathered before any mutant runs, and what they make unnecessary."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import groupby

from trainwreck.campaign.baseline import grow_after_news
from trainwreck.campaign.planned_mutants import outlines_of
from trainwreck.campaign.prepare import PreparedSubject
from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.session import Session
from trainwreck.campaign.warm_starts import keep_first_evaluations
from trainwreck.judge.clean_times import times_of
from trainwreck.judge.early_rules import may_stand_clean
from trainwreck.model import (
    FIRST,
    OWN,
    CleanTimes,
    Context,
    Mutant,
    Probe,
    ProbeKind,
    Rule,
    Trial,
    TrialKind,
)
from trainwreck.model.probe import DoubtOfText, DoubtOfValues
from trainwreck.model.trials import in_lane, probe_trial
from trainwreck.mutants.instrument import Watched, probe_text
from trainwreck.mutants.parallel import map_chunks
from trainwreck.results.evidence import Evidence
from trainwreck.results.outlook import PROBED_RULES
from trainwreck.run.agent_records import Probed
from trainwreck.run.instructions import NO_INSTRUCTIONS, Horizon, Instructions
from trainwreck.source import UnreadableSource, decode
from trainwreck.subject.interpreter import same_code

CHUNK = 4
NOTHING_EVALUATED = "no probe of this file saw anything, although its lines were executed"
"""Of code that runs past the agent, as by ``exec``, probes would prove that it never runs."""


def gather_facts(
    session: Session, mutants: Iterable[Mutant], rules: Collection[Rule], is_warm: bool = False
) -> None:
    """Gather the facts that the rules and warm starts need, once for each mutant."""
    if Rule.SAME_CODE in rules:
        _compare_code(session, mutants)
    if is_warm or not PROBED_RULES.isdisjoint(rules):
        _probe(session, mutants)


def _compare_code(session: Session, mutants: Iterable[Mutant]) -> None:
    compared = session.file.same_code()
    files = _by_file(mutant for mutant in mutants if mutant.id not in compared)
    compare = partial(_same_in_files, subject=session.subject)
    for same in map_chunks(compare, files, CHUNK):
        session.file.set_same_code(same)


def _same_in_files(files: Sequence[Sequence[Mutant]], subject: PreparedSubject) -> dict[str, bool]:
    mutants = [mutant for members in files for mutant in members]
    requests = []
    for parts in _by_file(part for mutant in mutants for part in mutant.parts):
        path = subject.path_of(parts[0])
        requests.append((path, decode(path.read_bytes()), parts))
    same = same_code(subject.interpreter, requests)
    return {m.id: all(part.id in same for part in m.parts) for m in mutants}


@dataclass(frozen=True, slots=True)
class Place:
    """The lines, from ``first`` to ``last``, of the file whose path has this ``ending``."""

    ending: str
    first: int
    last: int

    def is_in(self, path: str) -> bool:
        """Return whether the file is this one."""
        return path.endswith(self.ending)


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """One probed run: the agent's instructions, and the probe and place of each watched mutant.

    ``loaded`` has the group that counts where a file's code runs, by the ending of its path.
    """

    instructions: Instructions
    watched: dict[str, tuple[Watched, Place]]
    loaded: dict[str, int]


def _probe(session: Session, mutants: Iterable[Mutant]) -> None:
    """Make one clean run with probes for all mutants that have none yet."""
    file = session.file
    probes = file.probes()
    # Of a user's own bug, no probe knows what it would compute.
    unprobed = [m for m in mutants if m.id not in probes and m.operator != OWN]
    if not unprobed:
        return
    plan = plan_probes(session.subject, unprobed)
    # A run whose records were not kept, as its session was killed, is made again.
    number = len({probe.trial_id for probe in probes.values()})
    trial = in_lane(probe_trial(session.id, number), session.clean_lane)
    reports = session.evidence.clean[FIRST].reports
    unwatched = [
        _unwatched(trial, mutant, reports) for mutant in unprobed if mutant.id not in plan.watched
    ]
    if not plan.watched:
        file.set_probes(unwatched)
        return
    session.progress.begin(Title(Stage.PROBES, "clean run with probes"), 1)
    (result,) = session.execute([trial], None, lambda _: plan.instructions, {trial.id})
    session.progress.end()
    if not result.outcome.exit.proves:
        session.progress.say(f"The instrumented run proves nothing: {result.outcome.reason}")
        return  # The next session tries again.
    if result.probed is not None:
        groups = {mutant: watch.group for mutant, (watch, _) in plan.watched.items()}
        keep_first_evaluations(file, trial.id, groups, result.probed.firsts)
    file.set_probes([*unwatched, *records_of(trial, plan, result.probed)])
    grow_after_news(session)
    clean = session.evidence.clean[FIRST]
    if result.probed is None or result.outcome.digest not in clean.determinism.digests:
        session.progress.say(
            "The instrumented run did not reproduce a clean run. Its data are ignored: only the "
            "rules same-code and stuck decide early."
        )


def plan_probes(subject: PreparedSubject, mutants: Iterable[Mutant]) -> ProbePlan:
    """Put probes around everything that these mutants change."""
    texts: dict[tuple[str, str], str] = {}
    groups: list[dict[str, object]] = []
    watched: dict[str, tuple[Watched, Place]] = {}
    loaded: dict[str, int] = {}
    for members in _by_file(mutants):
        path = subject.path_of(members[0])
        try:
            source = decode(path.read_bytes())
        except (OSError, UnreadableSource):
            continue
        probed = probe_text(source, members, subject.interpreter.grammar, len(groups))
        if probed.groups:
            texts[members[0].root, members[0].file] = probed.text
            groups += probed.groups
            places = {mutant.id: _place(mutant) for mutant in members}
            watched |= {mutant: (watch, places[mutant]) for mutant, watch in probed.watched.items()}
            if probed.loaded is not None:
                loaded[_place(members[0]).ending] = probed.loaded
    return ProbePlan(Instructions(probed=texts, groups=tuple(groups)), watched, loaded)


def _place(mutant: Mutant) -> Place:
    return Place(f"/{mutant.file}", mutant.span.line, mutant.span.end_line)


def records_of(trial: Trial, plan: ProbePlan, probed: Probed | None) -> list[Probe]:
    """Return what a run with probes showed of each mutant that it watched."""
    if probed is None:
        return [
            _without_record(trial, mutant, watch.kind, "the run with probes reported nothing")
            for mutant, (watch, _) in plan.watched.items()
        ]
    evaluated = {
        position.ending
        for watch, position in plan.watched.values()
        if any(counts[watch.group] for counts in (probed.counts, probed.ended, probed.defined))
    } | {ending for ending, group in plan.loaded.items() if probed.counts[group]}
    return [
        _record(trial, mutant, watch, position, probed)
        if position.ending in evaluated
        else _without_record(trial, mutant, watch.kind, NOTHING_EVALUATED)
        for mutant, (watch, position) in plan.watched.items()
    ]


def _unwatched(trial: Trial, mutant: Mutant, reports: int) -> Probe:
    """Return the record of a mutant without a probe, up to each of the reports of a clean run."""
    if mutant.context is not Context.DEFERRED:
        doubt = "no probe can be put around it"
        return _without_record(trial, mutant.id, ProbeKind.EVALUATIONS, doubt)
    record = _without_record(
        trial, mutant.id, ProbeKind.EVALUATIONS, DoubtOfText.NEVER_EVALUATED.value
    )
    return replace(record, counts=(0,) * reports)


def _without_record(trial: Trial, mutant: str, kind: ProbeKind, doubt: str) -> Probe:
    """Return a record that proves nothing, so that the mutant is not probed again."""
    return Probe(mutant, trial.id, kind, 0, 0, "", (), 0, doubt)


def _record(trial: Trial, mutant: str, watch: Watched, position: Place, probed: Probed) -> Probe:
    group = watch.group
    counts = tuple(snapshot[group] for snapshot in probed.snapshots)
    evaluations, differing = probed.counts[group], probed.differing.get(mutant, 0)
    hits = counts[0] if counts else 0
    if watch.kind is ProbeKind.DEFAULT:
        evaluations, differing = probed.ended[group], probed.counts[group]
        hits = probed.defined[group] if probed.defined else 0
    return Probe(
        mutant_id=mutant,
        trial_id=trial.id,
        kind=watch.kind,
        evaluations=evaluations,
        differing=differing,
        example=probed.examples.get(mutant, ""),
        counts=counts,
        hits=hits,
        doubt=_doubt(watch, position, probed),
    )


def _doubt(watch: Watched, position: Place, probed: Probed) -> str:
    if not probed.complete:
        return "a process of the run with probes did not report its counts"
    if any(position.is_in(path) for path in probed.read):
        return DoubtOfText.SOURCE_READ.value
    # A traceback shows the line that calls; the text of a bug on this line would be in it.
    if any(
        position.first <= line <= position.last and position.is_in(path)
        for path, line in probed.lines
    ):
        return "the program reads the text of this line"
    if watch.kind is ProbeKind.DEFAULT and watch.group in probed.introspected:
        return DoubtOfValues.DEFAULTS_READ.value
    if watch.kind is ProbeKind.VALUE and probed.counts[watch.group] != probed.ended[watch.group]:
        return DoubtOfValues.EVALUATION_FAILED.value
    return ""


def settled_ids(evidence: Evidence, mutants: Iterable[Mutant], rules: Collection[Rule]) -> set[str]:
    """Return the ids of the mutants that need no run, by these rules."""
    ids = (mutant.id for mutant in outlines_of(mutants))
    return {mutant_id for mutant_id in ids if evidence.settled_by(mutant_id, rules)}


def not_settled_by(session: Session, rules: Collection[Rule]) -> set[str]:
    """Return the ids of trials that were ended early by a rule other than these."""
    settled = session.file.settled_runs(TrialKind.MUTANT)
    return {trial for trial, rule in settled if Rule(rule) not in rules}


@dataclass(frozen=True)
class EarlyEnds:
    """Runs that may be ended early, and where."""

    evidence: Evidence
    rules: frozenset[Rule]

    def instructions_of(self, trial: Trial) -> Instructions:
        """Return what a trial may leave out; nothing unless it is a mutant's."""
        if trial.mutant is None:
            return NO_INSTRUCTIONS
        return Instructions(
            horizon=self._horizon(trial, trial.mutant), times=self._times_of(trial.mutant)
        )

    @cached_property
    def _times(self) -> CleanTimes | None:
        """Return the times of clean runs; None where no run may be ended for being stuck."""
        clean = self.evidence.file.outcomes(TrialKind.CLEAN)
        return times_of(outcome for _, _, outcome in clean) if Rule.STUCK in self.rules else None

    def _times_of(self, mutant: Mutant) -> CleanTimes | None:
        """Return the times of clean runs, with how often they evaluate what a mutant changes."""
        probe = self.evidence.probes.get(mutant.id)
        if self._times is None or probe is None or probe.doubt or probe.kind is ProbeKind.DEFAULT:
            return self._times
        return replace(self._times, evaluations=probe.evaluations)

    def _horizon(self, trial: Trial, mutant: Mutant) -> Horizon | None:
        """Return where a run ends that is to wait for a joint run, if it is to."""
        clean = self.evidence.clean.get(trial.draw)
        facts = self.evidence.facts(mutant.id)
        if clean is None or facts.probe is None or Rule.TOGETHER not in self.rules:
            return None
        if not may_stand_clean(mutant, facts, clean):
            return None
        return Horizon(facts.probe.hits, clean.checkpoints)


def _by_file(mutants: Iterable[Mutant]) -> list[list[Mutant]]:
    def key(mutant: Mutant) -> tuple[str, str]:
        return mutant.root, mutant.file

    return [list(members) for _, members in groupby(sorted(mutants, key=key), key)]
