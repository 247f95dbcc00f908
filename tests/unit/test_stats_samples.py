"""Tests of samples against all permutations, and against values worked out elsewhere."""

from collections.abc import Sequence
from itertools import combinations
from math import inf, isnan, nan
from random import Random
from statistics import fmean

import pytest
import scipy.stats  # (imported here, not within the time of an example)
from hypothesis import given, settings
from hypothesis import strategies as st

from trainwreck.stats.batched import contrast_each
from trainwreck.stats.boxes import box
from trainwreck.stats.compare import Untestable, exact_with_ties, smallest_p, t_test
from trainwreck.stats.deepcrime import deepcrime_killed
from trainwreck.stats.families import benjamini_hochberg
from trainwreck.stats.groups import anova, chance_model, contingency, pairwise_anova, share_interval

FEW = st.lists(st.integers(0, 4), min_size=1, max_size=5)


def by_all_permutations(first: list[int], second: list[int]) -> float:
    """Two-sided: twice the smaller tail of the sum of mid-ranks."""
    pooled = sorted([*first, *second])
    rank = {v: 2 * pooled.index(v) + pooled.count(v) + 1 for v in pooled}
    seen = sum(rank[value] for value in first)
    sums = [sum(rank[v] for v in each) for each in combinations([*first, *second], len(first))]
    low, high = sum(s <= seen for s in sums), sum(s >= seen for s in sums)
    return min(1.0, 2 * min(low, high) / len(sums))


def rank_p(clean: Sequence[float], sample: Sequence[float]) -> float | None:
    """The p of one sample against the clean one, as all are compared."""
    return contrast_each(clean, [sample])[0].p


@given(FEW, FEW)
def test_contrast_each_compares_ranks_as_all_permutations_do(
    first: list[int], second: list[int]
) -> None:
    p = rank_p(first, second)
    if len({*first, *second}) == 1:
        assert p is None
    else:
        assert p == pytest.approx(by_all_permutations(second, first))


@given(FEW, FEW)
def test_contrast_each_is_symmetric_and_never_below_what_is_attainable(
    first: list[int], second: list[int]
) -> None:
    p, turned = rank_p(first, second), rank_p(second, first)
    assert p == turned if p is None else p == pytest.approx(turned)
    assert p is None or smallest_p(len(first), len(second)) - 1e-12 <= p <= 1


ROWS = st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=6), min_size=1, max_size=8)


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=7), ROWS, st.sampled_from([None, 0.5, 2]))
def test_contrast_each_compares_many_samples_as_each_alone(
    clean: list[int], samples: list[list[int]], margin: float | None
) -> None:
    together = contrast_each(clean, samples, margin=margin)
    for sample, contrast in zip(samples, together, strict=True):
        (alone,) = contrast_each(clean, [sample], margin=margin)
        assert contrast == alone
        pairs = [(c, b) for c in clean for b in sample]
        wins = sum((b > c) + (b == c) / 2 for c, b in pairs)
        assert contrast.a12 == pytest.approx(wins / len(pairs))
        assert contrast.difference == pytest.approx(fmean(sample) - fmean(clean))


def test_contrast_each_says_where_ranks_are_compared_approximately() -> None:
    clean = [(7 * value % 31) / 10 for value in range(30)]
    sizes = {83: True, 84: False}
    for size, is_exact in sizes.items():
        sample = [(5 * value % 37) / 10 for value in range(size)]
        (contrast,) = contrast_each(clean, [sample])
        assert contrast.exact is is_exact
        assert contrast.p == pytest.approx(exact_with_ties(sample, clean), rel=0.05)


def test_the_interval_is_no_narrower_than_welch_s_and_student_s() -> None:
    clean, sample = [1.0, 2, 3, 4, 5, 6], [3.0, 4, 8]
    (contrast,) = contrast_each(clean, [sample])
    assert contrast.interval is not None
    for equal_var in (True, False):
        ends = scipy.stats.ttest_ind(sample, clean, equal_var=equal_var).confidence_interval()
        assert contrast.interval[0] <= ends.low + 1e-12
        assert contrast.interval[1] >= ends.high - 1e-12
    (alone,) = contrast_each(clean, [[3.0]])
    assert alone.interval is None


