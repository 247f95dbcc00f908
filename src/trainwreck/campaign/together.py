"""Several mutants in one run: where it ends as a clean run, they are expected to be masked.

Where it does not, its halves run, and at last each mutant alone. Some have not run before, as
nothing reads what they change. Others have run up to their first report, where they equalled a
clean run, and wait.

Two bugs of one file can hide each other. So mutants of a file are spread over the runs, and those
that were in a run with others of their file have another run, without these.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from trainwreck.campaign.joint_groups import MOST, apart, spread
from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.session import Session
from trainwreck.judge.early_rules import may_run_together
from trainwreck.judge.joint_runs import JointRuns
from trainwreck.model import FIRST, Context, Mutant, Rule, Trial, TrialKind
from trainwreck.model.trials import joint_trial, mutant_trial
from trainwreck.mutants.together import joint_text, outside_functions
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.source import SourceText, decode

SIZES = (MOST, 8, 4, 2)
SHORT = 2.0
"""Processor seconds of a clean run below which its start is most of it, and shares say little."""
FEW = 4
"""Runs that waited, from which on they tell better than a clean run how long such a run takes."""


def run_together(session: Session, mutants: Iterable[Mutant], settled: Collection[str]) -> int:
    """Run those mutants together that are expected to be masked; return the number of runs.

    Args:
        session: The campaign.
        mutants: The mutants that are to have a verdict.
        settled: Ids of those that another rule decides.

    """
    return _run_grouped(session, _candidates(session, mutants, settled), MOST)


@dataclass(slots=True)
class Waited:
    """The mutants so far that joint runs showed to be masked, and those that had to run ``alone``.

    The more of them had to, the fewer run together. Where it is every third, joint runs cost more
    than they save (Dorfman 1943, on blood samples that are tested together). The longer a run takes
    until its first report, the less does one save that ends there.

    ``whole`` are the processor seconds of a clean run, and ``until_report`` those until its first
    report. ``waits`` are those of runs that waited: a bug may make the way there longer. ``runs``
    is the number of joint runs.
    """

    whole: float = 0.0
    until_report: float = 0.0
    masked: int = 0
    alone: int = 0
    runs: int = 0
    waits: list[float] = field(default_factory=list)

    def add(self, waited: int, alone: int, runs: int) -> None:
        """Add mutants that waited, how many of them had to run alone, and their joint runs."""
        self.masked += waited - alone
        self.alone += alone
        self.runs += runs

    @property
    def pays(self) -> bool:
        """Return whether further mutants are to wait for joint runs."""
        before = fmean(self.waits) if len(self.waits) >= FEW else self.until_report
        saved = 1 - before / self.whole if self.whole >= SHORT else 1.0
        return max(self._seen, runs_for_each(self.most, self._share)) < saved

    @property
    def most(self) -> int:
        """Return the number of mutants in one run."""
        return min(SIZES, key=lambda size: runs_for_each(size, self._share))

    @property
    def _seen(self) -> float:
        """Return the complete runs that each mutant has cost so far, as if a few had cost none."""
        return (self.runs + self.alone) / (self.masked + self.alone + FEW)

    @property
    def _share(self) -> float:
        """Return the share of those that had to run alone, as if one of 30 had before."""
        return (self.alone + 1) / (self.masked + self.alone + 30)


def runs_for_each(size: int, share: float) -> float:
    """Return the complete runs that each mutant costs where ``size`` run together.

    Groups with a mutant that is not masked are halved, down to single mutants. Of all mutants, a
    ``share`` is not masked, at random.
    """
    runs, members = 1.0, size
    while members > 1:
        runs += 2 * (size // members) * (1 - (1 - share) ** members)
        members //= 2
    return runs / size


def run_waiting(session: Session, waiting: Iterable[Mutant], most: int) -> int:
    """Run mutants together, ``most`` at once, that wait for it; return the number of runs."""
    evidence = session.evidence
    trials = ((mutant_trial(session.id, mutant, FIRST).id, mutant) for mutant in waiting)
    here = [mutant for trial, mutant in trials if evidence.kind_of(trial) == evidence.here]
    return _run_grouped(session, here, most)


def waiting_of(session: Session, mutants: Iterable[Mutant]) -> list[Mutant]:
    """Return those whose first run ended where a clean run had stood, and proves nothing yet.

    Those of another kind of machine are among them, as no joint run of this kind speaks for them.
    """
    settled = session.file.settled_runs(TrialKind.MUTANT)
    ended = {trial for trial, rule in settled if rule == Rule.TOGETHER}
    if not ended:
        return []
    evidence, waiting = session.evidence, []
    for mutant in mutants:
        trial = mutant_trial(session.id, mutant, FIRST).id
        if trial in ended:
            joint = evidence.joint_runs_on(evidence.kind_of(trial))
            if not joint.showing(mutant.id):
                waiting.append(mutant)
    return waiting


def _run_grouped(session: Session, mutants: Sequence[Mutant], most: int) -> int:
    """Run mutants in groups, and those that others may hide in groups without these."""
    # Runs end in any order, which is not to decide what runs together.
    mutants = sorted(mutants, key=lambda mutant: mutant.id)
    joint = _joint_runs(session)
    fresh = [mutant for mutant in mutants if not joint.has_mutant(mutant.id)]
    ran = _run_halving(session, spread(fresh, most))
    joint = _joint_runs(session)
    again = [mutant for mutant in mutants if joint.may_be_hidden_by(mutant.id)]
    return ran + _run_halving(session, apart(again, joint))


def _run_halving(session: Session, groups: Sequence[Sequence[Mutant]]) -> int:
    ran = 0
    while groups:
        ran += _run_groups(session, groups)
        joint = _joint_runs(session)
        groups = [
            half
            for group in groups
            if not joint.has_trial(joint_trial(session.id, group).id)
            for half in _halves(group)
            if len(half) > 1
        ]
    return ran


def _joint_runs(session: Session) -> JointRuns:
    return session.evidence.joint_runs_on(session.evidence.here)


def _halves(group: Sequence[Mutant]) -> tuple[Sequence[Mutant], Sequence[Mutant]]:
    middle = len(group) // 2
    return group[:middle], group[middle:]


def _candidates(
    session: Session, mutants: Iterable[Mutant], settled: Collection[str]
) -> list[Mutant]:
    """Return the mutants without a run that are expected to be masked.

    Their code is that of a module or of the body of a class, as in tables that nothing reads, or
    that of an annotation that nothing evaluates.
    """
    finished, clean = session.finished_first_ids(), session.evidence.clean[FIRST]
    expected = []
    for mutant in mutants:
        is_open = mutant.id not in settled
        if is_open and mutant_trial(session.id, mutant, FIRST).id not in finished:
            facts = session.evidence.facts(mutant.id)
            if may_run_together(mutant, facts, clean):
                expected.append(mutant)
    outside = _outside_functions(session, expected)
    return [m for m in expected if m.id in outside or m.context is Context.DEFERRED]


def _outside_functions(session: Session, mutants: Iterable[Mutant]) -> set[str]:
    outside: set[str] = set()
    for source, members in _by_source(session, mutants):
        outside |= outside_functions(source, members, session.subject.interpreter.grammar)
    return outside


def _by_source(
    session: Session, mutants: Iterable[Mutant]
) -> Iterator[tuple[SourceText, list[Mutant]]]:
    """Yield each file's text with the mutants of it."""
    files: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in mutants:
        files.setdefault((mutant.root, mutant.file), []).append(mutant)
    for _, members in sorted(files.items()):
        yield decode(session.subject.path_of(members[0]).read_bytes()), members


def _run_groups(session: Session, groups: Iterable[Sequence[Mutant]]) -> int:
    """Run the groups that have not run yet; return the number of runs."""
    by_trial = {joint_trial(session.id, group): group for group in groups}
    trials = session.missing(by_trial)

    def instructions_of(trial: Trial) -> Instructions:
        members = by_trial.get(trial)
        return _instructions(session, members) if members else NO_INSTRUCTIONS

    return session.run_all(
        Title(Stage.TOGETHER, "runs of several mutants together"), trials, instructions_of
    )


def _instructions(session: Session, group: Sequence[Mutant]) -> Instructions:
    texts: dict[tuple[str, str], str] = {}
    groups: list[dict[str, Any]] = []
    for source, members in _by_source(session, group):
        joint = joint_text(source, members, len(groups))
        texts[members[0].root, members[0].file] = joint.text
        groups += joint.groups
    return Instructions(probed=texts, groups=tuple(groups))
