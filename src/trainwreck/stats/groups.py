"""Several samples compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from trainwreck.stats.compare import Test, Untestable, finite, quiet


@dataclass(frozen=True, slots=True)
class Pair:
    """Two of the groups, and their test."""

    first: str
    second: str
    test: Test


class Chance(NamedTuple):
    """A chance with the ends of its interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClusterModel:
    """Groups compared by a chance, allowing for alike cases within a cluster.

    ``alike`` tests that all groups have the same chance; ``chances`` maps each group to its own.
    """

    alike: Test
    chances: dict[str, Chance]


def anova(groups: Mapping[str, Sequence[float]]) -> Test:
    """One-way analysis of variance; groups of fewer than two values are left out."""
    from scipy.stats import f_oneway

    samples = [sample for sample in map(finite, groups.values()) if len(sample) > 1]
    problem = _problem(samples)
    if problem:
        return Test(None, None, problem)
    if all(len(set(sample)) == 1 for sample in samples):
        return Test(None, None, Untestable.NO_VARIANCE_WITHIN)
    with quiet():
        found = f_oneway(*samples)
    return Test(float(found.statistic), float(found.pvalue))


def pairwise_anova(groups: Mapping[str, Sequence[float]]) -> list[Pair]:
    """One-way analyses of variance of every two groups, as the study made them."""
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
    """The chi-square test that all rows have the same distribution over the columns."""
    from scipy.stats import chi2_contingency

    rows = [row for row in rows if sum(row)]
    columns = [column for column in zip(*rows, strict=True) if sum(column)]
    if len(rows) < 2 or len(columns) < 2:
        return Test(None, None, Untestable.TOO_FEW_COUNTS)
    found = chi2_contingency([list(row) for row in zip(*columns, strict=True)])
    return Test(float(found.statistic), float(found.pvalue))


def share_interval(
    hits: Sequence[bool], cluster: Sequence[str], alpha: float = 0.05
) -> tuple[float, float]:
    """Return the ends of the 1 - ``alpha`` interval of a share, robust to clusters.

    Student's on the logit, with the error of Liang and Zeger (Biometrika 73, 1986), but none
    smaller than that of independent cases. Where all or none are hits, that of Clopper and Pearson
    (Biometrika 26, 1934) with as many cases as there are clusters. 0 to 1 where nothing is known.
    """
    from numpy import asarray, bincount, unique
    from scipy.special import expit, logit
    from scipy.stats import binomtest, t

    codes = unique(asarray(cluster), return_inverse=True)[1] if cluster else asarray([], int)
    number, clusters = len(hits), int(codes.max()) + 1 if len(hits) else 0
    share = sum(hits) / number if number else 0.0
    if clusters < 2 or share in (0.0, 1.0):
        if not clusters:
            return 0.0, 1.0
        ends = binomtest(round(share * clusters), clusters).proportion_ci(1 - alpha, "exact")
        return (float(ends.low), float(ends.high)) if share in (0.0, 1.0) else (0.0, 1.0)
    sums = bincount(codes, weights=asarray(hits, float) - share)
    variance = float((sums**2).sum()) * clusters / (clusters - 1) / number**2
    variance = max(variance, share * (1 - share) / number)
    reach = t.ppf(1 - alpha / 2, clusters - 1) * variance**0.5 / (share * (1 - share))
    return float(expit(logit(share) - reach)), float(expit(logit(share) + reach))


def chance_model(
    hits: Sequence[bool], group: Sequence[str], cluster: Sequence[str], alpha: float = 0.05
) -> ClusterModel:
    """Compare groups by the share of their members that are hits, robust to clusters.

    Bugs in one file are not independent. The test that all groups have the same chance is the
    robust score test (Rotnitzky and Jewell, Biometrika 77, 1990) in Hotelling's form: what each
    cluster adds to the scores is one observation, so that few clusters do not make groups differ,
    and groups in which all or none are hits need no special care.

    Args:
        hits: whether each mutant has the property in question.
        group: what is compared, for each mutant.
        cluster: within which mutants are not independent, for each mutant.
        alpha: intervals cover with probability 1 - alpha.

    """
    members: dict[str, list[int]] = {}
    for index, name in enumerate(group):
        members.setdefault(name, []).append(index)
    chances = {
        name: Chance(
            sum(hits[index] for index in indices) / len(indices),
            *share_interval([hits[i] for i in indices], [cluster[i] for i in indices], alpha),
        )
        for name, indices in sorted(members.items())
    }
    return ClusterModel(_score_test(hits, group, cluster), chances)


def _score_test(hits: Sequence[bool], group: Sequence[str], cluster: Sequence[str]) -> Test:
    """Test that all groups have one chance, by what each cluster adds to their scores."""
    import numpy
    from scipy.stats import f

    names = sorted(set(group))
    if len(names) < 2:
        return Test(None, None, Untestable.TOO_FEW_GROUPS)
    if len(set(hits)) < 2:
        return Test(None, None, Untestable.ALL_OR_NONE)
    places = numpy.unique(numpy.asarray(cluster), return_inverse=True)[1]
    columns = numpy.unique(numpy.asarray(group), return_inverse=True)[1]
    members = numpy.eye(len(names))[columns]
    residuals = numpy.asarray(hits, float) - numpy.mean(hits)
    scores = residuals[:, numpy.newaxis] * (members - members.mean(axis=0))
    clusters = int(places.max()) + 1
    added = numpy.zeros((clusters, len(names)))
    numpy.add.at(added, places, scores)
    rank = int(numpy.linalg.matrix_rank(added))
    rest = clusters - rank
    if not rank or rest < 1:
        return Test(None, None, Untestable.TOO_FEW_FILES)
    # Hotelling's statistic of the mean contribution, as the fit of ones by the contributions.
    fitted = added @ numpy.linalg.lstsq(added, numpy.ones(clusters), rcond=None)[0]
    share = min(float(fitted.sum()) / clusters, 1 - 1e-15)
    statistic = share / (1 - share) * rest / rank
    return Test(statistic, float(f.sf(statistic, rank, rest)))
