"""The rules that settle a mutant without a run to the end, and what each of them asks for."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import pairwise

from trainwreck.judge.baseline_evidence import CleanRuns
from trainwreck.model import (
    APP,
    JointRun,
    Mutant,
    OperatorCode,
    Outcome,
    Probe,
    ProbeKind,
    Rule,
)
from trainwreck.model.probe import DoubtOfText

CONSTANTS = (OperatorCode.NVR, OperatorCode.BVR)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one mutant.

    ``outcome`` is that of its first run, ``second`` that of one more with the same seed.
    ``same_code``: it compiles to the clean bytecode. ``probe_digest`` is how the probed run
    ended that ``probe`` comes from. ``same_whole`` is the number of evaluations of the whole
    expression around the edit, all with the clean value; None where one differed or may have.
    ``unread`` is how often a module stored the changed constant, which nothing reads; None where
    something does or may.
    ``joint`` are runs of it and others at once, which show it to be masked. ``executed``: a clean
    run executes the statement before which a run of the mutant counts.
    ``log`` is what a run printed that an exception ended.
    """

    outcome: Outcome | None = None
    probe: Probe | None = None
    probe_digest: str = ""
    same_code: bool = False
    log: str = ""
    second: Outcome | None = None
    same_whole: int | None = None
    unread: int | None = None
    joint: tuple[JointRun, ...] = ()
    executed: bool = False


def rule_without_run(facts: Facts, clean: CleanRuns, rules: Collection[Rule]) -> Rule | None:
    """Return the rule that settles a mutant before any run of its own, None without one."""
    if Rule.SAME_CODE in rules and facts.same_code:
        return Rule.SAME_CODE
    rule = None
    if facts.probe is not None and probe_counts(facts, clean):
        rule = _rule_of_probe(facts.probe)
        if rule is None and facts.same_whole is not None:
            rule = Rule.SAME_CALL
        if (rule is None or rule not in rules) and facts.unread is not None:
            rule = Rule.UNREAD
    if (rule is None or rule not in rules) and facts.joint:
        rule = Rule.TOGETHER
    return rule if rule in rules else None


def _rule_of_probe(probe: Probe) -> Rule | None:
    """Return the rule by which a record that counts settles its mutant, None without one."""
    if probe.differing:
        return None
    if probe.kind is ProbeKind.DEFAULT:
        return Rule.UNUSED_DEFAULT
    never = probe.evaluations == 0
    return Rule.PROBE if never or probe.kind is ProbeKind.VALUE else None


def probe_counts(facts: Facts, clean: CleanRuns) -> bool:
    """Return whether the probe proves anything: its run ended as clean runs with its seed do."""
    determinism = clean.determinism
    return (
        facts.probe is not None
        and not facts.probe.doubt
        and determinism.repeats
        and facts.probe_digest in determinism.digests
    )


def of_text(facts: Facts) -> Facts:
    """Return the facts without a doubt that a run does not have which is a mutant's in all else.

    A run of several mutants has the texts of all of them, so it shows what the program does that
    reads its source.
    """
    if facts.probe is None or facts.probe.doubt not in set(DoubtOfText):
        return facts
    return replace(facts, probe=replace(facts.probe, doubt=""))


def may_run_together(mutant: Mutant, facts: Facts, clean: CleanRuns) -> bool:
    """Return whether a mutant is expected to be masked, and may run with others at once.

    These are constants of libraries that are evaluated once, and annotations of libraries that
    nothing evaluates. Constants of functions are to be left out, which their syntax shows.
    """
    probe = facts.probe
    if probe is None or mutant.root == APP or not probe_counts(of_text(facts), clean):
        return False
    if probe.doubt == DoubtOfText.NEVER_EVALUATED:
        return True
    return (
        probe.kind is ProbeKind.EVALUATIONS
        and probe.evaluations == 1
        and mutant.operator in CONSTANTS
        and mutant.evaluated is not None
    )


def may_stand_clean(mutant: Mutant, facts: Facts, clean: CleanRuns) -> bool:
    """Return whether a run that equals a clean one at its first report may wait for a joint run.

    That is where a library's code has been evaluated by then, in whatever way it is later: the
    joint run goes to its end, and counts it. Of the program's own code, only that waits which
    runs before each report, as in a training loop: the rest often shows at the end.
    """
    probe = facts.probe
    if probe is None or mutant.evaluated is None or probe.kind is ProbeKind.DEFAULT:
        return False
    if mutant.root == APP and not _is_steady(probe, clean):
        return False
    return probe_counts(of_text(facts), clean) and probe.hits > 0 and has_states(clean)


def _is_steady(probe: Probe, clean: CleanRuns) -> bool:
    """Return whether an expression is evaluated equally often before each report, and no more."""
    counts = probe.counts
    if len(counts) < 2 or len(counts) != clean.reports:
        return False
    growth = {later - earlier for earlier, later in pairwise((0, *counts))}
    return len(growth) == 1 and 0 not in growth and counts[-1] == probe.evaluations


def has_states(clean: CleanRuns) -> bool:
    """Return whether a run can be compared with clean ones at a report that is not its last."""
    return bool(clean.checkpoints) and clean.reports > 1
