"""Mutants and seeds to trials: what is drawn, in which order, with which seed."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

from trainwreck.model import IMPORT_PHASE, Draw, FileFrame, Mutant, Trial, TrialKind

FIRST_SEED = 0
FIRST = Draw(FIRST_SEED)
"""What every mutant's first run starts from."""

LOOKS = (3, 5, 10, 20, 30)
"""After so many runs a propagated mutant is compared with the clean program."""

LEAST_TURN = 0.15
CONTROL_EVERY = 50

Executed = Mapping[int, frozenset[str]]
"""The phases in which each line of a file runs."""


def phases_of(mutant: Mutant, executed: Executed) -> tuple[str, ...]:
    """The phases in which the clean program runs the mutant's statement, sorted, import first."""
    first, last = mutant.lines
    found = {phase for line in range(first, last + 1) for phase in executed.get(line, ())}
    return tuple(sorted(found, key=lambda phase: (phase != IMPORT_PHASE, phase)))


def draw_nodes(mutants: Sequence[Mutant], per_file: int, seed: int) -> list[Mutant]:
    """All mutants of at most ``per_file`` nodes of one file, drawn evenly by ``seed``."""
    nodes = sorted({mutant.node for mutant in mutants})
    if len(nodes) > per_file:
        source = random.Random(f"{seed} {mutants[0].root} {mutants[0].file}")
        nodes = source.sample(nodes, per_file)
    drawn = set(nodes)
    return [mutant for mutant in mutants if mutant.node in drawn]


def select(
    mutants: Sequence[Mutant], executed: Executed, per_file: int, seed: int
) -> tuple[list[Mutant], list[Mutant]]:
    """Of one file's mutants, those on executed lines, and those of them that are planned."""
    reached = [mutant for mutant in mutants if phases_of(mutant, executed)]
    return reached, draw_nodes(reached, per_file, seed)


def frame_of(
    root: str,
    file: str,
    mutants: Sequence[Mutant],
    dropped: int,
    reached: Sequence[Mutant],
    planned: Sequence[Mutant],
    problem: str,
) -> FileFrame:
    """The numbers of one file's selection."""
    return FileFrame(
        root=root,
        file=file,
        nodes=_node_number(mutants),
        mutants=len(mutants),
        dropped=dropped,
        executed_nodes=_node_number(reached),
        executed=len(reached),
        planned_nodes=_node_number(planned),
        planned=len(planned),
        problem=problem,
    )


def _node_number(mutants: Iterable[Mutant]) -> int:
    return len({mutant.node for mutant in mutants})


def in_turns(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """The order in which mutants run, so that the first N are a fair sample of each root.

    Within a root the order is random. While it has mutants left, each root gets ``LEAST_TURN`` of
    the turns (of many roots each gets half of an equal part), and beyond that they take turns in
    proportion to their mutants: a program's own few bugs do not wait for thousands of its
    library's.
    """
    by_root: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        by_root.setdefault(mutant.root, []).append(mutant)
    total = sum(map(len, by_root.values()))
    least = min(LEAST_TURN, 0.5 / len(by_root)) if by_root else 0.0
    places: list[tuple[float, str, Mutant]] = []
    for root, members in sorted(by_root.items()):
        members.sort(key=lambda mutant: mutant.id)
        random.Random(f"{seed} {root}").shuffle(members)
        weight = least + (1 - least * len(by_root)) * len(members) / total
        places += [((turn + 0.5) / weight, root, member) for turn, member in enumerate(members)]
    return [mutant for _, _, mutant in sorted(places, key=lambda place: place[:2])]


def draws(seeds: int, folds: int) -> list[Draw]:
    """Every fold of the first seed, then of the next."""
    return [Draw(FIRST_SEED + seed, fold) for seed in range(seeds) for fold in range(folds)]


def looks(seeds: int, folds: int) -> list[int]:
    """The numbers of runs after which propagated mutants are compared, the last one for good.

    With several folds only whole seeds are compared: folds differ in difficulty.
    """
    most = seeds * folds
    found = [look for look in LOOKS if look < most] if folds == 1 else range(folds, most, folds)
    return [*found, most] if most > 1 else []


def clean_trials(subject: str, seeds: int, repeats: int, folds: int) -> list[Trial]:
    """Clean runs: every seed and fold once, then the first, with which mutants run, again."""
    once = [Trial(subject, TrialKind.CLEAN, draw.seed, draw.fold) for draw in draws(seeds, folds)]
    again = [
        Trial(subject, TrialKind.CLEAN, FIRST_SEED, repeat=repeat)
        for repeat in range(1, repeats + 1)
    ]
    return [*once, *again]


def warming_trial(subject: str) -> Trial:
    """The run that compiles what all others find compiled."""
    return Trial(subject, TrialKind.WARMING, FIRST_SEED)


def coverage_trials(subject: str) -> list[Trial]:
    """Two measured runs with the same seed: whether they cover the same lines is a result."""
    return [Trial(subject, TrialKind.COVERAGE, FIRST_SEED, repeat=repeat) for repeat in range(2)]


def further_clean_trials(subject: str, made: int, number: int) -> list[Trial]:
    """Return ``number`` additional clean trials with the first seed, numbered from ``made``."""
    repeats = range(made, made + number)
    return [Trial(subject, TrialKind.CLEAN, FIRST_SEED, repeat=repeat) for repeat in repeats]


def probe_trial(subject: str, repeat: int) -> Trial:
    """A clean run with probes in it."""
    return Trial(subject, TrialKind.PROBE, FIRST_SEED, repeat=repeat)


def audit_trial(subject: str, mutant: Mutant, repeat: int = 0) -> Trial:
    """A mutant's run from start to end, whatever was decided without it."""
    return Trial(subject, TrialKind.AUDIT, FIRST_SEED, repeat=repeat, mutant=mutant)


def mutant_trials(subject: str, mutants: Iterable[Mutant]) -> Iterator[Trial]:
    """One run per mutant with the first seed, and a clean control before every fiftieth."""
    for index, mutant in enumerate(mutants):
        if index % CONTROL_EVERY == 0:
            yield Trial(subject, TrialKind.CONTROL, FIRST_SEED, repeat=index // CONTROL_EVERY)
        yield Trial(subject, TrialKind.MUTANT, FIRST_SEED, mutant=mutant)


def second_trial(subject: str, mutant: Mutant) -> Trial:
    """Return the trial that repeats the first run of a mutant, with the same seed."""
    return Trial(subject, TrialKind.MUTANT, FIRST_SEED, repeat=1, mutant=mutant)


def mutant_trial(subject: str, mutant: Mutant, draw: Draw) -> Trial:
    """One more run of a mutant."""
    return Trial(subject, TrialKind.MUTANT, draw.seed, draw.fold, mutant=mutant)
