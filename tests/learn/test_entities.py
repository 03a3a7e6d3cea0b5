"""Whose past tells the future: found where it does, left where it does not."""

import numpy as np

from overdeliver.learn.columns import DAY, Columns
from overdeliver.learn.entities import candidates, choose_entities, learn_vocabulary

N = 1500
RNG = np.random.default_rng(7)
MADE = np.sort(RNG.uniform(0, 300 * DAY, N))


def texts(values: np.ndarray) -> np.ndarray:
    return np.array([f"v{one}" for one in values], dtype=object)


def chosen(columns: Columns, deviation: np.ndarray) -> list[tuple[str, ...]]:
    return choose_entities(columns, MADE, MADE + 3 * DAY, deviation, 120 * DAY)


def test_a_telling_column_is_taken_first() -> None:
    seller, colour = RNG.integers(0, 10, N), RNG.integers(0, 300, N)
    deviation = 0.3 * (seller - 4.5) + RNG.normal(0, 0.2, N)
    columns = Columns({}, {"colour": texts(colour), "seller": texts(seller)}, N)
    assert chosen(columns, deviation)[0] == ("seller",)
    assert ("colour",) not in chosen(columns, deviation)


def test_a_pair_is_taken_where_only_the_pair_tells() -> None:
    here, there = RNG.integers(0, 5, N), RNG.integers(0, 5, N)
    deviation = np.where((here + there) % 2 == 0, 0.8, -0.8) + RNG.normal(0, 0.2, N)
    columns = Columns({}, {"from": texts(here), "to": texts(there)}, N)
    assert {"from", "to"} in [set(one) for one in chosen(columns, deviation)]


def test_a_pair_that_says_no_more_than_one_of_them_is_left() -> None:
    city = RNG.integers(0, 40, N)
    deviation = 0.05 * (city - 20) + RNG.normal(0, 0.1, N)
    columns = Columns({}, {"city": texts(city), "region": texts(city // 10)}, N)
    assert all(len(one) == 1 for one in chosen(columns, deviation))


def test_with_few_outcomes_nothing_is_claimed() -> None:
    columns = Columns({}, {"a": texts(RNG.integers(0, 2, N))}, N)
    open_mostly = np.where(np.arange(N) < 10, 1.0, np.nan)
    assert chosen(columns, open_mostly) == [("a",)]  # no gain, no loss: kept, without a pair


def test_names_repeat_and_measures_do_not() -> None:
    columns = Columns(
        {
            "weight": RNG.normal(size=N),
            "clerk": RNG.integers(1, 9, N).astype(float),
            "nothing": np.full(N, np.nan),
        },
        {
            "id": texts(np.arange(N)),
            "same": texts(np.zeros(N, int)),
            "lane": texts(np.arange(N) % 9),
        },
        N,
    )
    assert candidates(columns) == ["lane", "clerk"]


def test_a_vocabulary_knows_its_values_alone_and_in_rows() -> None:
    columns = Columns(
        {"clerk": np.array([1.0, 2.0, np.nan, 1.0])},
        {"lane": np.array(["a", None, "b", "a"], dtype=object)},
        4,
    )
    vocabulary, codes = learn_vocabulary(columns, ("clerk", "lane"))
    assert codes.tolist() == [0, 1, 2, 0] == vocabulary.of(columns).tolist()
    rows = [{"clerk": 1, "lane": "a"}, {"clerk": np.int64(2)}, {"clerk": float("nan"), "lane": "b"}]
    assert [vocabulary.of_one(row) for row in rows] == [0, 1, 2]
    assert vocabulary.of_one({"clerk": 9, "lane": "a"}) == -1
    single, _ = learn_vocabulary(columns, ("lane",))
    assert single.of_one({"lane": "b"}) == 2
