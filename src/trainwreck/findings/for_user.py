"""The summary of a campaign for a user: a verdict in numbers, silent bugs, bugs that hurt."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from trainwreck.findings.fates import HARM, Fate, fate_of
from trainwreck.findings.judged_campaign import JudgedCampaign
from trainwreck.findings.ranking import Function, SilentOrder, functions_of, ranked_harm
from trainwreck.findings.tables import files_of, weights_of
from trainwreck.model import Compared, Draw, Judged, Metric, Remark, VerdictSettings
from trainwreck.stats.groups import Chance, share_interval, weighted_share

LEFT_OPEN = (Fate.HURTS, Fate.MAY_HURT)
"""The fates of bugs that hurt the result without an error, as far as is known."""


@dataclass(frozen=True, slots=True)
class Portion:
    """A number of mutants, and their share of all that they stand for, with its interval.

    ``chance`` is None where the mutants are no sample, so that no rate follows from them.
    """

    number: int
    chance: Chance | None


@dataclass(frozen=True, slots=True)
class SeedPair:
    """The value of a metric in a run of a mutant, and in the clean run with the same draw."""

    draw: Draw
    value: float
    clean: float

    @property
    def difference(self) -> float:
        """Return buggy minus clean."""
        return self.value - self.clean


@dataclass(frozen=True, slots=True)
class MetricDifferences:
    """One metric of a bug that changes the result: the pairs by seed, and their comparison.

    ``compared`` is None where too little is known to compare.
    """

    metric: Metric
    pairs: tuple[SeedPair, ...]
    compared: Compared | None

    @property
    def finite(self) -> list[float]:
        """Return the differences that are numbers."""
        return [pair.difference for pair in self.pairs if isfinite(pair.difference)]


@dataclass(frozen=True, slots=True)
class RankedBug:
    """One bug of a list; ``differences`` has every metric of a bug that changes the result.

    ``is_chosen`` is whether somebody chose it, so that it is no part of the sample. ``phases`` are
    those in which its line runs, none where the program has no phases.
    """

    item: Judged
    fate: Fate
    differences: tuple[MetricDifferences, ...] = ()
    is_chosen: bool = False
    phases: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Summary:
    """The answers to the questions of a user about one campaign, as data.

    - ``planned`` mutants have a plan, ``judged`` ones of the sample have a verdict, and ``chosen``
      ones are no sample. Where nothing is sampled, the numbers are those of chosen ones.
    - ``roots`` has the number of judged mutants by root.
    - ``fates`` has every ``Fate``; the numbers add up to all judged mutants.
    - ``rungs`` counts the unnoticed ones by the class of their rung, ``impacts`` those that change
      the result by impact; a mutant may have several. ``worst`` counts each that hurts once, under
      the first of its impacts in ``HARM``.
    - ``cost`` is the processor time of all runs, in seconds.
    - ``remarks`` are the facts about clean runs, environment, containment and cost.
    - ``doubtful`` is the number of doubts about imported records.
    - ``silent`` and ``harmful`` are ranked, the most interesting first.
    - ``functions`` are those in which mutants were judged; where most go unnoticed come first.
    - ``alpha`` is the level of all intervals and tests.
    - ``stands_for`` is the number of mutants that the sample stands for with its weights, None
      where each mutant stands for itself.
    """

    name: str
    planned: int
    judged: int
    chosen: int
    roots: Mapping[str, int]
    fates: Mapping[Fate, Portion]
    rungs: Mapping[str, int]
    impacts: Mapping[str, int]
    cost: float
    silent: tuple[RankedBug, ...]
    harmful: tuple[RankedBug, ...]
    functions: tuple[Function, ...]
    remarks: tuple[Remark, ...] = ()
    doubtful: int = 0
    metrics: tuple[Metric, ...] = ()
    alpha: float = VerdictSettings().alpha
    stands_for: int | None = None
    worst: Mapping[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Name the campaign and the number of its verdicts: the lists are long."""
        return f"Summary({self.name!r}, {self.judged} of {self.planned} judged)"

    @property
    def is_sample(self) -> bool:
        """Return whether the mutants were drawn at random, so that rates follow from them."""
        return self.judged > 0


