"""Bins: few, ordered, equal for a batch and for one row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from overdeliver.learn.binning import fit_bins


@given(st.lists(st.floats(-100, 100) | st.just(float("nan")), min_size=1, max_size=200))
def test_codes_keep_the_order_and_what_is_missing(values: list[float]) -> None:
    matrix = np.array(values)[:, None]
    bins = fit_bins(matrix, most=10)
    codes = bins.codes(matrix)[:, 0]
    missing = np.isnan(matrix[:, 0])
    np.testing.assert_array_equal(np.isnan(codes), missing)
    order = np.argsort(matrix[~missing, 0])
    assert (np.diff(codes[~missing][order]) >= 0).all()
    assert len(set(codes[~missing])) <= 10
    np.testing.assert_array_equal([bins.codes_of_one([v])[0] for v in values], codes)


def test_few_distinct_values_keep_a_bin_each() -> None:
    matrix = np.array([[1.0], [2.0], [5.0], [2.0]])
    assert fit_bins(matrix).codes(matrix)[:, 0].tolist() == [0.0, 1.0, 2.0, 1.0]
    assert fit_bins(matrix).codes_of_one([1.4]) == [0.0]


def test_a_column_of_nothing_has_no_edges() -> None:
    bins = fit_bins(np.full((5, 1), np.nan))
    assert len(bins.edges[0]) == 0
    assert bins.codes_of_one([3.0]) == [0.0]
