"""The margin solver: fixtures, conditions that hold at every optimum, prices, warnings."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import brentq

from overdeliver.learn.margin import Margin, critical_fractile, solve_margin
from overdeliver.learn.margin_laws import Sample, Smooth, law_of
from overdeliver.vocabulary.errors import InputError, NotEnoughData
from overdeliver.vocabulary.money import Money

GAMMA = stats.gamma(9, scale=5 / 9)
FIXTURES = [
    (0.0073, 40, 2, 6.75, 0.856),
    (0.0051, 40, 2, 7.20, 0.900),
    (0.0073, 40, 5, 7.85, 0.943),
    (0.02, 40, 5, 6.65, 0.844),
]


def _solve(distribution: Any = GAMMA, **options: Any) -> Margin:
    given_ = {"unit_margin": 40, "late_cost": 2, "elasticity": 0.0073, **options}
    return solve_margin(distribution, **given_)


def _late_by(q: float) -> float:
    return float(quad(GAMMA.sf, q, 60)[0])


@pytest.mark.parametrize(("late", "level"), [(3, 0.75), (9, 0.90), (19, 0.95)])
def test_the_plain_fractile(late: int, level: float) -> None:
    assert critical_fractile(late, 1) == level
    assert critical_fractile(Money(late, "KZT"), Money(1, "KZT")) == level


@pytest.mark.parametrize("costs", [(0, 0), (-1, 2), (float("nan"), 1)])
def test_fractiles_that_do_not_exist(costs: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="margin: "):
        critical_fractile(*costs)


@pytest.mark.parametrize(("elasticity", "margin", "cost", "promise", "level"), FIXTURES)
@pytest.mark.parametrize("kind", ["frozen", "cdf", "sample"])
def test_fixtures(
    kind: str, elasticity: float, margin: float, cost: float, promise: float, level: float
) -> None:
    sample = GAMMA.ppf((np.arange(20_000) + 0.5) / 20_000)
    law = {"frozen": GAMMA, "cdf": GAMMA.cdf, "sample": sample}[kind]
    found = solve_margin(law, elasticity=elasticity, unit_margin=margin, late_cost=cost)
    assert found.promise == pytest.approx(promise, abs=0.01)
    assert found.level == pytest.approx(level, abs=0.002)
    # The fixtures were read off a grid; the condition itself: 1 - F = elasticity (m - c L) / c.
    exact = brentq(lambda q: GAMMA.sf(q) - elasticity * (margin - cost * _late_by(q)) / cost, 3, 12)
    assert found.promise == pytest.approx(exact, abs=2e-6 if kind != "sample" else 2e-3)


@settings(max_examples=40, deadline=None)
@given(
    shape=st.floats(1.2, 30),
    elasticity=st.floats(0.001, 0.05),
    cost=st.floats(0.5, 20),
    penalty=st.floats(0, 10),
)
def test_the_first_order_condition(
    shape: float, elasticity: float, cost: float, penalty: float
) -> None:
    """Formula 8.3: elasticity (m - C0 (1 - F) - c L) = C0 f + c (1 - F) at an inner optimum."""
    law = stats.gamma(shape, scale=5 / shape)
    found = solve_margin(
        law, unit_margin=40, late_cost=cost, late_penalty=penalty, elasticity=elasticity
    )
    late = float(law.sf(found.promise))
    gain = elasticity * (40 - penalty * late - cost * found.late_by)
    loss = penalty * float(law.pdf(found.promise)) + cost * late
    if found.promise > 1e-6:
        assert gain == pytest.approx(loss, rel=1e-3, abs=1e-5)
    else:
        assert gain >= loss - 1e-3


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.integers(0, 40), min_size=1, max_size=30),
    elasticity=st.floats(0.001, 0.2),
    cost=st.floats(0, 5),
    penalty=st.floats(0.1, 30),
    grace=st.sampled_from([0.0, 1.0, 2.5]),
)
def test_no_other_promise_pays_better(
    values: list[int], elasticity: float, cost: float, penalty: float, grace: float
) -> None:
    t = np.array(values, dtype=float)
    found = solve_margin(
        t,
        unit_margin=40,
        late_cost=cost,
        late_penalty=penalty,
        elasticity=elasticity,
        grace=grace,
    )
    for q in np.linspace(0, 45, 181):
        late = np.maximum(t - q, 0).mean()
        profit = 40 - penalty * (t > q + grace).mean() - cost * late
        profit *= np.exp(-elasticity * (q - found.promise))
        assert profit <= found.profit + 1e-9


def test_prices_move_the_promise_the_right_way() -> None:
    base = _solve()
    assert _solve(late_cost=4).promise > base.promise
    assert _solve(late_penalty=5).promise > base.promise
    assert _solve(elasticity=0.02).promise < base.promise
    assert _solve(unit_margin=80).promise < base.promise
    assert _solve(late_penalty=5, grace=1.5).promise < _solve(late_penalty=5).promise


def test_one_more_and_one_less_lose_money_and_move_the_level() -> None:
    found = _solve()
    assert found.one_less is not None
    assert found.one_more.profit_change < 0 and found.one_less.profit_change < 0
    assert found.one_less.level < found.level < found.one_more.level
    assert found.one_more.level_change == pytest.approx(
        GAMMA.cdf(found.promise + 1) - GAMMA.cdf(found.promise)
    )
    assert _solve([0.2, 0.3, 0.4], late_cost=1).one_less is None


def test_whole_days_and_a_shortest_promise() -> None:
    found = _solve(whole=True)
    assert found.promise == 7.0
    assert _solve(whole=True, step=2.0).promise == 6.0
    assert _solve(shortest=9.0).promise == 9.0
    assert _solve([3.0], shortest=5.0, whole=True).promise == 5.0


def test_the_curve_peaks_at_the_answer() -> None:
    found = _solve(present=10)
    best = max(found.curve, key=lambda point: point.profit)
    width = found.curve[1].promise - found.curve[0].promise
    assert abs(best.promise - found.promise) <= width
    levels = [point.level for point in found.curve]
    assert levels == sorted(levels) and levels[-1] > 0.99
    assert found.curve[-1].promise >= 12.5


def test_too_long_a_promise_is_called_what_it_is() -> None:
    found = _solve(present=12, unit="days", unit_margin=Money(40, "EUR"), late_cost=Money(2, "EUR"))
    assert found.present is not None and found.present.orders == 1.0
    assert found.overpaid is not None and found.overpaid > 0
    assert found.warning is not None
    assert found.warning.startswith("you promise 12 days, 6.756 would pay best: you pay ")
    assert f"{found.money(found.overpaid)} per 1,000 orders for safety" in found.warning


def test_too_short_a_promise_too() -> None:
    found = _solve(present=4)
    assert found.warning is not None and "lateness costs you" in found.warning
    assert _solve(present=6.8).warning is None


def test_money_in_money_out() -> None:
    found = _solve(unit_margin=Money("40.00", "JPY"), late_cost=Money(2, "JPY"))
    assert found.currency == "JPY"
    assert found.money(found.one_more.profit_change).amount == Decimal(
        repr(found.one_more.profit_change * 1000)
    ).quantize(Decimal(1))
    with pytest.raises(InputError, match="without a currency"):
        _solve().money(1.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unit_margin": 0}, "unit_margin"),
        ({"late_cost": 0}, "lateness must cost"),
        ({"late_cost": -1}, "late_cost must be"),
        ({"elasticity": 0}, "elasticity must be above zero"),
        ({"elasticity": float("nan")}, "elasticity must be above zero"),
        ({"step": 0}, "step"),
        ({"whole": True, "step": 1e-9}, "too fine"),
        ({"present": -1}, "present"),
        ({"unit_margin": Money(40, "EUR")}, "one currency"),
        ({"unit_margin": Money(40, "EUR"), "late_cost": Money(2, "KZT")}, "one currency"),
        ({"weights": [1.0]}, "weights go with"),
    ],
)
def test_prices_without_an_answer(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        _solve(**options)


def test_outcomes_without_an_answer() -> None:
    with pytest.raises(NotEnoughData):
        _solve([float("nan")])
    with pytest.raises(InputError, match="one weight"):
        _solve([1.0, 2.0], weights=[1.0])
    with pytest.raises(InputError, match="no distribution"):
        _solve(lambda q: 0.5 + 0 * q)


def test_few_outcomes_are_said_to_be_few() -> None:
    assert "are needed" in str(_solve([4.0, 5.0, 9.0], late_cost=30).thin)
    assert _solve(GAMMA.rvs(500, random_state=1)).thin is None
    assert _solve().thin is None
    few = _solve([4.0] * 8 + [400.0], elasticity=0.02, weights=[8.0] + [1.0] * 8)
    assert few.level < 1 and "few for a promise" in str(few.thin)


# -------------------------------------------------------------------------- distributions


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.floats(0, 100), min_size=1, max_size=20),
    q=st.floats(-5, 120),
)
def test_a_sample_is_its_own_mean(values: list[float], q: float) -> None:
    t, law = np.array(values), Sample(values)
    assert law.late(np.array([q]))[0] == pytest.approx((t > q).mean(), abs=1e-12)
    assert law.late_by(np.array([q]))[0] == pytest.approx(np.maximum(t - q, 0).mean(), abs=1e-9)


def test_weights_count_as_repeats() -> None:
    once, twice = Sample([1.0, 5.0, 5.0]), Sample([1.0, 5.0], weights=[1, 2])
    q = np.linspace(0, 6, 13)
    assert np.allclose(once.late(q), twice.late(q)) and np.allclose(
        once.late_by(q), twice.late_by(q)
    )


@pytest.mark.parametrize(
    "law", [stats.gamma(2), stats.lognorm(1.0), stats.expon(scale=1e-4), stats.norm(5000, 400)]
)
def test_a_function_is_integrated_well(law: Any) -> None:
    smooth, mean = Smooth(law.cdf), float(law.mean())
    assert smooth.late_by(np.array([0.0]))[0] == pytest.approx(mean, rel=1e-6)
    q = float(law.ppf(0.9))
    far = float(law.ppf(1 - 1e-14))
    beyond = sum(quad(law.sf, *ends)[0] for ends in pairwise(np.linspace(q, far, 50)))
    assert smooth.late_by(np.array([q]))[0] == pytest.approx(beyond, rel=1e-5)


def test_a_law_is_taken_as_it_is() -> None:
    law = Sample([1.0])
    assert law_of(law) is law
