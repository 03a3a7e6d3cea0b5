"""The claim "kept at this level", on data never seen, with the truth known."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from overdeliver.learn.columns import DAY
from overdeliver.learn.promise import PromiseTimeRegressor
from overdeliver.simulate.laws import Law
from tests.learn.ledgers import Simulated, ledger, simulated

LEVELS = (0.8, 0.9, 0.95)


def band(level: float, cases: float, drift: float) -> float:
    """Four standard errors of a share, and what a finite past may be off by."""
    return 4 * float(np.sqrt(level * (1 - level) / cases)) + drift


def levels_kept(one: Simulated, model: Any, rows: np.ndarray, level: float) -> np.ndarray:
    """The true probability that each promise at ``level`` is kept: no noise of the judged."""
    promise = model.predict(one.features.take(rows), level=level, made_at=one.made[rows])
    return Law(*(part[rows] for part in vars(one.law).values())).level(promise)


def split(one: Simulated, share: float) -> tuple[PromiseTimeRegressor, np.ndarray]:
    """A model of the first part, and the rows of the month after it."""
    cut = one.made[int(len(one.made) * share)]
    actual = np.where(one.observed < cut, one.actual, np.nan)
    past = one.made < cut
    model = PromiseTimeRegressor(unit=one.unit, whole=one.unit == "days").fit(
        one.features.filter(past), actual[past], made_at=one.made[past],
        observed_at=np.where(past, one.observed, np.datetime64("NaT"))[past], as_of=cut,
    )  # fmt: skip
    after = (one.made >= cut) & (one.made < cut + np.timedelta64(45, "D"))
    return model, np.flatnonzero(after)


@pytest.fixture(scope="module", params=["webshop", "pizza"])
def calm(request: pytest.FixtureRequest) -> tuple[Simulated, Any, np.ndarray]:
    one = simulated(request.param, 5000, 11, scenarios=())
    return one, *split(one, 0.8)


@pytest.mark.parametrize("level", LEVELS)
def test_a_promise_is_kept_as_often_as_it_says(
    calm: tuple[Simulated, Any, np.ndarray], level: float
) -> None:
    one, model, rows = calm
    kept = levels_kept(one, model, rows, level)
    assert abs(kept.mean() - level) < band(level, len(rows), 0.02)


@pytest.mark.parametrize("level", LEVELS)
def test_it_is_so_in_each_group(calm: tuple[Simulated, Any, np.ndarray], level: float) -> None:
    one, model, rows = calm
    kept = levels_kept(one, model, rows, level)
    name = "category" if "category" in one.features.column_names else one.features.column_names[1]
    groups = np.array(one.features[name].take(rows).to_pylist(), dtype=object)
    for value in set(groups):
        inside = groups == value
        if inside.sum() >= 40:
            assert abs(kept[inside].mean() - level) < band(level, inside.sum(), 0.04), value


def test_rising_delays_do_not_break_promises_as_they_break_a_naive_table() -> None:
    """Of recent orders only the fast ones are known: the refit trap."""
    one = ledger(3000, seed=41, span=240, trend=1.2)
    slow = replace(one, days=one.days * 2.5)
    cut = one.made[2400]
    known = slow.made + (slow.days * DAY).astype("timedelta64[s]") < cut
    past = slow.made < cut
    after = (slow.made >= cut) & (slow.made < cut + np.timedelta64(21, "D"))
    new = slow.part(after)
    open_then = np.where(known, slow.days, np.nan)[past]
    model = PromiseTimeRegressor().fit(
        slow.features.filter(past), open_then, made_at=slow.made[past], as_of=cut
    )
    kept = (new.days <= model.predict(new.features, level=0.9, made_at=new.made)).mean()
    recent = known & (slow.made >= cut - np.timedelta64(30, "D"))
    naive = (new.days <= np.quantile(slow.days[recent], 0.9)).mean()
    assert naive < 0.8
    assert kept > naive + 0.05
    assert abs(kept - 0.9) < band(0.9, len(new.days), 0.06)


def test_a_strike_and_a_rush_cost_coverage_and_it_comes_back() -> None:
    """Nobody foresees a strike. Stated: what the first days cost, and that the level follows."""
    one = simulated("webshop", 6000, 12)
    for name, least in (("strike", 0.45), ("rush", 0.65)):
        inside = np.flatnonzero(one.scenario == name)
        first = one.made[inside[0]]
        model, _ = split(one, float(inside[0]) / len(one.made))
        kept = levels_kept(one, model, inside, 0.9).mean()
        assert least < kept < 0.93, name
        after = one.made >= first + np.timedelta64(45, "D")
        later, rows = split(one, float(np.argmax(after)) / len(one.made))
        assert abs(levels_kept(one, later, rows, 0.9).mean() - 0.9) < band(0.9, len(rows), 0.03)
