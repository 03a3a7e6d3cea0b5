import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from overdeliver.measure.intervals import (
    benjamini_hochberg,
    binomial_test,
    correlation_interval,
    difference_of_means,
    fisher_test,
    mean_interval,
    newcombe,
    rate,
    wilson,
)
from overdeliver.measure.minimum import minimum_outcomes

counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_wilson_lies_in_the_unit_and_holds_its_estimate(of: tuple[int, int]) -> None:
    k, n = of
    found = wilson(k, n)
    assert 0 <= found.low <= k / n <= found.high <= 1
    assert found.low < found.high


@given(counts)
def test_wilson_mirrors_and_tightens_with_more_cases(of: tuple[int, int]) -> None:
    k, n = of
    found, mirrored, more = wilson(k, n), wilson(n - k, n), wilson(4 * k, 4 * n)
    assert math.isclose(found.low, 1 - mirrored.high, abs_tol=1e-9)
    assert more.high - more.low < found.high - found.low


@given(counts)
def test_wilson_agrees_with_scipy(of: tuple[int, int]) -> None:
    k, n = of
    theirs = stats.binomtest(k, n).proportion_ci(method="wilson")
    assert math.isclose(wilson(k, n).low, theirs.low, abs_tol=1e-9)
    assert math.isclose(wilson(k, n).high, theirs.high, abs_tol=1e-9)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (3, 2), (-1, 4)])
def test_wilson_refuses_what_is_no_share(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="a share needs"):
        wilson(k, n)


def test_no_case_no_rate() -> None:
    assert rate(0, 0) is None


def test_mean_interval_agrees_with_scipy() -> None:
    low, high = stats.t.interval(0.95, 11, loc=4.0, scale=1.5 / math.sqrt(12))
    found = mean_interval(4.0, 1.5, 12)
    assert found is not None
    assert math.isclose(found.low, low) and math.isclose(found.high, high)
    assert mean_interval(4.0, None, 1) is None
    assert mean_interval(None, None, 0) is None


def test_difference_of_means_agrees_with_welch() -> None:
    result = stats.ttest_ind_from_stats(5.0, 1.0, 20, 4.0, 2.5, 31, equal_var=False)
    found = difference_of_means(5.0, 1.0, 20, 4.0, 2.5, 31, confidence=1 - result.pvalue)
    assert found is not None
    assert math.isclose(found.low, 0.0, abs_tol=1e-6)  # at 1 - p the interval just touches zero
    assert difference_of_means(1, 1, 1, 2, 2, 9) is None
    still = difference_of_means(3, 0, 5, 1, 0, 5)
    assert still is not None and still.low == still.high == 2


def test_newcombe_holds_the_difference_and_its_published_example() -> None:
    found = newcombe(56, 70, 48, 80)
    assert round(found.low, 4) == 0.0524 and round(found.high, 4) == 0.3339
    assert found.holds(56 / 70 - 48 / 80)


def test_correlation_interval_has_ends_in_order_and_needs_four() -> None:
    assert correlation_interval(0.9, 3) is None
    assert correlation_interval(float("nan"), 30) is None
    found = correlation_interval(1.0, 30)
    assert found is not None and 0.99 < found.low <= found.high <= 1.0


@given(st.lists(st.floats(0, 1), max_size=30), st.floats(0.01, 0.3))
def test_benjamini_hochberg_agrees_with_scipy(p_values: list[float], q: float) -> None:
    found = benjamini_hochberg(p_values, q)
    theirs = stats.false_discovery_control(p_values) <= q if p_values else []
    near = any(math.isclose(p * len(p_values) / k, q) for p in p_values for k in range(1, 31))
    assert near or found == list(theirs)


@given(counts, st.sampled_from([0.05, 0.5, 0.8, 0.9, 0.95]))
def test_binomial_is_the_smaller_tail_doubled(of: tuple[int, int], share: float) -> None:
    k, n = of
    tails = stats.binom.cdf(k, n, share), stats.binom.sf(k - 1, n, share)
    assert math.isclose(binomial_test(k, n, share), min(1.0, 2 * min(tails)), abs_tol=1e-9)


@given(counts, counts)
def test_fisher_is_the_smaller_tail_doubled(a: tuple[int, int], b: tuple[int, int]) -> None:
    pot = a[1] + b[1], a[0] + b[0], a[1]
    tails = stats.hypergeom.cdf(a[0], *pot), stats.hypergeom.sf(a[0] - 1, *pot)
    assert math.isclose(fisher_test(*a, *b), min(1.0, 2 * min(tails)), abs_tol=1e-7)


def test_fisher_meets_binomial_when_the_rest_is_large() -> None:
    assert math.isclose(
        fisher_test(80, 100, 9_000_000, 10_000_000), binomial_test(80, 100, 0.9), rel_tol=1e-3
    )


def test_minimum_outcomes_is_exact() -> None:
    assert [minimum_outcomes(p) for p in (0.5, 0.8, 0.85, 0.9, 0.95, 0.99)] == [1, 4, 6, 9, 19, 99]
    assert minimum_outcomes("0.9") == minimum_outcomes(Fraction(9, 10)) == 9
    with pytest.raises(ValueError, match="between 0 and 1"):
        minimum_outcomes(1.0)