def test_equivalence_is_no_clearer_than_welch_s_two_one_sided_tests_say() -> None:
    clean = [0.75 + 0.001 * (7 * index % 11) for index in range(30)]
    sample = [0.752 + 0.001 * (5 * index % 11) for index in range(12)]
    (contrast,) = contrast_each(clean, [sample], margin=0.01)
    ends = [
        scipy.stats.ttest_ind(
            [value - sign * 0.01 for value in sample],
            clean,
            equal_var=False,
            alternative="less" if sign > 0 else "greater",
        ).pvalue
        for sign in (1, -1)
    ]
    assert contrast.within is not None
    assert max(ends) - 1e-12 <= contrast.within < 0.05
    (far,) = contrast_each(clean, [[value + 0.02 for value in sample]], margin=0.01)
    assert far.within is not None
    assert far.within > 0.9
    assert far.beyond is not None
    assert far.beyond < 0.05


def test_equivalence_is_not_shown_beside_a_collapse() -> None:
    clean = [0.75 + 0.001 * (7 * index % 11) for index in range(30)]
    sample = [0.75 + 0.001 * (5 * index % 11) for index in range(10)]
    assert (contrast_each(clean, [sample], margin=0.01)[0].within or 1) < 0.05
    collapsed = [*sample[:-1], 0.5]
    assert (contrast_each(clean, [collapsed], margin=0.01)[0].within or 0) > 0.05


def test_the_smallest_p_is_two_of_all_ways_to_choose() -> None:
    assert smallest_p(3, 30) == pytest.approx(2 / 5456)
    assert smallest_p(1, 1) == 1
    assert smallest_p(0, 9) == 1


def test_student_s_t_test_agrees_with_his_sleep_data() -> None:
    # Student (1908); R: t.test(extra ~ group, data = sleep, var.equal = TRUE), p = 0.07919.
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    assert t_test(first, second).p == pytest.approx(0.07919, abs=1e-5)
    assert t_test(first, second, equal_var=False).p == pytest.approx(0.07939, abs=1e-5)


def test_the_false_discovery_rate_of_fifteen_published_p_values() -> None:
    # Benjamini and Hochberg (1995), section 3.2: at .05 the first four are rejected.
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    published += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    corrected = benjamini_hochberg([*published, None])
    assert [p is not None and p <= 0.05 for p in corrected] == [True] * 4 + [False] * 12
    assert corrected[-1] is None
    assert benjamini_hochberg([None]) == [None]


def test_analysis_of_variance_of_several_groups() -> None:
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


def test_what_cannot_be_tested_says_why() -> None:
    assert t_test([], [1, 2]).reason
    assert t_test([1, 1], [1, 1]).reason == "no value varies"
    assert anova({"a": [1, 2]}).reason
    assert anova({"a": [1, 1], "b": [1, 1]}).reason == "all values are equal"
    assert contingency([[1, 0], [2, 0]]).reason
    assert chance_model([], [], []).alike.reason
    assert deepcrime_killed([1.0], [2.0]).reason


def test_the_chance_of_a_crash_is_the_share_with_an_interval_around_it() -> None:
    crashed = [True, False] * 10 + [True, False, False, False, False] * 4
    group = ["a"] * 20 + ["b"] * 20
    model = chance_model(crashed, group, [str(index % 10) for index in range(40)])
    assert model.chances["a"].share == pytest.approx(0.5)
    assert model.chances["b"].share == pytest.approx(0.2)
    assert all(each.low < each.share < each.high for each in model.chances.values())


def test_groups_that_all_crash_are_compared_like_others() -> None:
    crashed = [True] * 20 + [False] * 20
    group = ["always"] * 20 + ["never"] * 20
    model = chance_model(crashed, group, [str(index) for index in range(40)])
    assert model.alike.p is not None
    assert model.alike.p < 1e-6
    assert model.chances["always"].high == 1
    assert 0.8 < model.chances["always"].low < 0.9


def test_groups_in_one_file_are_not_compared() -> None:
    model = chance_model([True, False] * 10, ["a", "b"] * 10, ["one.py"] * 20)
    assert model.alike.p is None
    assert model.alike.reason is Untestable.TOO_FEW_FILES
    assert (model.chances["a"].low, model.chances["a"].high) == pytest.approx((0.025, 1))


