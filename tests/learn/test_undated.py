"""Rows without dates: means held out, calibrated on rows never seen."""

import numpy as np
import pyarrow as pa
import pytest

from overdeliver.learn.promise import PromiseCostRegressor, PromiseTimeRegressor
from tests.learn.ledgers import ledger


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_undated_promises_are_kept_at_their_level(level: float) -> None:
    past, new = ledger(600, seed=71), ledger(2000, seed=72)
    model = PromiseTimeRegressor().fit(past.features, past.days)
    assert model.choice_.model == "boosted"
    kept = (new.days <= model.predict(new.features, level=level)).mean()
    assert abs(kept - level) < 0.05


def test_a_group_that_differs_gets_its_own_promise() -> None:
    rng = np.random.default_rng(0)
    slow = rng.integers(0, 2, 200)
    cost = np.where(slow == 1, 300.0, 100.0) * rng.gamma(20, 1 / 20, 200)
    table = pa.table({"kind": [("quick", "slow")[one] for one in slow]})
    model = PromiseCostRegressor(level=0.9).fit(table, cost)
    assert model.choice_.grouping == 0 and "table by kind" in model.choice_.because
    quick, late = model.predict(pa.table({"kind": ["quick", "slow"]}))
    assert quick < 180 < 250 < late


def test_whole_outcomes_with_few_different_rows() -> None:
    rng = np.random.default_rng(1)
    days = rng.poisson(5, 900).astype(float)
    model = PromiseTimeRegressor(whole=True).fit(rng.integers(0, 2, (900, 1)).astype(float), days)
    promise = model.predict([[0.0], [1.0]], level=0.9)
    np.testing.assert_allclose(promise, np.quantile(days, 0.9), atol=1)


def test_without_any_column_that_tells_one_table_speaks() -> None:
    days = np.random.default_rng(2).gamma(9, 1, 400)
    model = PromiseTimeRegressor().fit(pa.table({"same": ["x"] * 400}), days)
    assert model.predict(pa.table({"same": ["y"]}), level=0.5)[0] == pytest.approx(
        np.median(days), rel=0.05
    )
