"""Trials: which runs a campaign intends."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from trainwreck.model.draws import FIRST, FIRST_SEED, draws
from trainwreck.model.identity import content_id
from trainwreck.model.mutant import Mutant
from trainwreck.model.trial import Draw, Trial, TrialKind

CONTROL_EVERY = 50
FURTHER_CONTROLS = 1 << 32
"""The number from which controls are counted that belong to one trial each."""
CONTROLS_OF_MACHINES = 2 * FURTHER_CONTROLS
"""The number from which controls are counted that a machine makes before its first other run."""

LANE = 1 << 34
"""The number from which clean trials of the first shard are counted; it exceeds all others."""
LANES_OF_KINDS = 1 << 28
"""The first lane of a kind of machine beside that of the baseline; there are as many of them."""


def lane_of_kind(kind: str, shard: int) -> int:
    """Return the lane of the clean trials that a shard makes on a further kind of machine."""
    return LANES_OF_KINDS + int(content_id(kind, shard), 16) % LANES_OF_KINDS


def in_lane(trial: Trial, lane: int) -> Trial:
    """Return a trial of the clean program with a number that only this shard gives.

    Shards run clean trials of their own, which would have one id otherwise. Other trials, those
    that have a lane, and all where ``lane`` is 0, stay as they are.
    """
    if trial.is_buggy or not lane or trial.repeat >= LANE:
        return trial
    return replace(trial, repeat=trial.repeat + lane * LANE)


def control_of(subject: str, trial: Trial) -> Trial:
    """Return the clean control that belongs to one trial: it runs before it, or right after."""
    number = int(trial.id, 16) % FURTHER_CONTROLS
    return Trial(subject, TrialKind.CONTROL, FIRST_SEED, repeat=FURTHER_CONTROLS + number)


def control_on(subject: str, place: str) -> Trial:
    """Return the clean control of one machine, by a text that names the machine and the time."""
    number = int(content_id(place), 16) % FURTHER_CONTROLS
    return Trial(subject, TrialKind.CONTROL, FIRST_SEED, repeat=CONTROLS_OF_MACHINES + number)


def is_of_machine(trial: Trial) -> bool:
    """Return whether a trial is the clean control of one machine, beside those that were wanted."""
    return trial.kind is TrialKind.CONTROL and trial.repeat >= CONTROLS_OF_MACHINES


def clean_trials(subject: str, seeds: int, repeats: int, folds: int) -> list[Trial]:
    """List the clean trials: every seed and fold once, then ``repeats`` more of the first.

    Args:
        subject: The fingerprint of the subject.
        seeds: The number of seeds.
        repeats: The number of further trials with the first seed and fold.
        folds: The number of folds for each seed.

    """
    once = [Trial(subject, TrialKind.CLEAN, draw.seed, draw.fold) for draw in draws(seeds, folds)]
    again = [
        Trial(subject, TrialKind.CLEAN, FIRST_SEED, repeat=repeat)
        for repeat in range(1, repeats + 1)
    ]
    return [*once, *again]


def warming_trial(subject: str) -> Trial:
    """Return the trial that fills the program's cache of compiled code for all others."""
    return Trial(subject, TrialKind.WARMING, FIRST_SEED)


def coverage_trials(subject: str) -> list[Trial]:
    """Return two measured trials with one seed, to compare the lines that they cover."""
    return [Trial(subject, TrialKind.COVERAGE, FIRST_SEED, repeat=repeat) for repeat in range(2)]


def further_clean_trials(subject: str, existing: int, number: int) -> list[Trial]:
    """Return additional clean trials with the first seed.

    Args:
        subject: The fingerprint of the subject.
        existing: The number of such trials that exist; the new ones are numbered from it.
        number: The number of additional trials.

    """
    repeats = range(existing, existing + number)
    return [Trial(subject, TrialKind.CLEAN, FIRST_SEED, repeat=repeat) for repeat in repeats]


def probe_trial(subject: str, repeat: int) -> Trial:
    """Return the trial of the clean program with probes in it."""
    return Trial(subject, TrialKind.PROBE, FIRST_SEED, repeat=repeat)


def audit_trial(subject: str, mutant: Mutant, repeat: int = 0, draw: Draw = FIRST) -> Trial:
    """Return the complete trial of a mutant, which checks a decision that was made without it."""
    return Trial(subject, TrialKind.AUDIT, draw.seed, draw.fold, repeat=repeat, mutant=mutant)


def joint_trial(subject: str, mutants: Iterable[Mutant]) -> Trial:
    """Return the trial of several mutants at once, whose number stands for all of them."""
    ids = sorted(mutant.id for mutant in mutants)
    number = int(content_id(*ids), 16) % FURTHER_CONTROLS
    return Trial(subject, TrialKind.TOGETHER, FIRST_SEED, repeat=number)


def mutant_trials(subject: str, mutants: Iterable[Mutant], lane: int = 0) -> Iterator[Trial]:
    """Yield one trial per mutant with the first seed, and a clean control before every fiftieth.

    The controls are those of shard ``lane``, if it is not 0.
    """
    for index, mutant in enumerate(mutants):
        if index % CONTROL_EVERY == 0:
            control = Trial(subject, TrialKind.CONTROL, FIRST_SEED, repeat=index // CONTROL_EVERY)
            yield in_lane(control, lane)
        yield Trial(subject, TrialKind.MUTANT, FIRST_SEED, mutant=mutant)


def second_trial(subject: str, mutant: Mutant) -> Trial:
    """Return the trial that repeats the first run of a mutant, with the same seed."""
    return Trial(subject, TrialKind.MUTANT, FIRST_SEED, repeat=1, mutant=mutant)


def mutant_trial(subject: str, mutant: Mutant, draw: Draw) -> Trial:
    """Return the trial of a mutant with one seed and fold."""
    return Trial(subject, TrialKind.MUTANT, draw.seed, draw.fold, mutant=mutant)
