"""The monitor: quiet while the level holds, loud in a strike, not fooled by what is still open."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from overdeliver.learn.monitor import Drift, drift
from overdeliver.vocabulary.errors import InputError, NotEnoughData

Floats = NDArray[np.float64]
LEVEL = 0.9
PER_DAY = 10


def _world(
    n: int, seed: int, *, strike: int = 0, factor: float = 2.5, kept: float = LEVEL
) -> tuple[Floats, Floats, Floats]:
    """n orders, ten a day, with a promise kept at ``kept``; the last ``strike`` take longer."""
    random = np.random.default_rng(seed)
    size = random.uniform(2, 20, n)  # long and short jobs, each with a promise to match
    took = random.gamma(4, 0.25, n)
    limit = float(np.quantile(np.random.default_rng(99).gamma(4, 0.25, 400_000), kept))
    if strike:
        took[n - strike :] *= factor
    age = (n - np.arange(n)) / PER_DAY
    actual = np.where(took * size < age, took * size, np.nan)
    return limit * size, actual, age


@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_alarms_stay_below_the_stated_rate(rate: float) -> None:
    """Looked at every 100 orders, over 150 histories, with no slack at all."""
    alarms = 0
    for seed in range(150):
        p, y, age = _world(1500, seed)
        when = age.max() - age
        alarms += any(_at(p, y, age, when, now, false_alarms=rate) for now in range(30, 151, 10))
    assert alarms <= 150 * rate


def _at(p: Floats, y: Floats, age: Floats, when: Floats, now: float, **options: Any) -> bool:
    """Whether the monitor, looking on that day, would have raised an alarm."""
    seen = when <= now
    aged = now - when[seen]
    known = np.where(y[seen] < aged, y[seen], np.nan)
    return drift(LEVEL, p[seen], known, aged, slack=0.0, **options).alarm


@pytest.mark.parametrize("seed", range(10))
def test_a_strike_is_noticed_within_250_orders(seed: int) -> None:
    """Kept falls from 90 to about 25 %; 250 orders are 25 days, in which few of them fall due."""
    found = drift(LEVEL, *_world(3000, seed, strike=250))
    assert found.alarm and found.since is not None
    assert found.since == pytest.approx(25, abs=5)
    assert found.evidence >= 100 and "it fell below" in found.because


@pytest.mark.parametrize("seed", range(3))
def test_a_slow_rot_is_noticed_too(seed: int) -> None:
    found = drift(LEVEL, *_world(6000, seed, kept=0.84))
    assert found.alarm and found.high < LEVEL


def test_a_strike_long_over_is_no_alarm_now() -> None:
    p, y, age = _world(4000, 1)
    y[500:700] *= 4
    assert not drift(LEVEL, p, y, age, half_life=100).alarm


def test_counting_only_the_delivered_is_biased_and_this_is_not() -> None:
    """Of the orders of the last three weeks the delivered ones are the fast ones."""
    naive, ours, due = [], [], []
    for seed in range(60):
        p, y, age = (x[-200:] for x in _world(400, seed))
        done = ~np.isnan(y)
        naive.append(float((y[done] <= p[done]).mean()))
        ours.append(drift(LEVEL, p, y, age).covered)
        past = age > p
        due.append(float((y[past] <= p[past]).mean()))
    assert np.mean(naive) > LEVEL + 0.02
    assert np.mean(ours) == pytest.approx(LEVEL, abs=0.012)
    # It also uses the orders not yet due, so it is no less sure than waiting for them.
    assert np.std(ours) <= 1.05 * np.std(due)


def test_in_a_strike_the_delivered_look_fine_while_the_estimate_falls() -> None:
    p, y, age = (x[-300:] for x in _world(2000, 4, strike=300, factor=4.0))
    done = ~np.isnan(y)
    assert drift(LEVEL, p, y, age).covered < (y[done] <= p[done]).mean() - 0.05


@pytest.mark.parametrize("half_life", [None, 30.0])
def test_the_interval_holds_the_truth(half_life: float | None) -> None:
    held = 0
    for seed in range(200):
        found = drift(LEVEL, *_world(500, seed), half_life=half_life)
        held += found.low <= LEVEL <= found.high
    assert held >= 0.9 * 200


def test_recent_promises_weigh_more() -> None:
    p, y, age = _world(3000, 5, strike=1000)
    recent, all_alike = (drift(LEVEL, p, y, age, half_life=h).covered for h in (20.0, None))
    assert recent < all_alike - 0.1


def test_without_open_orders_it_is_the_plain_share() -> None:
    p = np.arange(1.0, 41.0)
    y = p + np.where(np.arange(40) % 4 == 0, 0.5, -0.5)
    found = drift(0.7, p, y, np.full(40, 99.0))
    assert found.covered == pytest.approx(0.75) and found.open == 0
    assert found.low == pytest.approx(0.5980, abs=1e-3) and found.high == pytest.approx(
        0.8581, abs=1e-3
    )
    assert "open" not in found.because


def test_an_overdue_order_is_broken_and_a_young_one_undecided() -> None:
    p, y = np.full(40, 5.0), np.full(40, 3.0)
    y[:10] = np.nan
    late, young = np.full(40, 6.0), np.full(40, 4.0)
    assert drift(LEVEL, p, y, late).covered == pytest.approx(0.75)
    assert drift(LEVEL, p, y, np.where(np.isnan(y), 1.0, young)).covered == 1.0
    assert drift(LEVEL, p, y, young).covered == pytest.approx(0.75)
    on_the_day = drift(LEVEL, p, y, np.full(40, 5.0))
    assert on_the_day.evidence == 1.0 and not on_the_day.alarm


def test_everything_kept_and_everything_open() -> None:
    kept = drift(LEVEL, np.full(100, 5.0), np.full(100, 3.0), np.full(100, 9.0))
    assert kept.covered == 1.0 and kept.low > 0.95 and kept.high == 1.0
    assert "could be shorter" in kept.because
    waiting = drift(LEVEL, np.full(100, 5.0), np.full(100, np.nan), np.full(100, 1.0))
    assert (waiting.low, waiting.high, waiting.open) == (0.0, 1.0, 100)


def test_promises_for_the_same_day() -> None:
    p = np.zeros(40)
    y = np.where(np.arange(40) < 30, 0.0, 1.0)
    assert drift(0.7, p, y, np.full(40, 3.0)).covered == pytest.approx(0.75)
    y[30:] = np.nan
    assert drift(0.7, p, y, np.full(40, 3.0)).covered == pytest.approx(0.75)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 12), st.integers(0, 20)),
        min_size=20,
        max_size=60,
    ),
    shift=st.integers(1, 5),
)
def test_longer_promises_are_kept_no_less_often(rows: list[Any], shift: int) -> None:
    p, took, age = (np.array(x, dtype=float) for x in zip(*rows, strict=True))
    y = np.where(took <= age, took, np.nan)
    due = age > p + shift  # all decided under both, else other orders are undecided
    if due.sum() < 20:
        return
    short, long = (drift(LEVEL, p[due] + s, y[due], age[due]) for s in (0, shift))
    assert long.covered >= short.covered - 1e-9
    assert 0 <= short.low <= short.covered + 1e-9 and short.covered <= short.high + 1e-9


def test_row_order_does_not_matter() -> None:
    p, y, age = _world(500, 8, strike=150)
    mixed = np.random.default_rng(0).permutation(500)
    a, b = drift(LEVEL, p, y, age), drift(LEVEL, p[mixed], y[mixed], age[mixed])
    assert (a.alarm, a.since) == (b.alarm, b.since)
    assert a.covered == pytest.approx(b.covered) and a.evidence == pytest.approx(b.evidence)


@pytest.mark.parametrize(
    "options",
    [
        {"level": 1.0},
        {"level": 0.005},
        {"false_alarms": 0.0},
        {"half_life": 0.0},
        {"promised": [1.0] * 19},
        {"elapsed": [-1.0] * 30},
        {"promised": [float("nan")] * 30},
        {"actual": [float("inf")] * 30},
    ],
)
def test_impossible_numbers(options: dict[str, Any]) -> None:
    given_ = {"level": LEVEL, "promised": [1.0] * 30, "actual": [1.0] * 30, "elapsed": [2.0] * 30}
    with pytest.raises(InputError, match="monitor: "):
        drift(**{**given_, **options})


def test_a_handful_says_nothing() -> None:
    with pytest.raises(NotEnoughData, match="20 are needed"):
        drift(LEVEL, [1.0] * 5, [1.0] * 5, [2.0] * 5)


def test_a_hundred_thousand_orders() -> None:
    found: Drift = drift(LEVEL, *_world(100_000, 1))
    assert found.covered == pytest.approx(LEVEL, abs=0.005) and not found.alarm
