"""The clean runs of one seed, for mutant runs to be compared with."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeVar

from trainwreck.judge.covers import NOTHING_COVERED, covers_of
from trainwreck.model import IMPORT_PHASE, CleanEndings, DigestCovers, Draw, Outcome, Result
from trainwreck.stats.describe import chance_of_unseen, mean_and_deviation

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class DeterminismCheck:
    """The clean digests of one seed (and fold).

    ``runs`` clean runs ended in ``digests``. The last ``without_news`` runs of the clean program,
    watched ones included, ended in one that a clean run had shown before. Of ``watched`` runs
    (measured or probed), ``agreeing`` reported the values of a clean run. Their digests are not
    in the set, because watching may have changed them. ``repeats`` is false where clean runs
    never gave the same digest twice: then a digest proves nothing.
    """

    seed: int
    runs: int
    digests: frozenset[str]
    without_news: int
    fold: int = 0
    watched: int = 0
    agreeing: int = 0

    @property
    def repeats(self) -> bool:
        """Return whether some clean run ended as an earlier one had."""
        return len(self.digests) < self.runs

    @property
    def chance_of_unseen(self) -> float:
        """Return the upper 95 % bound of the chance that the next clean run has a new digest."""
        return chance_of_unseen(self.without_news)

    @property
    def endings(self) -> CleanEndings:
        """Return the results of the clean runs as evidence."""
        return _endings_of(len(self.digests), self.runs, self.without_news)


@lru_cache(maxsize=1024)
def _endings_of(digests: int, runs: int, without_news: int) -> CleanEndings:
    """Return the results of clean runs as evidence, one noun for all mutants."""
    return CleanEndings(digests, runs, chance_of_unseen(without_news))


@dataclass(frozen=True, slots=True)
class CleanRuns:
    """The clean runs of one seed.

    ``steps`` are their different records of reported values, ``work`` what they did,
    ``cpu_seconds`` mean and deviation. ``checkpoints`` are the digests at the first report: empty
    where they did not repeat or could not be taken. ``reports`` is the smallest number of reports
    of a run. ``phases`` are in order, none if one begins twice. ``endings`` maps each checkpoint
    and state to the final digest of the first run that had it. ``results`` are the different ones,
    and ``covers`` is what their digests cover.
    """

    determinism: DeterminismCheck
    steps: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    work: tuple[Mapping[str, int], ...] = ()
    cpu_seconds: tuple[float, float] = (0.0, 0.0)
    checkpoints: frozenset[str] = frozenset()
    reports: int = 0
    phases: tuple[str, ...] = ()
    endings: Mapping[str, str] = field(default_factory=dict)
    results: tuple[Result, ...] = ()
    covers: DigestCovers = NOTHING_COVERED


def check_determinism(
    draw: Draw, outcomes: Iterable[Outcome], watched: Collection[str] = ()
) -> DeterminismCheck:
    """Return the determinism check of a seed and fold.

    A watched run that ends where no clean run had ended is news, and its digest does not become a
    clean one. A run without a digest of parameters whose values are a clean run's is neither news
    nor a run without news.

    Args:
        draw: the seed and fold of all ``outcomes``.
        outcomes: runs of the clean program, in the order of running.
        watched: trial ids of the runs that coverage.py or probes watched.

    """
    outcomes = list(outcomes)
    digests: set[str] = set()
    results: list[Result] = []
    without_news = 0
    for outcome in outcomes:
        if outcome.digest in digests:
            without_news += 1
        elif outcome.trial_id not in watched or not _agrees(outcome, digests, results):
            without_news = 0
        if outcome.trial_id not in watched and outcome.digest not in digests:
            digests.add(outcome.digest)
            results.append(outcome.result)
    seen = [outcome for outcome in outcomes if outcome.trial_id in watched]
    return DeterminismCheck(
        draw.seed,
        len(outcomes) - len(seen),
        frozenset(digests),
        without_news,
        draw.fold,
        watched=len(seen),
        agreeing=sum(_agrees(outcome, digests, results) for outcome in seen),
    )


def _agrees(outcome: Outcome, digests: Collection[str], results: Collection[Result]) -> bool:
    """Return whether a watched run ended as a clean run, as far as it was read.

    No parameters are read in a measured run: an equal rest is then all that can be asked for.
    """
    if outcome.digest in digests:
        return True
    without = [replace(result, parameters=None) for result in results]
    return outcome.parameters is None and outcome.result in without


def clean_runs_of(
    draw: Draw, outcomes: Iterable[Outcome], watched: Collection[str] = ()
) -> CleanRuns:
    """Return all that the runs of the clean program show.

    The arguments are those of `check_determinism`, for which alone watched runs count.
    """
    outcomes = list(outcomes)
    determinism = check_determinism(draw, outcomes, watched)
    outcomes = [outcome for outcome in outcomes if outcome.trial_id not in watched]
    results = _different([outcome.result for outcome in outcomes])
    cpu_seconds = [outcome.cpu_seconds for outcome in outcomes]
    return CleanRuns(
        determinism=determinism,
        steps=tuple(_different([outcome.steps for outcome in outcomes])),
        work=tuple(_different([outcome.work for outcome in outcomes])),
        cpu_seconds=mean_and_deviation(cpu_seconds) if cpu_seconds else (0.0, 0.0),
        checkpoints=_checkpoints(outcomes),
        reports=min((len(outcome.reports) for outcome in outcomes), default=0),
        phases=_phases(outcomes[0]) if outcomes else (),
        endings=_endings(outcomes),
        results=tuple(results),
        covers=covers_of(outcomes, results),
    )


def _checkpoints(outcomes: Iterable[Outcome]) -> frozenset[str]:
    """Return the states at the first report; none where results hold more than what they hold.

    A checkpoint holds neither the files that the program writes nor what its printed states stand
    for: an equal checkpoint says nothing about them.
    """
    if any(o.result.files is not None or o.result.state is not None for o in outcomes):
        return frozenset()
    return _repeated([o.checkpoint for o in outcomes if o.checkpoint])


def _endings(outcomes: Iterable[Outcome]) -> dict[str, str]:
    endings: dict[str, str] = {}
    for outcome in outcomes:
        for mark in (outcome.checkpoint, *outcome.states.values()):
            if mark:
                endings.setdefault(mark, outcome.digest)
    return endings


def _phases(outcome: Outcome) -> tuple[str, ...]:
    names = (IMPORT_PHASE, *(phase.name for phase in outcome.phases))
    return names if len(set(names)) == len(names) else ()


def _repeated(digests: list[str]) -> frozenset[str]:
    """Return the distinct digests, or none where no digest came twice: they prove nothing then."""
    distinct = frozenset(digests)
    return distinct if len(distinct) < len(digests) else frozenset()


def _different(values: list[Value]) -> list[Value]:
    return [value for index, value in enumerate(values) if value not in values[:index]]