def summarize(
    study: JudgedCampaign, cost: float, remarks: Sequence[Remark] = (), doubtful: int = 0
) -> Summary:
    """Sum up a judged campaign for a user.

    Args:
        study: The judged campaign.
        cost: The processor seconds of all its runs.
        remarks: The facts about its clean runs, environment, containment and cost.
        doubtful: The number of doubts about imported records.

    """
    counted = study.judged or study.chosen
    chosen = {item.mutant.id for item in study.chosen}
    everything = [*study.judged, *study.chosen]
    functions = functions_of(everything)
    chances = {(f.root, f.file, f.name): f.chance for f in functions}
    silent = [item for item in everything if fate_of(item.verdict) is Fate.UNNOTICED]
    harmful = [item for item in everything if fate_of(item.verdict) in LEFT_OPEN]
    return Summary(
        name=study.name,
        planned=study.planned,
        judged=len(study.judged),
        chosen=len(study.chosen),
        roots=Counter(item.mutant.root for item in counted),
        fates=_fates(study, counted),
        rungs=_rungs(counted),
        impacts=Counter(str(impact) for item in counted for impact in item.verdict.impact),
        cost=cost,
        silent=_bugs(study, SilentOrder(study, chosen, chances).ranked(silent), chosen),
        harmful=_bugs(study, ranked_harm(study, harmful, chosen), chosen),
        functions=tuple(functions),
        remarks=tuple(remarks),
        doubtful=doubtful,
        metrics=study.metrics,
        alpha=study.alpha,
        stands_for=round(sum(weights_of(counted))) or None,
        worst=_worst(counted),
    )


def _worst(counted: Sequence[Judged]) -> Counter[str]:
    """Count each mutant that hurts under the worst of its impacts."""
    hurting = (item.verdict.impact for item in counted if fate_of(item.verdict) is Fate.HURTS)
    return Counter(next(str(impact) for impact in HARM if impact in impacts) for impacts in hurting)


def _fates(study: JudgedCampaign, counted: Sequence[Judged]) -> dict[Fate, Portion]:
    """Return the number of mutants with each fate; of a sample also the share, robust to files."""
    fates = [fate_of(item.verdict) for item in counted]
    files, weights = files_of(counted), weights_of(counted)

    def portion(fate: Fate) -> Portion:
        hits = [own is fate for own in fates]
        if not study.judged:
            return Portion(sum(hits), None)
        ends = share_interval(hits, files, study.alpha, weights)
        return Portion(sum(hits), Chance(weighted_share(hits, weights), *ends))

    return {fate: portion(fate) for fate in Fate}


def _rungs(counted: Sequence[Judged]) -> Counter[str]:
    unnoticed = (item for item in counted if fate_of(item.verdict) is Fate.UNNOTICED)
    return Counter(str(item.verdict.rung_class) for item in unnoticed)


def _bugs(
    study: JudgedCampaign, ranked: Sequence[Judged], chosen: Collection[str]
) -> tuple[RankedBug, ...]:
    return tuple(
        RankedBug(
            item,
            fate := fate_of(item.verdict),
            differences_of(study, item) if fate is not Fate.UNNOTICED else (),
            item.mutant.id in chosen,
            item.phases if study.has_phases else (),
        )
        for item in ranked
    )


def differences_of(study: JudgedCampaign, item: Judged) -> tuple[MetricDifferences, ...]:
    """Return the differences of a mutant from clean runs with the same seed and fold.

    One that ran once is compared in its first run.
    """
    compared = {comparison.measure: comparison for comparison in item.verdict.compared}
    return tuple(
        MetricDifferences(metric, _pairs(study, item, metric.name), compared.get(metric.name))
        for metric in study.metrics
    )


def _pairs(study: JudgedCampaign, item: Judged, name: str) -> tuple[SeedPair, ...]:
    clean = {run.draw.key: run for run in study.clean if name in run.metrics and run.draw.is_known}
    values = _values(study, item, name)
    pairs = (
        SeedPair(clean[key].draw, value, clean[key].metrics[name])
        for key, value in values.items()
        if key in clean
    )
    return tuple(sorted(pairs, key=lambda pair: pair.draw))


def _values(study: JudgedCampaign, item: Judged, name: str) -> dict[int, float]:
    """Return the values of a mutant's runs by the key of their draw."""
    mutant = item.mutant.id
    sample = study.runs.get(mutant) or study.chosen_runs.get(mutant)
    if sample is not None and name in sample.values:
        kept = sample.values[name]
        return dict(zip(kept.draws, kept.numbers, strict=True))
    first = study.first.get(mutant) or study.chosen_first.get(mutant)
    return {first.draw.key: first.metrics[name]} if first and name in first.metrics else {}
