"""Comparison of one run with the clean ones: first divergence, distance to its bug, and effort."""

from collections.abc import Mapping
from functools import lru_cache

from trainwreck.judge.baseline_evidence import CleanRuns
from trainwreck.model import Distance, Divergence, Effort, Mutant, Outcome, Pace
from trainwreck.model.start import STARTED, is_warm

FAR = 0.25
"""Times that differ by less than a quarter of the clean mean are alike, whatever their spread."""

DEVIATIONS = 4


def divergence_of(outcome: Outcome, clean: CleanRuns) -> Divergence | None:
    """Return the first reported value with which the run leaves every clean one.

    Metrics are compared step by step. None where one clean run reported all the same values.
    """
    left = list(clean.steps)
    names = sorted({name for steps in (*left, outcome.steps) for name in steps})
    longest = max(
        (len(values) for steps in (*left, outcome.steps) for values in steps.values()), default=0
    )
    for index in range(longest):
        for metric in names:
            value = _at(outcome.steps, metric, index)
            agreeing = [steps for steps in left if _at(steps, metric, index) == value]
            if not agreeing:
                usual = {_at(steps, metric, index) for steps in left}
                texts = tuple(sorted(text for text in usual if text is not None))
                phase = _phase_of_step(outcome, metric, index)
                return Divergence(metric, index + 1, phase, value, texts)
            left = agreeing
    return None


def _at(steps: Mapping[str, tuple[str, ...]], metric: str, index: int) -> str | None:
    values = steps.get(metric, ())
    return values[index] if index < len(values) else None


def _phase_of_step(outcome: Outcome, metric: str, index: int) -> str:
    """Return the phase in which a value was reported, or the last phase where no report has it."""
    reports = [report for report in outcome.reports for name in report.metrics if name == metric]
    if index < len(reports):
        return outcome.phase_at(reports[index].seconds)
    return outcome.phase


def distance_of(mutant: Mutant, outcome: Outcome) -> Distance | None:
    """Return how far from the edit the exception was raised; None without a traceback.

    Of several edits it is not known which one is to blame.
    """
    error = outcome.error
    if error is None or not error.frames or len(mutant.edits) > 1 or len(mutant.parts) > 1:
        return None
    name = mutant.function.rsplit(".", 1)[-1]
    own = [
        index
        for index, frame in enumerate(error.frames)
        if frame.file == mutant.file and frame.function == name
    ]
    raised = error.frames[-1]
    seconds = None
    if error.seconds is not None and outcome.first_hit is not None:
        seconds = max(0.0, error.seconds - outcome.first_hit)
    return Distance(
        calls=len(error.frames) - 1 - own[-1] if own else None,
        lines=abs(raised.line - mutant.span.line) if raised.file == mutant.file else None,
        seconds=seconds,
    )


def effort_of(outcome: Outcome, clean: CleanRuns) -> Effort | None:
    """Compare work and time with clean runs; None without times, or for a run ended early."""
    mean, deviation = clean.cpu_seconds
    if not mean or outcome.settled or is_warm(outcome.observations.get(STARTED)):
        return None
    work = _work(_items(outcome.work), tuple(map(_items, clean.work)))
    ratio = outcome.cpu_seconds / mean
    change = _change(work)
    if change:
        pace = Pace.MORE_WORK if change > 0 else Pace.LESS_WORK
    elif abs(outcome.cpu_seconds - mean) <= max(FAR * mean, DEVIATIONS * deviation):
        pace = Pace.ALIKE
    else:
        pace = Pace.SLOWER if ratio > 1 else Pace.FASTER
    return Effort(pace, work, ratio)


_Counts = tuple[tuple[str, int], ...]
"""The counts of a run by name, as the key of a cache."""


def _items(work: Mapping[str, int]) -> _Counts:
    return tuple(work.items())


@lru_cache(maxsize=4096)
def _work(done_counts: _Counts, clean_counts: tuple[_Counts, ...]) -> dict[str, tuple[int, int]]:
    """Return each count of this run, and the nearest count of a clean run, by name.

    Most runs do the work of the others, and share the answer.
    """
    done, clean = dict(done_counts), list(map(dict, clean_counts))
    names = sorted({name for counts in (done, *clean) for name in counts})
    pairs = {}
    for name in names if clean else ():
        here = done.get(name, 0)
        usual = min((counts.get(name, 0) for counts in clean), key=lambda n: abs(n - here))
        pairs[name] = (here, usual)
    return pairs


def _change(work: Mapping[str, tuple[int, int]]) -> float:
    """Return the largest relative change of a count: above 0 for more work, below for less."""
    changes = [(here - clean) / max(here, clean) for here, clean in work.values() if here != clean]
    return max(changes, key=abs, default=0.0)
