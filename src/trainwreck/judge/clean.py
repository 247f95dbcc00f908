"""What clean runs of one seed show, for buggy runs to be compared with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from trainwreck.model import IMPORT_PHASE, Draw, Outcome
from trainwreck.stats import chance_of_unseen, mean_and_deviation

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Certificate:
    """The clean digests of one seed (and fold).

    ``runs`` clean runs ended in ``digests``, the last ``without_news`` of them in one that had
    been seen before. ``repeats`` is false where clean runs never gave the same digest twice:
    then a digest tells nothing.
    """

    seed: int
    runs: int
    digests: frozenset[str]
    without_news: int
    fold: int = 0

    @property
    def repeats(self) -> bool:
        """Whether some clean run ended as an earlier one had."""
        return len(self.digests) < self.runs

    @property
    def summary(self) -> str:
        """How many clean runs ended in how many ways."""
        digests = len(self.digests)
        return f"{digests} digest{'s' if digests != 1 else ''} of {self.runs} clean runs"

    @property
    def chance_of_unseen(self) -> float:
        """The largest plausible chance that the next clean run gives a new digest."""
        return chance_of_unseen(self.without_news)


@dataclass(frozen=True, slots=True)
class Clean:
    """The clean runs of one seed.

    ``steps`` are their different records of reported values, ``work`` what they did,
    ``cpu_seconds`` mean and deviation. ``checkpoints`` are the digests at the first report, and
    ``states`` those at the start of each phase: empty where they did not repeat or could not be
    taken. ``opaque`` are the kinds of object that the states could not look into; ``reports`` is
    the smallest number of reports of a run. ``phases`` are in order, none if one begins twice.
    """

    certificate: Certificate
    steps: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    work: tuple[Mapping[str, int], ...] = ()
    cpu_seconds: tuple[float, float] = (0.0, 0.0)
    checkpoints: frozenset[str] = frozenset()
    states: Mapping[str, frozenset[str]] = field(default_factory=dict)
    opaque: tuple[str, ...] = ()
    reports: int = 0
    phases: tuple[str, ...] = ()


def certify(draw: Draw, outcomes: Iterable[Outcome]) -> Certificate:
    """The certificate of a seed and fold from its clean outcomes, in the order of running."""
    seen: set[str] = set()
    runs = without_news = 0
    for outcome in outcomes:
        runs += 1
        without_news = without_news + 1 if outcome.digest in seen else 0
        seen.add(outcome.digest)
    return Certificate(draw.seed, runs, frozenset(seen), without_news, draw.fold)


def clean_of(draw: Draw, outcomes: Iterable[Outcome]) -> Clean:
    """All that the clean outcomes of a seed and fold show, in the order in which they ran."""
    outcomes = list(outcomes)
    phases = sorted({phase for outcome in outcomes for phase in outcome.states})
    states = {
        phase: _repeated([o.states[phase] for o in outcomes if phase in o.states])
        for phase in phases
    }
    cpu_seconds = [outcome.cpu_seconds for outcome in outcomes]
    return Clean(
        certificate=certify(draw, outcomes),
        steps=tuple(_different([outcome.steps for outcome in outcomes])),
        work=tuple(_different([outcome.work for outcome in outcomes])),
        cpu_seconds=mean_and_deviation(cpu_seconds) if cpu_seconds else (0.0, 0.0),
        checkpoints=_repeated([o.checkpoint for o in outcomes if o.checkpoint]),
        states={phase: digests for phase, digests in states.items() if digests},
        opaque=tuple(sorted({kind for outcome in outcomes for kind in outcome.opaque})),
        reports=min((len(outcome.reports) for outcome in outcomes), default=0),
        phases=_phases(outcomes[0]) if outcomes else (),
    )


def _phases(outcome: Outcome) -> tuple[str, ...]:
    names = (IMPORT_PHASE, *(phase.name for phase in outcome.phases))
    return names if len(set(names)) == len(names) else ()


def _repeated(digests: list[str]) -> frozenset[str]:
    """The digests, if any of them came twice: otherwise they tell nothing."""
    found = frozenset(digests)
    return found if len(found) < len(digests) else frozenset()


def _different(values: list[Value]) -> list[Value]:
    return [value for index, value in enumerate(values) if value not in values[:index]]
