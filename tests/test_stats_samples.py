"""Tests of samples against all permutations, and against values worked out elsewhere."""

from itertools import combinations
from math import isnan, nan
from random import Random
from statistics import fmean

import pytest
import scipy.stats  # (imported here, not within the time of an example)
import statsmodels.stats.weightstats  # noqa: F401
from hypothesis import given
from hypothesis import strategies as st

from trainwreck.stats import (
    anova,
    benjamini_hochberg,
    bootstrap_interval,
    box,
    contingency,
    contrast_each,
    crash_model,
    deepcrime_killed,
    equivalence,
    fisher,
    kruskal,
    mann_whitney,
    pairwise_anova,
    smallest_p,
    t_test,
    vargha_delaney,
)
from trainwreck.stats.compare import exact_with_ties

FEW = st.lists(st.integers(0, 4), min_size=1, max_size=5)


def by_all_permutations(first: list[int], second: list[int]) -> float:
    """Two-sided: twice the smaller tail of the sum of mid-ranks."""
    pooled = sorted([*first, *second])
    rank = {v: 2 * pooled.index(v) + pooled.count(v) + 1 for v in pooled}
    seen = sum(rank[value] for value in first)
    sums = [sum(rank[v] for v in each) for each in combinations([*first, *second], len(first))]
    low, high = sum(s <= seen for s in sums), sum(s >= seen for s in sums)
    return min(1.0, 2 * min(low, high) / len(sums))


@given(FEW, FEW)
def test_the_rank_test_is_that_of_all_permutations(first: list[int], second: list[int]) -> None:
    assert mann_whitney(first, second) == pytest.approx(by_all_permutations(first, second))


@given(FEW, FEW)
def test_the_rank_test_is_symmetric_and_never_below_what_is_attainable(
    first: list[int], second: list[int]
) -> None:
    p = mann_whitney(first, second)
    assert p == pytest.approx(mann_whitney(second, first))
    assert smallest_p(len(first), len(second)) - 1e-12 <= p <= 1


ROWS = st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=6), min_size=1, max_size=8)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=7), ROWS, st.sampled_from([None, 0.5, 2]))
def test_many_samples_are_compared_as_each_alone(
    clean: list[int], samples: list[list[int]], margin: float | None
) -> None:
    for sample, found in zip(samples, contrast_each(clean, samples, margin), strict=True):
        assert found.a12 == pytest.approx(vargha_delaney(clean, sample))
        assert found.difference == pytest.approx(fmean(sample) - fmean(clean))
        if len(set(sample)) == len(set(clean)) == 1:
            assert found.p is found.equivalence is None
            continue
        assert found.p == pytest.approx(mann_whitney(clean, sample))
        near = equivalence(clean, sample, margin) if margin else None
        assert found.equivalence == (near if near is None else pytest.approx(near))


@pytest.mark.parametrize("size", [40, 120])
def test_large_samples_are_compared_as_each_alone(size: int) -> None:
    clean = [(7 * value % 31) / 10 for value in range(30)]
    tied = [(5 * value % 37) / 10 for value in range(size)]
    apart = [value + 1e-3 * index for index, value in enumerate(tied)]
    for sample, found in zip([tied, apart], contrast_each(clean, [tied, apart], 0.3), strict=True):
        assert found.p == pytest.approx(mann_whitney(clean, sample))
        assert found.equivalence == pytest.approx(equivalence(clean, sample, 0.3))


def test_the_smallest_p_is_two_of_all_ways_to_choose() -> None:
    assert smallest_p(3, 30) == pytest.approx(2 / 5456)
    assert smallest_p(1, 1) == 1
    assert smallest_p(0, 9) == 1


@given(FEW, FEW)
def test_a12_counts_pairs(clean: list[int], buggy: list[int]) -> None:
    pairs = [(c, b) for c in clean for b in buggy]
    expected = sum((b > c) + (b == c) / 2 for c, b in pairs) / len(pairs)
    assert vargha_delaney(clean, buggy) == pytest.approx(expected)


def test_student_s_t_test_agrees_with_his_sleep_data() -> None:
    # Student (1908); R: t.test(extra ~ group, data = sleep, var.equal = TRUE), p = 0.07919.
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    assert t_test(first, second).p == pytest.approx(0.07919, abs=1e-5)
    assert t_test(first, second, equal_var=False).p == pytest.approx(0.07939, abs=1e-5)


