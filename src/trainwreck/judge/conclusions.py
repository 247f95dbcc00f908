"""The conclusions about one mutant: symptom and rung, by its runs beside clean ones."""

from collections.abc import Iterable
from dataclasses import dataclass

from trainwreck.judge.baseline_evidence import CleanRuns, DeterminismCheck
from trainwreck.judge.early_rules import Facts, probe_counts
from trainwreck.model import (
    CleanEvaluations,
    Ending,
    Outcome,
    Probe,
    ProbeKind,
    Rung,
    Second,
    Symptom,
)
from trainwreck.model.chosen_process import chosen_process
from trainwreck.model.second_hand import is_echo, is_exit_code, is_of_peer

HANG_ENDINGS = frozenset([Ending.TIME, Ending.CPU, Ending.OUTPUT, Ending.STUCK])


def symptom_of(outcome: Outcome, metrics: Iterable[str]) -> Symptom | None:
    """Return normal, crash or hang, as the paper defines them (its section III-A).

    None where the run proves nothing: it is broken or lost.

    Normal is a run that ends by itself with output of the clean format, however absurd its
    values: every metric that clean runs report was reported. A run that a rule ended early is
    normal as well: it stood where a clean run had stood, and metrics may be printed later.
    """
    if not outcome.exit.proves:
        return None
    if outcome.exit.ending in HANG_ENDINGS:
        return Symptom.HANG
    if outcome.settled:
        return Symptom.NORMAL
    if outcome.exit.fine and all(outcome.steps.get(name) for name in metrics):
        return Symptom.NORMAL
    return Symptom.CRASH


def may_be_chance(outcome: Outcome) -> bool:
    """Return whether no exception says why a run crashed, which alone connects it with a cause.

    Threads of PyTorch's Gloo, for example, abort one in a hundred healthy runs while Python ends
    (https://github.com/pytorch/pytorch/pull/179291). A launcher then raises what names the dead
    process, and other processes that their peer has gone.
    """
    ended_itself = outcome.exit.ending in (Ending.EXITED, Ending.SIGNAL)
    return ended_itself and not outcome.exit.fine and not _is_explained(outcome)


def _is_explained(outcome: Outcome) -> bool:
    error, chosen = outcome.error, chosen_process(outcome.observations)
    if error is None or is_echo([error.type, *(each.type for each in error.chain)]):
        return False
    if chosen is None:
        return True
    passed_on = is_exit_code(error.type, error.message)
    return not passed_on and not (chosen.ranks > 1 and is_of_peer(error.type, error.message))


@dataclass(frozen=True, slots=True)
class UnseenEnding:
    """The result of a first run that no clean run has: see the same fields of a verdict."""

    second: Second | None = None
    unseen: tuple[str, ...] = ()


def unseen_ending(
    facts: Facts, outcome: Outcome, determinism: DeterminismCheck, metrics: tuple[str, ...]
) -> UnseenEnding:
    """Return the unseen digests of a mutant's runs with the first seed, and of a second one."""
    if not determinism.repeats or outcome.digest in determinism.digests:
        return UnseenEnding()
    unseen, second = [outcome.digest], facts.second
    if second is not None and symptom_of(second, metrics) is Symptom.NORMAL:
        unseen += [second.digest] if second.digest != outcome.digest else []
    unseen = [digest for digest in unseen if digest not in determinism.digests]
    asked = _second_of(second, outcome, determinism, metrics) if outcome.hits else None
    return UnseenEnding(asked, tuple(unseen))


def _second_of(
    second: Outcome | None, first: Outcome, determinism: DeterminismCheck, metrics: tuple[str, ...]
) -> Second | None:
    """Return how the second run ended; None where there is none, and one clean ending."""
    if second is None:
        return Second.MISSING if len(determinism.digests) > 1 else None
    if second.exit.proves and symptom_of(second, metrics) is not Symptom.NORMAL:
        return Second.FAILED
    if not second.exit.proves or not second.hits:
        # Like a first run without a hit, it proves nothing about the changed code.
        return Second.UNREACHED
    if second.digest in determinism.digests:
        return Second.CLEAN
    return Second.SAME if second.digest == first.digest else Second.OTHER


def rung_of(facts: Facts, outcome: Outcome, clean: CleanRuns, second: Second | None) -> Rung | None:
    """Return how far a mutant got that finished; None where that cannot be concluded."""
    determinism = clean.determinism
    if outcome.hits is None:
        return None
    differs = determinism.repeats and outcome.digest not in determinism.digests
    if not outcome.hits:
        # A result that differs without a hit: code that ran uncounted, or chance. A clean run that
        # evaluates the code: this run took another way, for a reason that is not the bug.
        return None if differs or clean_evaluations(facts) else Rung.UNREACHED
    if not determinism.repeats:
        return None
    if differs:
        return Rung.MASKED if second is Second.CLEAN else Rung.PROPAGATED
    probe = counting_probe(facts, clean)
    equal = probe and probe.kind is ProbeKind.VALUE and probe.evaluations and not probe.differing
    return Rung.UNINFECTED if equal else Rung.MASKED


def second_of_crash(
    second: Outcome | None, first: Outcome, clean: CleanRuns, metrics: tuple[str, ...]
) -> Second | None:
    """Return how the second run ended; None where the first one shows why it crashed."""
    if not may_be_chance(first):
        return None
    if second is None:
        return Second.MISSING
    match symptom_of(second, metrics):
        case Symptom.NORMAL:
            is_clean = second.digest in clean.determinism.digests
            return Second.CLEAN if is_clean else Second.OTHER
        case Symptom.CRASH:
            return Second.SAME
        case Symptom.HANG:
            return Second.FAILED
        case None:
            return Second.UNREACHED


def clean_evaluations(facts: Facts) -> CleanEvaluations | None:
    """Return how often a clean run evaluates the changed code; None where it is not known to.

    Also a probe that proves nothing by its values has seen its evaluations.
    """
    probe = facts.probe
    if probe is not None:
        number = probe.hits if probe.kind is ProbeKind.DEFAULT else probe.evaluations
        if number:
            return CleanEvaluations(number)
    return CleanEvaluations(None) if facts.executed else None


def counting_probe(facts: Facts, clean: CleanRuns) -> Probe | None:
    """Return the record of the probe if it counts and knows which evaluations differ."""
    if facts.probe is None or facts.probe.kind is ProbeKind.EVALUATIONS:
        return None
    return facts.probe if probe_counts(facts, clean) else None
