"""The level of late: right where nothing changes, quick where it does, deaf to lost orders."""

import numpy as np
import pytest

from overdeliver.learn.columns import DAY
from overdeliver.learn.period import PeriodTable, period_levels

Floats = np.ndarray


def days(size: int, seed: int, *, rise: float = 0.0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    made = np.sort(rng.uniform(0, 300 * DAY, size))
    took = np.exp(rng.normal(np.log(10.0), 0.4, size) + rise * made / (300 * DAY))
    return made, took


def levels(made: Floats, actual: Floats, *, whole: bool = False, **options: float) -> Floats:
    observed = made + actual * DAY
    settings = {"unit": DAY, "half_life": 20 * DAY, "offset": 0.5, **options}
    return period_levels(made, observed, actual, whole=whole, **settings)[0]


@pytest.mark.parametrize("whole", [False, True])
def test_where_nothing_changes_the_level_is_the_mean_logarithm(whole: bool) -> None:
    made, took = days(6000, 1)
    actual = np.floor(took) if whole else took
    found = levels(made, actual, whole=whole)[made > 60 * DAY]
    assert found.mean() == pytest.approx(np.log(actual + 0.5).mean(), abs=0.03)


def test_rising_delays_are_seen_before_the_slow_have_reported() -> None:
    made, took = days(6000, 2, rise=0.8)
    end = 300 * DAY
    known = made + took * DAY < end
    actual = np.where(known, took, np.nan)
    now = levels(made, actual)[-1]
    truth = np.log(10.5) + 0.8
    recent = known & (made > 270 * DAY)
    naive = np.log(actual[recent] + 0.5).mean()  # only the fast ones have reported
    assert abs(now - truth) < 0.2 < 0.3 < truth - naive


def test_lost_orders_do_not_lift_the_level() -> None:
    made, took = days(6000, 3)
    lost = np.random.default_rng(4).random(6000) < 0.05
    kept = levels(made, np.where(lost, np.nan, took))[-1000:].mean()
    assert kept == pytest.approx(levels(made, took)[-1000:].mean(), abs=0.06)


def test_outcomes_far_beyond_the_usual_fit_into_the_ages() -> None:
    made, took = days(2000, 5)
    found = levels(made, np.floor(took * 40), whole=True)
    assert np.isfinite(found).all() and found[-1] == pytest.approx(np.log(400), abs=0.25)


def test_nothing_settled_is_still_a_number() -> None:
    made = np.arange(20) * DAY
    assert np.isfinite(levels(made, np.full(20, np.nan))).all()


def test_new_outcomes_move_a_table_and_it_comes_back_from_its_state() -> None:
    made, took = days(2000, 6)
    _, table = period_levels(
        made, made + took * DAY, took, unit=DAY, half_life=20 * DAY, offset=0.5, whole=False
    )
    again = PeriodTable.from_state(table.state())
    before = table.level()
    assert again.level() == before
    table.add(np.full(500, 30.0))
    assert before < table.level() < np.log(30.5)
    assert again.level() == before
