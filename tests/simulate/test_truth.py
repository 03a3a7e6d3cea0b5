"""What was drawn follows the law it was drawn from."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overdeliver.simulate.business import business, end_of
from overdeliver.simulate.flat import export_of
from overdeliver.simulate.kinds import KINDS
from overdeliver.simulate.laws import Law, law_in
from overdeliver.simulate.visits import draw_scores, mean_score, return_probability
from overdeliver.simulate.world import Scenario
from overdeliver.vocabulary.errors import InputError


@pytest.fixture(scope="module", params=list(KINDS))
def made(request: pytest.FixtureRequest) -> tuple[str, dict[str, pa.Table]]:
    return request.param, business(request.param, 20_000, seed=3)


def floats(column: pa.ChunkedArray) -> np.ndarray:
    return column.to_numpy().astype(float)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9, 0.99])
def test_outcomes_stay_within_a_quantile_as_often_as_it_says(
    made: tuple[str, dict[str, pa.Table]], level: float
) -> None:
    truth = made[1]["truth"]
    law = law_in(truth)
    promised = law.quantile(level)
    kept = (floats(truth["actual"]) <= promised).mean()
    # Whole days are kept a little more often than the level; `level` knows by how much.
    expected = law.level(promised).mean()
    noise = 4.5 * np.sqrt(expected * (1 - expected) / truth.num_rows)
    assert expected >= level - 1e-9
    assert abs(kept - expected) < noise


@given(
    mean=st.floats(-2, 6),
    spread=st.floats(0.05, 1.5),
    tail=st.floats(0, 0.5),
    levels=st.tuples(st.floats(0.001, 0.999), st.floats(0.001, 0.999)),
    fraction=st.none() | st.floats(0, 0.999),
)
def test_quantile_and_level_are_inverse_and_rise(
    mean: float, spread: float, tail: float, levels: tuple[float, float], fraction: float | None
) -> None:
    day = np.nan if fraction is None else fraction
    law = Law(*(np.array([value]) for value in (mean, spread, tail, day)))
    low, high = sorted(levels)
    assert law.quantile(low) <= law.quantile(high)
    reached = law.level(law.quantile(high))[0]
    if fraction is None:
        assert reached == pytest.approx(high, abs=1e-9)
    else:
        assert reached >= high - 1e-9
        assert law.level(law.quantile(high) - 1)[0] < high + 1e-9


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data() -> None:
    first, again = business("salon", 500, seed=7), business("salon", 500, seed=7)
    assert all(first[name].equals(again[name]) for name in first)
    assert not first["orders"].equals(business("salon", 500, seed=8)["orders"])


def test_an_unknown_business_and_no_orders_are_refused_in_one_line() -> None:
    with pytest.raises(InputError, match="choose one of webshop"):
        business("bank", 10)
    with pytest.raises(InputError, match="one or more"):
        business("pizza", 0)


def test_a_strike_slows_and_a_rush_crowds() -> None:
    weeks = (Scenario("strike", 100, slower=0.7), Scenario("rush", 300, demand=4.0))
    truth = business("webshop", 60_000, seed=2, scenarios=weeks)["truth"].to_pandas()
    slow = truth.groupby("scenario")["actual"].mean()
    assert slow["strike"] / slow["calm"] == pytest.approx(np.exp(0.7), rel=0.15)
    counts = truth["scenario"].value_counts()
    assert counts["rush"] > 2 * counts["strike"]


def test_without_scenarios_every_day_is_calm() -> None:
    truth = business("pizza", 2_000, scenarios=())["truth"]
    assert truth["scenario"].unique().to_pylist() == ["calm"]


def test_entities_differ_as_much_as_they_should() -> None:
    tables = business("carservice", 60_000, seed=5, scenarios=())
    frame = export_of(tables).to_pandas().dropna(subset=["actual"])
    means = np.log(frame["actual"]).groupby(frame["repair"]).mean()
    assert means.std() > 0.2  # the spread of repairs is 0.45
    assert np.log(frame["actual"]).groupby(frame["channel"]).mean().std() < 0.02


@settings(max_examples=20)
@given(seed=st.integers(0, 2**31))
def test_scores_have_the_true_mean(seed: int) -> None:
    reaction = KINDS["webshop"].reaction
    gap = np.repeat([3.0, 0.0, -0.9, -1.1, -6.0], 4_000)
    score = draw_scores(reaction, gap, np.random.default_rng(seed)).reshape(5, -1)
    assert set(np.unique(score[~np.isnan(score)])) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    truth = mean_score(reaction, gap).reshape(5, -1)[:, 0]
    assert np.nanmean(score, axis=1) == pytest.approx(truth, abs=0.2)
    assert truth[2] - truth[3] > reaction.cliff  # the cliff, and a little slope


def test_customers_come_back_less_often_after_a_broken_promise() -> None:
    kind = KINDS["pizza"]
    probability = return_probability(kind, np.array([0.0, -5.0, -5.1]))
    assert probability == pytest.approx([0.7, 0.7, 0.42])
    tables = business("pizza", 40_000, seed=1)
    frame = export_of(tables).to_pandas()
    late = (frame["delivered_at"] - frame["promised_at"]).dt.total_seconds() > 300
    last = ~frame.duplicated("customer_id", keep="last")
    # Half a year before the end everyone has had the time to return.
    early = frame["placed_at"] < frame["placed_at"].max() - np.timedelta64(180, "D")
    returned = 1 - last[early].groupby(late[early]).mean()
    assert returned[False] == pytest.approx(0.7, abs=0.03)
    assert returned[True] == pytest.approx(0.42, abs=0.04)


def test_the_ledger_ends_and_leaves_orders_open(made: tuple[str, dict[str, pa.Table]]) -> None:
    kind, tables = made
    end = end_of(tables)
    assert pc.max(tables["outcomes"]["observed_at"]).as_py() <= end
    orders = tables["orders"].to_pandas()
    unfinished = orders["completed_at"].isna() & orders["cancelled_at"].isna()
    assert tables["outcomes"].num_rows == len(KINDS[kind].specs) * orders["completed_at"].count()
    if KINDS[kind].spec.unit == "days":
        assert unfinished.sum() > 20
        assert orders.loc[unfinished, "placed_at"].min() > end - timedelta(days=300)


def test_keys_are_unique_and_found(made: tuple[str, dict[str, pa.Table]]) -> None:
    tables = made[1]
    orders = set(tables["orders"]["order_id"].to_pylist())
    promises = set(tables["promises"]["promise_id"].to_pylist())
    assert len(orders) == 20_000
    assert len(promises) == tables["promises"].num_rows
    assert set(tables["promises"]["order_id"].to_pylist()) == orders
    assert set(tables["outcomes"]["promise_id"].to_pylist()) <= promises
    assert set(tables["feedback"]["order_id"].to_pylist()) <= orders


def test_orders_come_in_time_order_and_at_opening_hours() -> None:
    placed = business("dentist", 5_000, seed=4)["orders"]["placed_at"].to_pandas()
    assert placed.is_monotonic_increasing
    assert placed.dt.day_of_week.max() <= 4
    assert placed.dt.hour.between(8, 18).all()
