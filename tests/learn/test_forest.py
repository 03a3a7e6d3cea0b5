"""Forests: the same answers as scikit-learn's, in a batch, one by one and out of a file."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from overdeliver.learn.binning import fit_bins
from overdeliver.learn.forest import Forest


@pytest.fixture(scope="module", params=["squared_error", "gamma"])
def fitted(request: pytest.FixtureRequest) -> tuple[HistGradientBoostingRegressor, np.ndarray]:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(400, 4))
    matrix[rng.random((400, 4)) < 0.1] = np.nan
    y = np.exp(np.nansum(matrix, axis=1) / 3) + rng.exponential(size=400) + 0.01
    codes = fit_bins(matrix).codes(matrix)
    model = HistGradientBoostingRegressor(loss=request.param, max_iter=25, random_state=0)
    return model.fit(codes, y), codes


def test_a_forest_answers_as_the_estimator(
    fitted: tuple[HistGradientBoostingRegressor, np.ndarray],
) -> None:
    model, codes = fitted
    forest = Forest.of(model)
    batch = forest.raw(codes)
    expected = np.log(model.predict(codes)) if model.loss == "gamma" else model.predict(codes)
    np.testing.assert_allclose(batch, expected, atol=1e-9)
    np.testing.assert_allclose([forest.raw_one(row) for row in codes.tolist()], batch, atol=1e-12)


def test_a_forest_comes_back_from_its_state(
    fitted: tuple[HistGradientBoostingRegressor, np.ndarray],
) -> None:
    model, codes = fitted
    forest = Forest.of(model)
    again = Forest.from_state(forest.state())
    np.testing.assert_array_equal(again.raw(codes), forest.raw(codes))
    assert again.raw_one(codes[3].tolist()) == forest.raw_one(codes[3].tolist())


def test_the_mean_of_forests_is_the_mean_of_their_answers() -> None:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 9, (300, 3)).astype(float)
    y = codes.sum(axis=1) + rng.normal(size=300)
    parts = [
        Forest.of(
            HistGradientBoostingRegressor(max_iter=9, max_features=0.4, random_state=s).fit(
                codes, y
            )
        )
        for s in (0, 1)
    ]
    both = Forest.mean_of(parts).raw(codes)
    np.testing.assert_allclose(both, np.mean([one.raw(codes) for one in parts], axis=0), atol=1e-12)
    assert not np.array_equal(parts[0].raw(codes), parts[1].raw(codes))


def test_a_forest_without_trees_is_its_baseline() -> None:
    again = Forest.from_state(Forest(2.5, []).state())
    assert again.raw(np.zeros((2, 1))).tolist() == [2.5, 2.5]
    assert again.raw_one([0.0]) == 2.5
