"""The estimators of what to promise: their laws, their doors, their refusals."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.learn.columns import DAY
from overdeliver.learn.promise import PromiseCostRegressor, PromiseTimeRegressor
from overdeliver.vocabulary.errors import InputError, NotEnoughData
from tests.learn.ledgers import Ledger, ledger

Model = PromiseTimeRegressor | PromiseCostRegressor
LEVELS = (0.5, 0.8, 0.9, 0.95)


def learned(kind: str) -> tuple[Model, Ledger]:
    if kind == "trees":
        one = ledger(800, seed=3)
        return PromiseTimeRegressor().fit(one.features, one.days, made_at=one.made), one
    if kind == "table":
        one = ledger(150, seed=4)
        return PromiseTimeRegressor().fit(one.features, one.days, made_at=one.made), one
    if kind == "undated":
        one = ledger(400, seed=5)
        return PromiseTimeRegressor().fit(one.features, one.days), one
    one = ledger(250, seed=6)
    cost = PromiseCostRegressor()
    return cost.fit(one.features, 40 * one.days, made_at=one.made), one


@pytest.fixture(scope="module", params=["trees", "table", "undated", "cost"])
def known(request: pytest.FixtureRequest) -> tuple[Model, Ledger]:
    return learned(request.param)


def test_the_model_is_the_one_the_data_can_carry() -> None:
    trees, table = learned("trees")[0], learned("table")[0]
    assert trees.choice_.model == "boosted" and "pinball loss" in trees.choice_.because
    assert table.choice_.model == "table"
    assert trees.n_outcomes_ == 800
    assert trees.feature_names_in_.tolist() == ["weight", "seller", "state"]


@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98))
@settings(max_examples=20, deadline=None)
def test_predictions_rise_with_the_level(
    known: tuple[Model, Ledger], one: float, two: float
) -> None:
    model, past = known
    low, high = sorted((one, two))
    rows = past.features.slice(0, 30)
    promise = model.predict(rows, level=[low, high])
    assert promise.shape == (30, 2)
    assert (promise[:, 0] <= promise[:, 1]).all()
    np.testing.assert_array_equal(promise[:, 1], model.predict(rows, level=high))


@given(st.floats(-10, 1000), st.floats(-10, 1000))
@settings(max_examples=30, deadline=None)
def test_a_longer_promise_is_never_kept_less_often(
    known: tuple[Model, Ledger], one: float, two: float
) -> None:
    model, past = known
    rows = past.features.slice(0, 30)
    low, high = sorted((one, two))
    short, long = model.level_of(rows, low), model.level_of(rows, high)
    assert (short <= long).all()
    assert ((short >= 0) & (long <= 1)).all()


@given(st.floats(0.05, 0.95))
@settings(max_examples=20, deadline=None)
def test_the_level_of_a_promise_is_the_level_it_was_made_at(
    known: tuple[Model, Ledger], level: float
) -> None:
    model, past = known
    rows = past.features.slice(0, 30)
    again = model.level_of(rows, model.predict(rows, level=level))
    np.testing.assert_allclose(again, level, atol=1e-6)


@given(st.integers(0, 149))
@settings(max_examples=20, deadline=None)
def test_one_quote_is_the_prediction_of_its_row(known: tuple[Model, Ledger], row: int) -> None:
    model, past = known
    features = past.features.slice(row, 1)
    later = past.made[-1] + np.timedelta64(20, "D")
    for moment in (None, later):
        asked = None if moment is None else [moment]
        batch = model.predict(features, level=LEVELS, made_at=asked)[0]
        single = model.quote(features.to_pylist()[0], LEVELS, made_at=moment)
        np.testing.assert_allclose(single, batch, rtol=1e-9)


def test_a_name_never_seen_gets_an_answer(known: tuple[Model, Ledger]) -> None:
    model, past = known
    new = {"seller": "nobody", "state": None, "weight": None}
    batch = model.predict(
        pa.table({k: pa.array([v], past.features.schema.field(k).type) for k, v in new.items()})
    )
    assert np.isfinite(batch).all()
    assert model.quote(new, [0.9]) == pytest.approx(batch)
    assert model.quote({}, [0.9]) == pytest.approx(batch)


@pytest.mark.parametrize("dated", [True, False])
def test_the_order_of_rows_does_not_matter(dated: bool) -> None:
    one = ledger(400, seed=8)
    mixed = one.part(np.random.default_rng(0).permutation(400))
    promises = []
    for each in (one, mixed):
        model = PromiseTimeRegressor().fit(
            each.features, each.days, made_at=each.made if dated else None
        )
        promises.append(model.predict(one.features.slice(0, 50), level=LEVELS))
    np.testing.assert_allclose(promises[0], promises[1], rtol=1e-6)


@pytest.mark.parametrize("dated", [True, False])
def test_a_frame_given_twice_gives_nearly_the_same_promise(dated: bool) -> None:
    one = ledger(500, seed=9)
    twice = one.part(np.repeat(np.arange(500), 2))
    promises = [
        PromiseTimeRegressor()
        .fit(each.features, each.days, made_at=each.made if dated else None)
        .predict(one.features, level=0.9)
        for each in (one, twice)
    ]
    assert promises[1].mean() == pytest.approx(promises[0].mean(), rel=0.05)


def test_every_kind_of_frame_gives_the_same_promises() -> None:
    one = ledger(250, seed=10)
    numbers = one.features.drop_columns(["state"]).set_column(
        0, "seller", pa.array([float(s[-1]) for s in one.features["seller"].to_pylist()])
    )
    expected = None
    frames: list[Any] = [numbers, numbers.to_pandas(), pl.from_arrow(numbers)]
    frames.append(np.column_stack([numbers["seller"].to_numpy(), numbers["weight"].to_numpy()]))
    for frame in frames:
        model = PromiseTimeRegressor().fit(frame, one.days, made_at=pd.Series(one.made))
        found = model.predict(frame, level=LEVELS)
        expected = found if expected is None else expected
        np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert not hasattr(model, "feature_names_in_") and model.n_features_in_ == 2


def test_columns_may_come_in_another_order_and_with_others() -> None:
    model, past = learned("table")
    rows = past.features.slice(0, 5)
    other = rows.select(["weight", "state", "seller"]).append_column("new", pa.array(range(5)))
    np.testing.assert_array_equal(model.predict(other), model.predict(rows))
    with pytest.raises(ValueError, match="missing: seller"):
        model.predict(rows.drop_columns(["seller"]))
    assert np.isfinite(model.predict(rows.set_column(2, "weight", pa.nulls(5)))).all()
    with pytest.raises(InputError, match="'weight' was learned as numbers"):
        model.predict(rows.set_column(2, "weight", pa.array(["heavy"] * 5)))


def test_moments_are_features_in_fit_in_predict_and_in_a_quote() -> None:
    one = ledger(400, seed=11)
    ahead = np.random.default_rng(0).integers(1, 30, 400)
    asked_for = one.made + ahead.astype("timedelta64[D]")
    table = pa.table({"wanted": pa.array(asked_for.astype("datetime64[us]"))})
    model = PromiseTimeRegressor().fit(table, ahead + one.days / 10, made_at=one.made)
    now = one.made[-1]
    rows = pa.table(
        {
            "wanted": pa.array([now + np.timedelta64(d, "D") for d in (3, 25)]).cast(
                pa.timestamp("us")
            )
        }
    )
    soon, late = model.predict(rows, made_at=now)
    assert soon < 10 < 20 < late
    assert np.isfinite(model.predict(rows)).all()  # the moment is then the end of what was learned
    wanted = rows["wanted"].to_pylist()[1]
    assert model.quote({"wanted": wanted}, [0.9], made_at=now) == pytest.approx(late)


def test_whole_promises_are_whole_days() -> None:
    one = ledger(300, seed=12)
    model = PromiseTimeRegressor(whole=True).fit(one.features, np.floor(one.days), made_at=one.made)
    promise = model.predict(one.features, level=LEVELS)
    np.testing.assert_array_equal(promise, np.round(promise))
    assert (promise >= 0).all()


@pytest.mark.parametrize(("known_outcomes", "level"), [(4, 0.8), (9, 0.9), (19, 0.95)])
def test_the_fewest_outcomes_for_a_level(known_outcomes: int, level: float) -> None:
    y = np.arange(1.0, known_outcomes + 1)
    model = PromiseTimeRegressor().fit([[0.0]] * known_outcomes, y)
    short = PromiseTimeRegressor().fit([[0.0]] * (known_outcomes - 1), y[:-1])
    assert model.supports(level) and not short.supports(level)
    assert model.predict([[0.0]], level=level) == pytest.approx(known_outcomes)
    assert "one table for all" in model.choice_.because


def test_open_orders_lengthen_promises() -> None:
    """The same outcomes; but behind some of them others have been open for long."""
    one = ledger(600, seed=13)
    stuck = np.where((np.arange(600) > 450) & (np.arange(600) % 2 == 0), np.nan, one.days)
    gone = ~np.isnan(stuck)
    end = one.made[-1]
    open_seen = PromiseTimeRegressor().fit(one.features, stuck, made_at=one.made, as_of=end)
    left = one.part(gone)
    unseen = PromiseTimeRegressor().fit(left.features, left.days, made_at=left.made, as_of=end)
    rows = one.features.slice(0, 50)
    assert open_seen.predict(rows).mean() > 1.05 * unseen.predict(rows).mean()
    assert open_seen.n_outcomes_ == int(gone.sum())


def test_what_came_after_as_of_is_not_known() -> None:
    one = ledger(600, seed=14)
    moment = one.made[400]
    end = moment.astype(datetime)
    whole = PromiseTimeRegressor().fit(one.features, one.days, made_at=one.made, as_of=end)
    before = one.part(slice(0, 400))
    late = before.made + (before.days * DAY).astype("timedelta64[s]") >= moment
    open_then = np.where(late, np.nan, before.days)
    then = PromiseTimeRegressor().fit(before.features, open_then, made_at=before.made, as_of=end)
    rows = one.features.slice(500, 50)
    np.testing.assert_allclose(whole.predict(rows), then.predict(rows), rtol=1e-9)
    with pytest.raises(NotEnoughData, match="as_of"):
        PromiseTimeRegressor().fit(
            one.features, one.days, made_at=one.made, as_of=datetime(2000, 1, 1)
        )


def test_stages_may_come_along() -> None:
    one = ledger(500, seed=15)
    packed = one.made + (0.4 * one.days * DAY).astype("timedelta64[s]")
    model = PromiseTimeRegressor().fit(
        one.features, one.days, made_at=one.made, stages={"packed": packed}
    )
    assert "time to packed" in model.quoter_.live.plan.tracks
    row = one.features.slice(0, 1)
    assert model.quote(row.to_pylist()[0], [0.9]) == pytest.approx(model.predict(row))


def test_an_update_moves_what_was_slow() -> None:
    model, past = learned("trees")
    seller = pa.array(["seller-0"] * 60)
    rows = pa.table({"seller": seller, "state": ["state-0"] * 60, "weight": [1.0] * 60})
    before = model.predict(rows.slice(0, 1))[0]
    made = [past.made[-1].astype(datetime) + timedelta(days=n / 10) for n in range(60)]
    late = np.full(60, 40.0)
    observed = [m + timedelta(days=40) for m in made]
    assert model.update(rows, late, made_at=made, observed_at=observed) is model
    after = model.predict(rows.slice(0, 1))[0]
    assert after > 1.2 * before
    cost, bills = learned("cost")
    was = cost.predict(bills.features.slice(0, 1))
    cost.update(bills.features, 90 * bills.days, made_at=bills.made[-1])
    assert np.isfinite(was).all() and np.isfinite(cost.predict(bills.features)).all()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"made_at": np.arange(3.0)}, InputError, "3 moments were given for 30 rows"),
        ({"made_at": [None, *["2026-01-01"] * 29]}, InputError, "made_at is missing in row 1"),
        ({"observed_at": [None] * 30}, InputError, "observed_at is missing"),
        ({"y": [np.nan] * 30}, NotEnoughData, "still open"),
        ({"y": [1.0] * 29}, ValueError, "inconsistent numbers of samples"),
        ({"y": [[1.0, 2.0]] * 30}, ValueError, "1d array"),
        ({"X": pa.table({"a": pa.array([], pa.int64())})}, ValueError, "0 sample"),
    ],
)
def test_what_cannot_be_learned_from_is_said(
    change: dict[str, Any], error: Any, words: str
) -> None:
    whole: dict[str, Any] = {"X": [[1.0]] * 30, "y": [1.0] * 30, "made_at": ["2026-01-01"] * 30}
    asked = whole | change
    with pytest.raises(error, match=words):
        PromiseTimeRegressor().fit(asked.pop("X"), asked.pop("y"), **asked)


def test_open_rows_need_a_date() -> None:
    with pytest.raises(ValueError, match="NaN"):
        PromiseTimeRegressor().fit([[1.0]] * 30, [np.nan, *[1.0] * 29])


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, 1.5, [0.5, 2.0]])
def test_a_level_lies_between_0_and_1(level: Any) -> None:
    model = PromiseTimeRegressor().fit([[0.0]] * 30, np.arange(30.0))
    with pytest.raises(ValueError, match="between 0 and 1"):
        model.predict([[0.0]], level=level)
    with pytest.raises(ValueError, match="between 0 and 1"):
        model.quote({"x0": 0.0}, np.atleast_1d(level))


def test_a_unit_is_one_of_five() -> None:
    with pytest.raises(InputError, match="unit 'fortnights': use one of seconds"):
        PromiseTimeRegressor(unit="fortnights").fit([[1.0]] * 9, [1.0] * 9, made_at="2026-01-01")


def test_one_moment_speaks_for_all_rows() -> None:
    y = np.arange(1.0, 31.0)
    model = PromiseTimeRegressor(whole=True).fit([[0.0]] * 30, y, made_at=datetime(2026, 1, 1))
    assert model.predict([[0.0]] * 2, made_at=datetime(2026, 3, 1)).shape == (2,)