def test_files_that_crash_together_widen_the_interval() -> None:
    crashed = [True] * 10 + [False] * 10
    apart = share_interval(crashed, [str(index) for index in range(20)])
    together = share_interval(crashed, [str(index // 5) for index in range(20)])
    assert together[0] < apart[0] < 0.5 < apart[1] < together[1]
    assert share_interval([], []) == (0, 1)
    assert share_interval([True, False], ["a", "a"]) == (0, 1)
    none_of_many = share_interval([False] * 300, [str(index % 100) for index in range(300)])
    assert none_of_many == pytest.approx((0, 0.0362), abs=1e-4)


def test_a_smaller_alpha_widens_every_interval() -> None:
    crashed, files = [True, False, False] * 20, [str(index) for index in range(60)]
    usual, strict = share_interval(crashed, files), share_interval(crashed, files, 0.001)
    assert strict[0] < usual[0] < usual[1] < strict[1]
    clean, sample = [1.0, 2, 3, 4], [3.0, 4, 5]
    wide = contrast_each(clean, [sample], level=0.001)[0].interval
    narrow = contrast_each(clean, [sample])[0].interval
    assert wide is not None
    assert narrow is not None
    assert wide[0] < narrow[0]


def test_few_files_do_not_make_groups_differ() -> None:
    """Of groups that are alike about one in twenty is said to differ."""
    chance, wrong = Random(7), 0
    for _ in range(60):
        files = [chance.betavariate(1.4, 2.6) for _ in range(13)]
        places = [chance.randrange(13) for _ in range(160)]
        crashed = [chance.random() < files[place] for place in places]
        group = [str(chance.randrange(8)) for _ in places]
        p = chance_model(crashed, group, list(map(str, places))).alike.p
        wrong += p is not None and p <= 0.05
    assert wrong <= 9


def test_the_test_of_all_groups_is_chi_square_where_clusters_are_many() -> None:
    crashed = ([True, False] * 30 + [True, False, False] * 20) * 4
    group = (["a"] * 60 + ["b"] * 60) * 4
    model = chance_model(crashed, group, [str(index) for index in range(len(group))])
    assert model.alike.p == pytest.approx(chi2_contingency_p(crashed, group), rel=0.2)


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


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", [1e-200, 1e170, 1e300])
def test_diverged_losses_whose_squares_overflow_are_compared(scale: float) -> None:
    clean, buggy = [0.1, 0.2, 0.3, 0.4], [2.0, 5.0, 3.0, 4.0]
    known = deepcrime_killed(clean, buggy, better_higher=False)
    scaled = [scale * value for value in clean], [scale * value for value in buggy]
    assert deepcrime_killed(*scaled, better_higher=False).effect == pytest.approx(known.effect)
    (contrast,) = contrast_each(clean, [scaled[1]], margin=0.1)
    if scale > 1:
        assert contrast.interval is None
        assert contrast.within is None


def test_deepcrime_s_p_is_that_of_the_generalised_linear_model() -> None:
    import numpy
    import statsmodels.api as sm

    clean, buggy = [0.75, 0.76, 0.77, 0.74, 0.73], [0.72, 0.76, 0.71]
    group = sm.add_constant(numpy.repeat([0.0, 1.0], [5, 3]))
    fitted = sm.GLM(numpy.asarray([*clean, *buggy]), group).fit()
    assert deepcrime_killed(clean, buggy).p == pytest.approx(fitted.pvalues[1])


def test_deepcrime_s_other_p_is_student_s() -> None:
    clean, buggy = [0.75, 0.76, 0.77, 0.74, 0.73], [0.72, 0.76, 0.71]
    assert deepcrime_killed(clean, buggy, by_t=True).p == pytest.approx(t_test(clean, buggy).p)


def test_deepcrime_killed_takes_values_beside_which_all_others_hardly_vary() -> None:
    killed = deepcrime_killed([2.5, 2.51, 2.52], [1e300, 1e300], better_higher=False)
    assert (killed.effect, killed.p, killed.killed) == (inf, 0.0, True)
