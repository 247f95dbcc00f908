"""Several samples compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from trainwreck.stats.compare import Test, finite, quiet


@dataclass(frozen=True, slots=True)
class Pair:
    """Two of the groups, and their test."""

    first: str
    second: str
    test: Test


@dataclass(frozen=True, slots=True)
class ClusterModel:
    """The chance of a crash by group, with errors that allow for alike cases within a cluster.

    ``wald`` tests that all groups have the same chance; ``chances`` maps each group to its chance
    with the ends of its 95 % interval. ``left_out`` are groups in which all or none crash, for
    which a logistic model has no value.
    """

    wald: Test
    chances: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    clusters: int = 0


def anova(groups: Mapping[str, Sequence[float]]) -> Test:
    """One-way analysis of variance; groups of fewer than two values are left out."""
    from scipy.stats import f_oneway

    samples = [sample for sample in map(finite, groups.values()) if len(sample) > 1]
    problem = _problem(samples)
    if problem:
        return Test(None, None, problem)
    if all(len(set(sample)) == 1 for sample in samples):
        return Test(None, None, "no value varies within a group")
    with quiet():
        found = f_oneway(*samples)
    return Test(float(found.statistic), float(found.pvalue))


def pairwise_anova(groups: Mapping[str, Sequence[float]]) -> list[Pair]:
    """One-way analyses of variance of every two groups, as the study made them."""
    return [
        Pair(first, second, anova({first: groups[first], second: groups[second]}))
        for first, second in combinations(groups, 2)
    ]


def kruskal(groups: Mapping[str, Sequence[float]]) -> Test:
    """The rank test of Kruskal and Wallis (JASA 47, 1952), with the same groups left out."""
    from scipy.stats import kruskal as of_scipy

    samples = [sample for sample in map(finite, groups.values()) if len(sample) > 1]
    problem = _problem(samples)
    if problem:
        return Test(None, None, problem)
    found = of_scipy(*samples)
    return Test(float(found.statistic), float(found.pvalue))


def _problem(samples: Sequence[Sequence[float]]) -> str:
    if len(samples) < 2:
        return "fewer than two groups with two values"
    if len({value for sample in samples for value in sample}) == 1:
        return "all values are equal"
    return ""


def contingency(rows: Sequence[Sequence[int]]) -> Test:
    """The chi-square test that all rows have the same distribution over the columns."""
    from scipy.stats import chi2_contingency

    rows = [row for row in rows if sum(row)]
    columns = [column for column in zip(*rows, strict=True) if sum(column)]
    if len(rows) < 2 or len(columns) < 2:
        return Test(None, None, "fewer than two rows or columns with counts")
    found = chi2_contingency([list(row) for row in zip(*columns, strict=True)])
    return Test(float(found.statistic), float(found.pvalue))


def crash_model(
    crashed: Sequence[bool], group: Sequence[str], cluster: Sequence[str]
) -> ClusterModel:
    """A logistic model of crashes on groups, with errors that are robust to clusters.

    Bugs in one file are not independent (Liang and Zeger, Biometrika 73, 1986). The test that all
    groups are alike is Hotelling's form of Wald's, as few clusters make the plain one find
    differences that are none (Pustejovsky and Tipton, JBES 36, 2018); intervals are Student's with
    one degree of freedom less than there are clusters.
    """
    outcomes: dict[str, set[bool]] = {}
    for each, name in zip(crashed, group, strict=True):
        outcomes.setdefault(name, set()).add(each)
    left_out = tuple(sorted(name for name, seen in outcomes.items() if len(seen) == 1))
    names = sorted(set(outcomes).difference(left_out))
    wanted = set(names)
    kept = [index for index, name in enumerate(group) if name in wanted]
    clusters = len({cluster[index] for index in kept})
    if len(names) < 2:
        reason = "fewer than two groups with crashes and others"
        return ClusterModel(Test(None, None, reason), {}, left_out, clusters)
    if clusters <= len(names) - 1:
        reason = f"{clusters} files are too few for {len(names)} groups"
        return ClusterModel(Test(None, None, reason), {}, left_out, clusters)
    position = {name: at for at, name in enumerate(names)}
    wald, chances = _fit(
        [crashed[index] for index in kept],
        [position[group[index]] for index in kept],
        [cluster[index] for index in kept],
        names,
    )
    return ClusterModel(wald, chances, left_out, clusters)


def _fit(
    crashed: Sequence[bool], group: Sequence[int], cluster: Sequence[str], names: Sequence[str]
) -> tuple[Test, dict[str, tuple[float, float, float]]]:
    import numpy
    import statsmodels.api as sm
    from scipy.special import expit
    from scipy.stats import f, t

    codes = numpy.unique(numpy.asarray(cluster), return_inverse=True)[1]
    design = numpy.eye(len(names))[numpy.asarray(group)]
    model = sm.GLM(numpy.asarray(crashed, float), design, family=sm.families.Binomial())
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": codes})
    contrasts = numpy.eye(len(names))[1:] - numpy.eye(len(names))[0]
    errors = contrasts @ fitted.cov_params() @ contrasts.T
    if numpy.linalg.matrix_rank(errors) < len(contrasts):
        reason = "the clusters leave no error to estimate"
        return Test(None, None, reason), {}
    wald = float(fitted.wald_test(contrasts, scalar=True, use_f=False).statistic)
    freedom, compared = int(codes.max()), len(contrasts)
    rest = freedom - compared + 1
    statistic = wald * rest / (freedom * compared)
    reach = t.ppf(0.975, freedom) * fitted.bse
    ends = expit(numpy.stack([fitted.params - reach, fitted.params + reach], axis=1))
    chances = {
        name: (float(expit(fitted.params[index])), float(ends[index][0]), float(ends[index][1]))
        for index, name in enumerate(names)
    }
    return Test(statistic, float(f.sf(statistic, compared, rest))), chances
