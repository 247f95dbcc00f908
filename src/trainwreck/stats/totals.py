"""The total of costs that are still to come, with a prediction interval."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from statistics import fmean

DRAWS = 500
"""Simulated rests of a campaign, from which expectation and interval are read."""

PULL = 5.0
"""Costs of one group count as much as the mean of all groups, once there are as many."""

SLOW = 4.0
"""A run that costs as many clean ones is slow: few runs, which a mean of all would blur."""


@dataclass(frozen=True, slots=True)
class Prior:
    """The experience with other programs, and how many cases of the own one it counts for.

    ``cost`` is the mean cost of a run that a mutant needs, in clean runs, with its ``deviation``.
    ``slow`` is the chance of a slow run, ``slow_cost`` its cost in clean runs. ``stays`` is the
    chance that a mutant stays open after an analysis.
    """

    cost: float = 0.75
    deviation: float = 0.35
    cost_cases: float = 3.0
    slow: float = 0.01
    slow_cost: float = 6.0
    slow_cases: float = 40.0
    chance_cases: float = 8.0
    stays: float = 0.7
    stays_cases: float = 2.0


@dataclass(frozen=True, slots=True)
class Group:
    """Mutants of one kind: those that have a verdict, and those that are left.

    ``costs`` are the processor seconds of first runs; ``propagated`` ones changed the result.
    ``free`` mutants needed no run. ``left`` ones need one, ``unknown`` ones may need none.
    ``chance`` is the usual chance to propagate, ``free_chance`` the usual one to need no run.
    """

    costs: Sequence[float] = ()
    propagated: int = 0
    free: int = 0
    left: int = 0
    unknown: int = 0
    chance: float = 0.15
    free_chance: float = 0.0


@dataclass(frozen=True, slots=True)
class Seeds:
    """Further runs: how many follow each analysis, of how many mutants.

    ``gaps`` are the numbers of runs between one analysis and the next, the first run counted as an
    analysis. ``waiting`` mutants have run once; ``running`` further runs are certain, after which
    ``going`` mutants meet the analysis before ``later``, the gaps that are left to them. ``clean``
    is the number of clean runs that are missing once any mutant propagates.
    """

    gaps: Sequence[int] = ()
    waiting: int = 0
    running: int = 0
    going: int = 0
    later: Sequence[int] = ()
    clean: int = 0


@dataclass(frozen=True, slots=True)
class Total:
    """A predicted total with the ends of its interval, and its part for further runs."""

    expected: float
    low: float
    high: float
    further: float


def predict(
    groups: Sequence[Group],
    seeds: Seeds,
    clean: float,
    control: float,
    prior: Prior = Prior(),
    cover: float = 0.9,
    seed: int = 0,
) -> Total:
    """Return the predicted total cost of what is left.

    Each draw takes its chances and means from their posterior distributions, and then the numbers
    and costs of what is left from these. So the interval holds both what few runs leave uncertain
    and the chance of the rest itself.

    Args:
        groups: The mutants by kind.
        seeds: The further runs.
        clean: The mean processor seconds of a clean run.
        control: The number of controls for each mutant.
        prior: What is known beforehand.
        cover: The probability that the interval covers the total.
        seed: Where the draws start; the same facts give the same forecast.

    Returns:
        Processor seconds.

    """
    rng = random.Random(seed)
    costs = _costs(groups, clean, prior)
    # Summed up once: each draw would read the costs of all mutants again.
    usual = [_usual(group.costs, clean) for group in groups]
    kinds = list(zip(groups, usual, strict=True))
    drawn = sorted(_draw(rng, kinds, seeds, costs, clean, control, prior) for _ in range(DRAWS))
    totals = [total for total, _ in drawn]
    expected = fmean(totals)
    tail = round((1 - cover) / 2 * DRAWS)
    return Total(
        expected=expected,
        low=min(totals[tail], expected),
        high=max(totals[-1 - tail], expected),
        further=fmean(further for _, further in drawn),
    )


@dataclass(frozen=True, slots=True)
class _Costs:
    """The mean and deviation of usual first runs, and the cost and number of slow ones."""

    mean: float
    deviation: float
    slow: float
    slow_number: int
    number: int


@dataclass(frozen=True, slots=True)
class _Usual:
    """The sum and the number of the first runs of one kind of code that were not slow."""

    sum: float
    number: int


def _usual(costs: Sequence[float], clean: float) -> _Usual:
    usual = [cost for cost in costs if cost <= SLOW * clean]
    return _Usual(sum(usual), len(usual))


def _costs(groups: Sequence[Group], clean: float, prior: Prior) -> _Costs:
    costs = [cost for group in groups for cost in group.costs]
    usual = [cost for cost in costs if cost <= SLOW * clean]
    slow = [cost for cost in costs if cost > SLOW * clean]
    weight, cases = prior.cost_cases, len(usual) + prior.cost_cases
    mean = (sum(usual) + weight * prior.cost * clean) / cases
    squares = sum((cost - mean) ** 2 for cost in usual)
    squares += weight * (prior.deviation * clean) ** 2
    slow_cost = (sum(slow) + prior.slow_cost * clean) / (len(slow) + 1)
    return _Costs(mean, sqrt(squares / cases), slow_cost, len(slow), len(costs))


def _draw(
    rng: random.Random,
    kinds: Sequence[tuple[Group, _Usual]],
    seeds: Seeds,
    costs: _Costs,
    clean: float,
    control: float,
    prior: Prior,
) -> tuple[float, float]:
    """Return the total of one simulated rest, and its part for further runs."""
    first, propagated, runs = 0.0, 0.0, 0.0
    for group, usual in kinds:
        needed = group.left + _needed(rng, group, prior)
        runs += needed
        first += _first_runs(rng, usual, needed, costs)
        propagated += _number(rng, needed, _chance_to_propagate(rng, group, prior))
    slow = _chance(rng, prior.slow, prior.slow_cases, costs.slow_number, costs.number)
    first += _poisson(rng, runs * slow) * costs.slow
    first += control * clean * sum(group.left + group.unknown for group, _ in kinds)
    further = _further(rng, seeds, propagated, prior) * clean
    return first + further, further


def _needed(rng: random.Random, group: Group, prior: Prior) -> float:
    """Return how many of the unknown mutants need a run."""
    if not group.unknown:
        return 0.0
    seen = group.free + len(group.costs)
    free = _chance(rng, group.free_chance, prior.chance_cases, group.free, seen)
    return group.unknown - _number(rng, group.unknown, free)


def _first_runs(rng: random.Random, usual: _Usual, needed: float, costs: _Costs) -> float:
    cases = usual.number + PULL
    mean = (usual.sum + PULL * costs.mean) / cases
    error = costs.deviation * sqrt(needed**2 / cases + needed)
    return max(0.0, rng.gauss(needed * mean, error))


def _chance_to_propagate(rng: random.Random, group: Group, prior: Prior) -> float:
    cases = len(group.costs)
    return _chance(rng, group.chance, prior.chance_cases, group.propagated, cases)


def _further(rng: random.Random, seeds: Seeds, propagated: float, prior: Prior) -> float:
    """Return the number of further runs, the clean ones that they need among them."""
    if not seeds.gaps:
        return 0.0
    stays = _chance(rng, prior.stays, prior.stays_cases, 0, 0)
    new = seeds.waiting + propagated
    runs = seeds.running + new * _after(seeds.gaps, stays)
    runs += seeds.going * stays * _after(seeds.later, stays)
    return runs + (seeds.clean if new or seeds.running or seeds.going else 0)


def _after(gaps: Sequence[int], stays: float) -> float:
    return sum(gap * stays**index for index, gap in enumerate(gaps))


def _chance(rng: random.Random, usual: float, weight: float, hits: int, cases: int) -> float:
    """Draw a chance from its posterior, a beta distribution."""
    if usual in (0.0, 1.0):
        return usual
    return rng.betavariate(weight * usual + hits, weight * (1 - usual) + max(cases - hits, 0))


def _number(rng: random.Random, cases: float, chance: float) -> float:
    """Draw how many of the cases happen; a fraction, as only totals are asked for."""
    spread = sqrt(cases * chance * (1 - chance))
    return min(cases, max(0.0, rng.gauss(cases * chance, spread)))


def _poisson(rng: random.Random, mean: float) -> float:
    """Draw a number of rare events (Knuth, 1969); of many, by the normal approximation."""
    if mean > 30:
        return max(0.0, rng.gauss(mean, sqrt(mean)))
    number, product, least = 0, rng.random(), exp(-mean)
    while product > least:
        number, product = number + 1, product * rng.random()
    return float(number)
