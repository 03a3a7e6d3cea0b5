"""The guard finds what was known only afterwards, and leaves alone what was known before."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from overdeliver.learn.leakage import guard
from overdeliver.vocabulary.errors import InputError

N = 4000
DAY = np.timedelta64(86400, "s")


class World:
    """Parcels whose promise follows distance; slips of a shop and of chance decide the rest."""

    def __init__(self, n: int = N, seed: int = 0, open_share: float = 0.1) -> None:
        random = np.random.default_rng(seed)
        self.n, self.random = n, random
        self.distance = random.uniform(1, 30, n)
        self.shop = random.integers(0, 12, n)
        self.slip = random.gamma(2, 1.0, n) + self.shop / 8
        self.hand_over = random.gamma(3, 0.5, n)
        self.actual = 0.5 * self.distance + self.slip + self.hand_over
        self.promised = np.round(0.5 * self.distance + 6.0)
        self.made_at = np.datetime64("2024-01-01") + (np.arange(n) * 600) * np.timedelta64(1, "s")
        self.open = np.arange(n) >= n * (1 - open_share)
        self.outcome = np.where(self.open, np.nan, self.actual)
        self.gap = self.promised - self.actual

    def ordinary(self) -> dict[str, NDArray[Any]]:
        return {
            "distance": self.distance,
            "shop": np.array([f"shop {k}" for k in self.shop], dtype=object),
            "weight": self.random.lognormal(0, 1, self.n),
            "hour": self.made_at.astype("datetime64[h]").astype(int) % 24,
            "express": self.random.random(self.n) < 0.2,
            "placed_at": self.made_at - 2 * DAY,
        }

    def judge(
        self, more: Mapping[str, NDArray[Any]], **options: Any
    ) -> tuple[list[str], dict[str, str]]:
        options = {"promised": self.promised, "actual": self.outcome, **options}
        usable, left = guard(
            {**self.ordinary(), **more}, made_at=self.made_at, observed=None, **options
        )
        assert set(self.ordinary()) <= set(usable)
        return usable, {one.column: one.reason for one in left}


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def test_ordinary_columns_stay(world: World) -> None:
    assert world.judge({})[1] == {}


@pytest.mark.parametrize("seed", range(5))
def test_ordinary_columns_stay_in_other_worlds_too(seed: int) -> None:
    assert World(n=300, seed=seed).judge({})[1] == {}


def test_a_biased_promise_is_no_reason_to_lose_what_it_follows(world: World) -> None:
    _, left = world.judge({}, promised=0.8 * world.promised)
    assert left == {}


def test_moments_after_the_promise(world: World) -> None:
    collected = world.made_at + (world.slip * 86400).astype(int) * np.timedelta64(1, "s")
    iso = np.array([str(moment) for moment in collected], dtype=object)
    _, left = world.judge({"collected": collected, "as_text": iso})
    assert "100 % of the rows it lies after" in left["collected"]
    assert "--known as_text" in left["as_text"]


def test_a_slipped_clock_is_forgiven(world: World) -> None:
    paid = world.made_at - DAY
    paid[:20] += 2 * DAY
    assert "paid" in world.judge({"paid": paid})[0]


def test_without_the_moment_of_promising_no_moment_is_a_feature(world: World) -> None:
    usable, left = guard(
        {"placed_at": world.made_at},
        made_at=None,
        observed=None,
        actual=world.outcome,
        promised=world.promised,
    )
    assert usable == [] and "not known" in left[0].reason


def test_filled_only_when_finished(world: World) -> None:
    van = np.array([f"van {k}" for k in world.random.integers(0, 5, world.n)], dtype=object)
    van[world.open] = None
    stars = np.where(world.open | (world.random.random(world.n) < 0.6), np.nan, 3.0)
    _, left = world.judge({"van": van, "stars": stars})
    assert "100 % of the finished orders and for 0 %" in left["van"]
    assert "those without an outcome" in left["stars"]


def test_a_column_kept_only_lately_is_not_filled_afterwards(world: World) -> None:
    """Recorded no more since before the open orders were placed: time explains it."""
    late = np.arange(world.n) >= world.n * 0.7
    old = np.where(late, np.nan, 1.0 + world.random.random(world.n))
    outcome = np.where(late & (world.random.random(world.n) < 0.5), np.nan, world.actual)
    assert "old" in world.judge({"old": old}, actual=outcome)[0]


def _copies(world: World) -> dict[str, NDArray[Any]]:
    return {
        "actual": world.actual,
        "in_hours": world.actual * 24,
        "negative": -world.actual,
        "late_by": np.maximum(0, -world.gap),
        "squared": world.gap**3,
        "noisy": world.gap + world.random.normal(0, 0.3 * world.gap.std(), world.n),
        "bucket": np.floor(world.slip + world.hand_over).astype(str),
    }


@pytest.mark.parametrize("name", ["actual", "in_hours", "negative", "late_by", "squared", "noisy"])
def test_the_outcome_in_disguise(world: World, name: str) -> None:
    _, left = world.judge({"x": _copies(world)[name]})
    assert "alone it tells" in left["x"] and "pass --known x" in left["x"]


def test_categories_of_the_outcome(world: World) -> None:
    verdict = np.where(world.gap < 0, "late", np.where(world.gap > 2, "early", "fine"))
    _, left = world.judge({"flag": verdict.astype(object), "bucket": _copies(world)["bucket"]})
    assert "broken from kept" in left["flag"]
    assert "of the outcome beyond what was promised" in left["bucket"]


def test_keep_is_the_users_word(world: World) -> None:
    usable, left = world.judge({"actual": world.actual}, keep=["actual"])
    assert "actual" in usable and left == {}


def test_parts_that_make_the_outcome_together(world: World) -> None:
    wait = world.slip + world.random.normal(0, 0.2, world.n)
    _, left = world.judge({"hand_over": world.hand_over, "wait": wait})
    assert set(left) == {"hand_over", "wait"}
    assert "with wait it tells 9" in left["hand_over"]
    _, left = world.judge({"a": world.hand_over, "b": world.actual - world.hand_over})
    assert set(left) == {"a", "b"} and "make the outcome" in left["a"]


def test_a_plan_stays_and_what_came_of_it_goes(world: World) -> None:
    plan = world.random.uniform(100, 130, world.n)
    fact = plan + world.slip + world.hand_over + world.random.normal(0, 0.1, world.n)
    usable, left = world.judge({"plan": plan, "fact": fact})
    assert "plan" in usable and "plan" in left["fact"]


def test_exact_sums_without_a_promise(world: World) -> None:
    first = np.round(world.random.uniform(0, 9, world.n))
    actual = np.where(world.open, np.nan, np.round(world.actual))
    _, left = world.judge({"a": first, "b": np.round(world.actual) - first}, actual=actual)
    assert set(left) == {"a", "b"}


def test_without_a_promise_only_near_certainty_counts(world: World) -> None:
    good = world.actual + world.random.normal(0, 0.2 * world.actual.std(), world.n)
    usable, left = world.judge({"good": good, "copy": world.actual * 2}, promised=None)
    assert "good" in usable and "the best ordinary column" in left["copy"]


def test_a_flat_promise_is_no_yardstick(world: World) -> None:
    usable, left = world.judge({"gap": world.actual}, promised=np.full(world.n, 14.0))
    assert "distance" in usable and "gap" in left


def test_empty_constant_and_identifying(world: World) -> None:
    _, left = world.judge(
        {
            "order": np.array([f"#{k}" for k in range(world.n)], dtype=object),
            "number": np.arange(world.n) + 70_000,
            "empty": np.full(world.n, np.nan),
            "shop_country": np.full(world.n, "KZ", dtype=object),
            "express_or_not": np.where(np.arange(world.n) % 7 == 0, 1.0, np.nan),
        }
    )
    assert set(left) == {"order", "number", "empty", "shop_country"}


@pytest.mark.parametrize("name", ["delivery_note", "статус", "nota", "livrat_de", "жеткізу_түрі"])
def test_a_name_counts_only_with_evidence(world: World, name: str) -> None:
    hint = world.gap + world.random.normal(0, 1.5 * world.gap.std(), world.n)
    usable, left = world.judge({name: hint, "plain": hint})
    assert "plain" in usable and "its name" in left[name]
    assert name in world.judge({name: world.random.random(world.n)})[0]


def test_a_name_with_a_hint_of_the_verdict(world: World) -> None:
    hint = np.where(world.random.random(world.n) < 0.3, "a", np.where(world.gap < 0, "b", "a"))
    _, left = world.judge({"status": hint.astype(object)})
    assert "status" in left


def test_service_classes_count_the_other_way(world: World) -> None:
    booked = world.random.integers(1, 4, world.n).astype(float)
    given = np.clip(booked + world.random.integers(-1, 2, world.n), 1, 3)
    usable, left = guard(
        {"bad": (given < booked), "other": world.distance},
        made_at=world.made_at,
        observed=np.ones(world.n, dtype=bool),
        actual=given,
        promised=booked,
        lever="service",
    )
    assert usable == ["other"] and [one.column for one in left] == ["bad"]


def test_a_handful_of_outcomes_is_not_judged() -> None:
    small = World(n=12, open_share=0)
    usable, left = guard(
        {"copy": small.actual},
        made_at=small.made_at,
        observed=None,
        actual=small.actual,
        promised=small.promised,
    )
    assert usable == ["copy"] and left == []


def test_columns_of_another_length_are_refused(world: World) -> None:
    with pytest.raises(InputError, match="x has shape"):
        world.judge({"x": np.zeros(3)})


def test_row_order_does_not_matter_to_a_clear_case(world: World) -> None:
    back = slice(None, None, -1)
    usable, left = guard(
        {"late_by": np.maximum(0, -world.gap)[back], "distance": world.distance[back]},
        made_at=world.made_at[back],
        observed=None,
        actual=world.outcome[back],
        promised=world.promised[back],
    )
    assert usable == ["distance"] and left[0].column == "late_by"


def test_large_tables_take_about_a_second() -> None:
    world = World(n=300_000)
    columns = {f"c{k}": world.random.random(world.n) for k in range(20)}
    columns |= {f"k{k}": world.random.integers(0, 50, world.n).astype(str) for k in range(10)}
    started = time.process_time()
    world.judge(columns)
    assert time.process_time() - started < 4  # about 1.2 s on an idle machine


# ------------------------------------------------------------------ scheduled and actual flights


def _minutes(hhmm: NDArray[np.float64]) -> NDArray[np.float64]:
    return hhmm // 100 * 60 + hhmm % 100


@pytest.mark.real
@pytest.mark.parametrize("cancelled", [True, False])
def test_flights(shared_data: Path, cancelled: bool) -> None:
    table = pq.read_table(shared_data / "flights" / "flights.parquet")
    columns: dict[str, NDArray[Any]] = {
        name: table[name].to_numpy() for name in table.column_names if name != "arr_delay"
    }
    delay = table["arr_delay"].to_numpy()
    planned = (_minutes(columns["sched_arr_time"]) - _minutes(columns["sched_dep_time"])) % 1440
    made = np.array([text.rstrip("Z") for text in columns.pop("time_hour")], dtype="datetime64[s]")
    rows = np.ones(len(delay), dtype=bool) if cancelled else np.isfinite(delay)
    usable, left = guard(
        {name: values[rows] for name, values in columns.items()},
        made_at=made[rows],
        observed=None,
        actual=(planned + delay)[rows],
        promised=planned[rows].astype(float),
    )
    gone = {one.column for one in left}
    assert {"distance", "carrier", "origin", "dest", "hour", "sched_dep_time"} <= set(usable)
    assert {"dep_delay", "dep_time", "arr_time"} <= gone
    # The time in the air is only seen by this: a cancelled flight has none.
    assert not cancelled or "air_time" in gone
