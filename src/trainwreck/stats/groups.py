"""Comparisons of several groups, by means or by shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from trainwreck.stats.compare import Test, Untestable, finite, quiet


@dataclass(frozen=True, slots=True)
class Pair:
    """Two groups by name, and the test of their difference."""

    first: str
    second: str
    test: Test


class Chance(NamedTuple):
    """An observed share with the ends of its interval; all lie between 0 and 1."""

    share: float
    low: float
    high: float


class AtMost(NamedTuple):
    """The share of an event that no case showed: 0, and at most ``high``."""

    high: float
    share: float = 0.0
    low: float = 0.0


@dataclass(frozen=True, slots=True)
class ClusterModel:
    """A comparison of groups by a chance, where cases in one cluster may be alike.

    ``alike`` tests that all groups have the same chance. ``chances`` maps each group to its own.
    """

    alike: Test
    chances: dict[str, Chance]


def anova(groups: Mapping[str, Sequence[float]]) -> Test:
    """Return the one-way analysis of variance (Fisher, "Statistical Methods", 1925).

    Args:
        groups: the values of each group by its name. NaN and infinite values are left out, and
            then groups of fewer than two values.

    """
    from scipy.stats import f_oneway

    samples = [sample for sample in map(finite, groups.values()) if len(sample) > 1]
    problem = _problem(samples)
    if problem:
        return Test(None, None, problem)
    if all(len(set(sample)) == 1 for sample in samples):
        return Test(None, None, Untestable.NO_VARIANCE_WITHIN)
    with quiet():
        result = f_oneway(*samples)
    return Test(float(result.statistic), float(result.pvalue))


def pairwise_anova(groups: Mapping[str, Sequence[float]]) -> list[Pair]:
    """Return a one-way analysis of variance of every two groups, uncorrected, as in the paper."""
    return [
        Pair(first, second, anova({first: groups[first], second: groups[second]}))
        for first, second in combinations(groups, 2)
    ]


def _problem(samples: Sequence[Sequence[float]]) -> Untestable | None:
    if len(samples) < 2:
        return Untestable.TOO_FEW_SAMPLES
    if len({value for sample in samples for value in sample}) == 1:
        return Untestable.ALL_EQUAL
    return None


def contingency(rows: Sequence[Sequence[int]]) -> Test:
    """Return the test that all rows have the same distribution over the columns.

    This is the chi-square test (Pearson, Philosophical Magazine 50, 1900). Tables of two rows and
    two columns have the correction of Yates (Supplement to the JRSS 1, 1934).

    Args:
        rows: counts, a row for each group; all rows have the same length.

    """
    from scipy.stats import chi2_contingency

    rows = [row for row in rows if sum(row)]
    columns = [column for column in zip(*rows, strict=True) if sum(column)]
    if len(rows) < 2 or len(columns) < 2:
        return Test(None, None, Untestable.TOO_FEW_COUNTS)
    result = chi2_contingency([list(row) for row in zip(*columns, strict=True)])
    return Test(float(result.statistic), float(result.pvalue))


def weighted_share(hits: Sequence[bool], weights: Sequence[float] = ()) -> float:
    """Return the share of hits, each case with its weight; 0 without cases."""
    if not weights or not hits:
        return sum(hits) / len(hits) if hits else 0.0
    if len(set(hits)) == 1:
        return float(hits[0])
    share = sum(weight for hit, weight in zip(hits, weights, strict=True) if hit)
    return share / sum(weights)


def share_interval(
    hits: Sequence[bool],
    cluster: Sequence[str],
    alpha: float = 0.05,
    weights: Sequence[float] = (),
) -> tuple[float, float]:
    """Return the ends of the 1 - ``alpha`` interval of a share, robust to clusters.

    The interval is Student's on the logit, with the error of Liang and Zeger (Biometrika 73,
    1986); a weighted share is a ratio, whose error is that of its residuals. The error of
    independent cases takes its place where it is larger. Where all or none are hits, it is the
    interval of Clopper and Pearson (Biometrika 26, 1934), with one case for each cluster. It is 0
    to 1 without cases, or where the only cluster has hits and others. Cases with unequal weights
    are as good as fewer ones, by the factor of Kish (Survey Sampling, 1965).

    Args:
        hits: whether each case has the property in question.
        cluster: the name of each case's cluster, as many as ``hits``.
        alpha: the interval covers with probability 1 - alpha.
        weights: the number of cases that each one stands for; by default one.

    """
    from numpy import asarray, bincount, ones, unique
    from scipy.special import expit, logit
    from scipy.stats import binomtest, t

    codes = unique(asarray(cluster), return_inverse=True)[1] if cluster else asarray([], int)
    clusters = int(codes.max()) + 1 if len(hits) else 0
    if not clusters:
        return 0.0, 1.0
    weight = asarray(weights, float) if len(weights) else ones(len(hits))
    share, total = weighted_share(hits, weights), float(weight.sum())
    cases = total**2 / float((weight**2).sum())
    if share in (0.0, 1.0):
        whole = max(int(clusters * cases / len(hits) + 1e-9), 1)
        ends = binomtest(round(share * whole), whole).proportion_ci(1 - alpha, "exact")
        return float(ends.low), float(ends.high)
    if clusters < 2:
        return 0.0, 1.0
    sums = bincount(codes, weights=weight * (asarray(hits, float) - share))
    variance = float((sums**2).sum()) * clusters / (clusters - 1) / total**2
    variance = max(variance, share * (1 - share) / cases)
    reach = t.ppf(1 - alpha / 2, clusters - 1) * variance**0.5 / (share * (1 - share))
    return float(expit(logit(share) - reach)), float(expit(logit(share) + reach))


def chance_model(
    hits: Sequence[bool],
    group: Sequence[str],
    cluster: Sequence[str],
    alpha: float = 0.05,
    weights: Sequence[float] = (),
) -> ClusterModel:
    """Compare groups by the share of their members that are hits, robust to clusters.

    Bugs in one file are not independent. So the test of equal chances is the robust score test
    (Rotnitzky and Jewell, Biometrika 77, 1990). In the form of Hotelling (Annals of Mathematical
    Statistics 2, 1931), the contribution of each cluster to the scores is one observation. A few
    clusters then do not make groups differ, and groups without hits need no special care.

    Args:
        hits: whether each mutant has the property in question.
        group: the name of each mutant's group, as many as ``hits``.
        cluster: the name of each mutant's cluster, as many as ``hits``.
        alpha: intervals cover with probability 1 - alpha.
        weights: the number of mutants that each one stands for; by default one.

    Returns:
        The test, and the share of hits of each group with its interval (see `share_interval`).

    """
    members: dict[str, list[int]] = {}
    for index, name in enumerate(group):
        members.setdefault(name, []).append(index)
    chances = {}
    for name, indices in sorted(members.items()):
        own = [hits[index] for index in indices]
        own_weights = [weights[index] for index in indices] if len(weights) else ()
        ends = share_interval(own, [cluster[index] for index in indices], alpha, own_weights)
        chances[name] = Chance(weighted_share(own, own_weights), *ends)
    return ClusterModel(_score_test(hits, group, cluster, weights), chances)


def _score_test(
    hits: Sequence[bool],
    group: Sequence[str],
    cluster: Sequence[str],
    weights: Sequence[float] = (),
) -> Test:
    """Return the test that all groups have one chance, from each cluster's contribution."""
    import numpy
    from scipy.stats import f

    names = sorted(set(group))
    if len(names) < 2:
        return Test(None, None, Untestable.TOO_FEW_GROUPS)
    if len(set(hits)) < 2:
        return Test(None, None, Untestable.ALL_OR_NONE)
    codes = numpy.unique(numpy.asarray(cluster), return_inverse=True)[1]
    columns = numpy.unique(numpy.asarray(group), return_inverse=True)[1]
    members = numpy.eye(len(names))[columns]
    weight = numpy.asarray(weights, float) if len(weights) else numpy.ones(len(hits))
    residuals = weight * (numpy.asarray(hits, float) - weighted_share(hits, weights))
    means = numpy.average(members, axis=0, weights=weight)
    scores = residuals[:, numpy.newaxis] * (members - means)
    clusters = int(codes.max()) + 1
    contributions = numpy.zeros((clusters, len(names)))
    numpy.add.at(contributions, codes, scores)
    # The scores of all groups sum to 0, so that at least one of them is redundant.
    rank = int(numpy.linalg.matrix_rank(contributions))
    rest = clusters - rank
    if not rank or rest < 1:
        return Test(None, None, Untestable.TOO_FEW_FILES)
    # The regression of ones on the contributions gives Hotelling's statistic of their mean.
    ones = numpy.ones(clusters)
    fitted = contributions @ numpy.linalg.lstsq(contributions, ones, rcond=None)[0]
    share = min(float(fitted.sum()) / clusters, 1 - 1e-15)
    statistic = share / (1 - share) * rest / rank
    return Test(statistic, float(f.sf(statistic, rank, rest)))
