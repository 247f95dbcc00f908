"""The order in which bugs are worth reading: silent ones by interest, harmful ones by harm."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from math import isfinite

from trainwreck.findings.fates import HARM, OPEN, Fate, fate_of
from trainwreck.findings.judged_campaign import JudgedCampaign
from trainwreck.model import (
    APP,
    IMPORT_PHASE,
    TIME,
    Better,
    Compared,
    Impact,
    Judged,
    Mutant,
    ProbeCounts,
    Rung,
    Stratum,
)
from trainwreck.model.verdict import MASKED_VALUES
from trainwreck.stats.describe import mean_and_deviation

ASSUMED = "assumed"
"""The certainty of a verdict by a rule that proves nothing."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a file, with its mutants that have a verdict, and the unnoticed of them."""

    root: str
    file: str
    name: str
    unnoticed: int
    judged: int

    @property
    def chance(self) -> float:
        """Return the chance that the next bug there goes unnoticed (Laplace's rule)."""
        return (self.unnoticed + 1) / (self.judged + 2)


def functions_of(judged: Iterable[Judged]) -> list[Function]:
    """Count the unnoticed bugs by function; those where most go unnoticed come first."""
    every: Counter[tuple[str, str, str]] = Counter()
    silent: Counter[tuple[str, str, str]] = Counter()
    for item in judged:
        every[_place(item.mutant)] += 1
        silent[_place(item.mutant)] += fate_of(item.verdict) is Fate.UNNOTICED
    functions = [Function(*place, silent[place], number) for place, number in every.items()]
    return sorted(functions, key=lambda f: (-f.chance, -f.judged, f.root, f.file, f.name))


def _place(mutant: Mutant) -> tuple[str, str, str]:
    return mutant.root, mutant.file, mutant.function


@dataclass(frozen=True)
class SilentOrder:
    """The order of unnoticed bugs by interest.

    Code that trains comes before what runs while the program is imported, and before defaults. Then
    proof counts: a value that differed, and a whole result that does not. Among equals, functions
    take turns, and those come first in which most bugs go unnoticed.
    """

    study: JudgedCampaign
    chosen: Collection[str] = ()
    chances: dict[tuple[str, str, str], float] = field(default_factory=dict)

    def ranked(self, bugs: Iterable[Judged]) -> list[Judged]:
        """Return the bugs, the most interesting first."""
        turns: Counter[tuple[object, ...]] = Counter()
        keys: dict[int, tuple[object, ...]] = {}
        members = sorted(bugs, key=lambda item: (item.mutant.span.line, item.mutant.id))
        for index, item in enumerate(members):
            group = self._group(item)
            place = _place(item.mutant)
            turns[group, place] += 1
            keys[index] = (*group, turns[group, place], *self._rest(item))
        return [members[index] for index in sorted(keys, key=lambda index: keys[index])]

    def _group(self, item: Judged) -> tuple[int, ...]:
        return item.mutant.id not in self.chosen, self._distance(item), proof_of(item)

    def _distance(self, item: Judged) -> int:
        """Return 0 of code of functions that runs after the imports, more of all other code."""
        usual = [Stratum.CONDITION, Stratum.CODE, Stratum.MODULE, Stratum.DEFAULT]
        if item.mutant.stratum not in usual:
            return len(usual)
        distance = max(0, usual.index(item.mutant.stratum) - 1)
        only_imports = set(item.phases) == {IMPORT_PHASE} and len(self.study.phases) > 1
        return distance or int(only_imports)

    def _rest(self, item: Judged) -> tuple[object, ...]:
        phases = self.study.phases
        latest = max((phases.index(p) for p in item.phases if p in phases), default=-1)
        chance = self.chances.get(_place(item.mutant), 0.0)
        mutant = item.mutant
        return -chance, -latest, mutant.root != APP, mutant.file, mutant.span.line, mutant.id


def proof_of(item: Judged) -> int:
    """Return how far the silence of a bug is proven: 0 is the most, a bug that never ran the least.

    An infected state behind a whole result that is clean comes first; then a clean result of a
    whole run, and that which an assumed rule expects; then printed values alone; then an
    expression whose values never differed.
    """
    verdict = item.verdict
    if verdict.rung is Rung.UNREACHED:
        return 5
    if verdict.rung is Rung.UNINFECTED:
        return 4
    if verdict.rung_class == MASKED_VALUES:
        return 3
    if verdict.certainty == ASSUMED:
        return 2
    return 0 if is_infected(item) else 1


def is_infected(item: Judged) -> bool:
    """Return whether a run with probes has seen a value, or a call, that the bug changes."""
    evidence = item.verdict.evidence
    return any(counts.is_infected for counts in evidence if isinstance(counts, ProbeCounts))


def ranked_harm(
    study: JudgedCampaign, bugs: Iterable[Judged], chosen: Collection[str] = ()
) -> list[Judged]:
    """Return bugs that change the result, the most harmful first; what is open comes last."""
    spreads = {metric.name: _spread(study, metric.name) for metric in study.metrics}
    spreads[TIME] = _center(study.clean_times())
    better = {metric.name: metric.better for metric in study.metrics}

    def key(item: Judged) -> tuple[object, ...]:
        severity = min(map(_severity, item.verdict.impact), default=len(HARM) + len(OPEN))
        harm = max((_harm(c, better, spreads) for c in item.verdict.compared), default=0.0)
        return item.mutant.id not in chosen, severity, -harm, item.mutant.id

    return sorted(bugs, key=key)


def _severity(impact: Impact) -> int:
    order = [*HARM, *OPEN]
    return order.index(impact) if impact in order else len(order)


def _harm(compared: Compared, better: dict[str, Better], spreads: dict[str, float]) -> float:
    """Return the difference for the worse, in spreads of the clean runs."""
    difference = compared.difference
    if difference is None or not isfinite(difference):
        return 0.0
    sign = -1.0 if better.get(compared.measure, Better.LOWER) is Better.HIGHER else 1.0
    return sign * difference / (spreads.get(compared.measure) or 1.0)


def _spread(study: JudgedCampaign, name: str) -> float:
    """Return the deviation of clean runs in a metric; its mean's size where they all agree."""
    reported = (run.metrics[name] for run in study.clean if name in run.metrics)
    values = [value for value in reported if isfinite(value)]
    if not values:
        return 1.0
    mean, deviation = mean_and_deviation(values)
    return deviation or abs(mean) or 1.0


def _center(values: Sequence[float]) -> float:
    return mean_and_deviation(values)[0] if values else 1.0
