"""The price of lateness, from one's own data or from a stated source, never from nowhere."""

from dataclasses import replace

import numpy as np
import pytest

from overdeliver.learn.margin import critical_fractile, solve_margin
from overdeliver.learn.margin_costs import (
    ASYMMETRY,
    ELASTICITY_PER_DAY,
    LateCost,
    elasticity_prior,
    from_repeats,
    from_scores,
    late_cost_prior,
)
from overdeliver.measure.answers import NotEnough
from overdeliver.measure.cliff import Cliff
from overdeliver.measure.repeat import RepeatRate
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.money import Money

FALL = Cliff(
    at=-1.5,
    at_low=-2.5,
    at_high=-0.5,
    size=-1.2,
    low=-1.4,
    high=-1.0,
    slope_late=0.05,
    slope_early=0.0,
    n=900,
    p_value=0.002,
    significant=True,
)


def test_a_fall_of_the_score_is_a_jump_a_grace_and_a_slope() -> None:
    found = from_scores(FALL, 3.0)
    assert isinstance(found, LateCost)
    assert (found.late_penalty, found.grace) == (pytest.approx(3.6), 1.5)
    assert found.low == pytest.approx(3.0) and found.high == pytest.approx(4.2)
    assert found.late_cost == pytest.approx(0.15) and "900 cases" in found.source


def test_scores_that_rise_with_lateness_earn_nothing() -> None:
    found = from_scores(replace(FALL, slope_late=-0.3, at=2.0), 3.0)
    assert isinstance(found, LateCost) and (found.late_cost, found.grace) == (0.0, 0.0)


@pytest.mark.parametrize(
    "cliff",
    [replace(FALL, significant=False), replace(FALL, size=0.5, low=0.2, high=0.8), NotEnough("no")],
)
def test_chance_is_no_cost(cliff: Cliff | NotEnough) -> None:
    assert isinstance(from_scores(cliff, 3.0), NotEnough)


def test_it_goes_straight_into_the_solver() -> None:
    found = from_scores(FALL, Money("3", "EUR"))
    assert isinstance(found, LateCost)
    best = solve_margin(
        np.random.default_rng(1).gamma(9, 5 / 9, 2000),
        unit_margin=Money("40", "EUR"),
        late_cost=found.late_cost,
        late_penalty=found.late_penalty,
        grace=found.grace,
        elasticity=ELASTICITY_PER_DAY.value,
    )
    assert best.currency == "EUR" and 4 < best.promise < 9


def _rates(broken: tuple[int, int], met: tuple[int, int]) -> list[RepeatRate]:
    return [RepeatRate("broken", *broken, None), RepeatRate("met", *met, None)]


def test_lost_repeats() -> None:
    found = from_repeats(
        [*_rates((2000, 100), (6000, 500)), RepeatRate("exceeded", 3000, 400, None)], 20.0
    )
    assert isinstance(found, LateCost)
    assert found.late_penalty == pytest.approx(20 * (0.1 - 0.05)) and found.late_cost == 0.0
    assert found.low < found.late_penalty < found.high  # type: ignore[operator]


@pytest.mark.parametrize(
    "rates",
    [
        _rates((50, 4), (900, 90)),
        _rates((2000, 300), (9000, 900)),
        [RepeatRate("met", 100, 10, None)],
        NotEnough("no customer is named"),
    ],
)
def test_no_loss_beyond_chance_is_no_figure(rates: list[RepeatRate] | NotEnough) -> None:
    assert isinstance(from_repeats(rates, 20.0), NotEnough)


def test_priors_name_their_source_or_are_absent() -> None:
    taxi = late_cost_prior("taxi", 40.0)
    assert isinstance(taxi, LateCost) and "Halperin" in taxi.source
    assert (taxi.low, taxi.late_penalty, taxi.high) == pytest.approx((2.0, 3.0, 4.0))
    assert isinstance(late_cost_prior("dentist", 40.0), NotEnough)
    assert isinstance(elasticity_prior("hours"), NotEnough)
    assert "Cui" in ELASTICITY_PER_DAY.source
    assert critical_fractile(ASYMMETRY.value, 1) == pytest.approx(0.692, abs=0.001)


def test_a_worth_below_zero_is_refused() -> None:
    with pytest.raises(InputError, match="worth"):
        from_scores(FALL, -1.0)