def test_fisher_s_tea_tasting_lady() -> None:
    # Fisher (1935): three of four cups right; two-sided p = 34/70.
    assert fisher(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert fisher(0, 0, 1, 4) is None


def test_the_false_discovery_rate_of_fifteen_published_p_values() -> None:
    # Benjamini and Hochberg (1995), section 3.2: at .05 the first four are rejected.
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    published += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    corrected = benjamini_hochberg([*published, None])
    assert [p is not None and p <= 0.05 for p in corrected] == [True] * 4 + [False] * 12
    assert corrected[-1] is None
    assert benjamini_hochberg([None]) == [None]


def test_equivalence_needs_a_difference_below_the_margin() -> None:
    near, far = [1.0, 1.1, 0.9, 1.0], [1.5, 1.6, 1.4, 1.5]
    assert equivalence(near, near, 0.3) == pytest.approx(0.0013, abs=2e-3)
    assert (equivalence(near, far, 0.3) or 0) > 0.5
    assert equivalence([1.0], near, 0.3) is None
    assert equivalence([1.0, 1.0], [1.1, 1.1], 0.2) == 0
    assert equivalence([1.0, 1.0], [1.3, 1.3], 0.2) == 1


def test_the_interval_holds_the_difference() -> None:
    found = bootstrap_interval([1.0, 2, 3, 4], [3.0, 4, 5, 6])
    assert found is not None
    assert found[0] < 2 < found[1]
    assert bootstrap_interval([1.0], [2.0, 3.0]) is None
    assert bootstrap_interval([1.0, 1.0], [2.0, 2.0]) == (1, 1)


def test_analysis_of_variance_and_ranks_of_several_groups() -> None:
    # SciPy's documentation of f_oneway (shell lengths, McDonald 2009): F = 7.12, p = 0.00028.
    groups = {
        "tillamook": [0.0571, 0.0813, 0.0831, 0.0976, 0.0817, 0.0859, 0.0735, 0.0659, 0.0923,
                      0.0836],
        "newport": [0.0873, 0.0662, 0.0672, 0.0819, 0.0749, 0.0649, 0.0835, 0.0725],
        "petersburg": [0.0974, 0.1352, 0.0817, 0.1016, 0.0968, 0.1064, 0.105],
        "magadan": [0.1033, 0.0915, 0.0781, 0.0685, 0.0677, 0.0697, 0.0764, 0.0689],
        "tvarminne": [0.0703, 0.1026, 0.0956, 0.0973, 0.1039, 0.1045],
    }  # fmt: skip
    test = anova(groups)
    assert test.statistic == pytest.approx(7.1210194716424473)
    assert test.p == pytest.approx(0.00028122423145345439)
    assert len(pairwise_anova(groups)) == 10
    # SciPy's documentation of kruskal: H = 7.0, p = 0.0301973834223185.
    assert kruskal({"a": [1, 1, 1], "b": [2, 2, 2], "c": [2, 2]}).p == pytest.approx(0.03019738)


def test_what_cannot_be_tested_says_why() -> None:
    assert t_test([], [1, 2]).reason
    assert t_test([1, 1], [1, 1]).reason == "no value varies"
    assert anova({"a": [1, 2]}).reason
    assert anova({"a": [1, 1], "b": [1, 1]}).reason == "all values are equal"
    assert kruskal({}).reason
    assert contingency([[1, 0], [2, 0]]).reason
    assert crash_model([], [], []).wald.reason
    assert deepcrime_killed([1.0], [2.0]).reason
    assert isnan(mann_whitney([], [1.0]))
    assert isnan(vargha_delaney([nan], [1.0]))


def test_the_chance_of_a_crash_is_the_share_with_an_interval_around_it() -> None:
    crashed = [True, False] * 10 + [True, False, False, False, False] * 4
    group = ["a"] * 20 + ["b"] * 20
    model = crash_model(crashed, group, [str(index % 10) for index in range(40)])
    assert model.chances["a"][0] == pytest.approx(0.5)
    assert model.chances["b"][0] == pytest.approx(0.2)
    assert all(low < chance < high for chance, low, high in model.chances.values())
    assert model.clusters == 10


def test_groups_that_all_crash_are_left_out_and_named() -> None:
    crashed = [True, False] * 6 + [False, False, True] * 4 + [True] * 4
    group = ["a"] * 12 + ["b"] * 12 + ["always"] * 4
    model = crash_model(crashed, group, [str(index) for index in range(28)])
    assert model.left_out == ("always",)
    assert set(model.chances) == {"a", "b"}


def test_files_that_crash_together_widen_the_interval() -> None:
    crashed, group = [True] * 10 + [False] * 10 + [True, False] * 10, ["a"] * 20 + ["b"] * 20
    apart = crash_model(crashed, group, [str(index) for index in range(40)])
    together = crash_model(crashed, group, [str(index // 5) for index in range(40)])
    assert together.chances["a"][2] > apart.chances["a"][2]


def test_few_files_do_not_make_groups_differ() -> None:
    """Of groups that are alike about one in twenty is told to differ; Wald's own test said half."""
    chance, wrong = Random(7), 0
    for _ in range(60):
        files = [chance.betavariate(1.4, 2.6) for _ in range(13)]
        places = [chance.randrange(13) for _ in range(160)]
        crashed = [chance.random() < files[place] for place in places]
        group = [str(chance.randrange(8)) for _ in places]
        p = crash_model(crashed, group, list(map(str, places))).wald.p
        wrong += p is not None and p <= 0.05
    assert wrong <= 9


def test_the_test_of_all_groups_is_that_of_wald_where_clusters_are_many() -> None:
    crashed = ([True, False] * 30 + [True, False, False] * 20) * 40
    group = (["a"] * 60 + ["b"] * 60) * 40
    model = crash_model(crashed, group, [str(index) for index in range(len(group))])
    assert model.wald.p == pytest.approx(chi2_contingency_p(crashed, group), rel=0.05)


def chi2_contingency_p(crashed: list[bool], group: list[str]) -> float:
    """The p of the chi-square test without Yates' correction."""
    counts = [
        [sum(c is kind for c, g in zip(crashed, group, strict=True) if g == name) for name in "ab"]
        for kind in (True, False)
    ]
    return float(scipy.stats.chi2_contingency(counts, correction=False).pvalue)


def test_a_box_is_tukey_s_and_what_is_not_legal_lies_outside() -> None:
    found = box([1, 2, 3, 4, 100, nan, -5], (0, 200))
    assert (found.n, found.low, found.q1, found.median, found.q3, found.high) == (5, 1, 2, 3, 4, 4)
    assert (found.below, found.above) == ((), (100,))
    assert found.outside[0] == -5
    assert isnan(found.outside[1])
    assert box([], None).median is None


@given(st.lists(st.floats(allow_nan=True, width=32), max_size=30))
def test_every_value_is_in_the_box_an_outlier_or_outside(values: list[float]) -> None:
    found = box(values, (-1e6, 1e6))
    assert found.n + len(found.outside) == len(values)
    assert len(found.below) + len(found.above) <= found.n


def test_deepcrime_kills_only_what_is_worse() -> None:
    better, worse = [0.9, 0.91, 0.92], [0.5, 0.51, 0.53]
    clean = [0.75, 0.76, 0.77, 0.74]
    assert deepcrime_killed(clean, worse).killed
    assert not deepcrime_killed(clean, better).killed
    assert deepcrime_killed(clean, better, two_sided=True).killed
    assert deepcrime_killed(clean, better, better_higher=False).killed


def test_deepcrime_s_p_is_that_of_the_generalised_linear_model() -> None:
    import numpy
    import statsmodels.api as sm

    clean, buggy = [0.75, 0.76, 0.77, 0.74, 0.73], [0.72, 0.76, 0.71]
    group = sm.add_constant(numpy.repeat([0.0, 1.0], [5, 3]))
    fitted = sm.GLM(numpy.asarray([*clean, *buggy]), group).fit()
    assert deepcrime_killed(clean, buggy).p == pytest.approx(fitted.pvalues[1])


def test_large_samples_have_an_interval_too() -> None:
    clean, buggy = [float(index % 7) for index in range(2000)], [1.0, 2.0, 4.0]
    found = bootstrap_interval(clean, buggy)
    assert found is not None
    assert found[0] < sum(buggy) / 3 - sum(clean) / 2000 < found[1]


def test_many_tied_values_are_near_the_exact_test() -> None:
    first, second = [index % 9 for index in range(25)], [index % 5 for index in range(25)]
    exact = exact_with_ties(first, second)
    assert mann_whitney(first, second) == pytest.approx(exact, rel=0.15)
