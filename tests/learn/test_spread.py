"""The spread of residuals: against a distribution written out, and its two directions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overdeliver.learn.spread import Spread, fit_spread
from overdeliver.measure.minimum import minimum_outcomes

RESIDUALS = st.lists(st.floats(-5, 5), min_size=2, max_size=60)
LEVEL = st.floats(0.01, 0.99)


@given(RESIDUALS, st.integers(0, 1000))
def test_shares_are_the_weighted_shares_at_or_below(residuals: list[float], seed: int) -> None:
    residual = np.array(residuals)
    weight = np.random.default_rng(seed).uniform(0.1, 2.0, len(residual))
    spread = fit_spread(residual, weight)
    if len(set(residuals)) == 1:
        return
    for point, share in zip(spread.residual, spread.share, strict=True):
        assert share == pytest.approx(weight[residual <= point].sum() / weight.sum(), abs=1e-9)
    assert spread.effective == pytest.approx(weight.sum() ** 2 / (weight**2).sum())


@given(RESIDUALS, LEVEL, LEVEL)
def test_a_higher_level_is_never_a_lower_residual(
    residuals: list[float], one: float, other: float
) -> None:
    spread = fit_spread(np.array(residuals), np.ones(len(residuals)))
    low, high = sorted((one, other))
    assert spread.quantile(low) <= spread.quantile(high)


@given(RESIDUALS, LEVEL)
def test_levels_and_quantiles_are_inverse_inside_what_was_seen(
    residuals: list[float], level: float
) -> None:
    spread = fit_spread(np.array(residuals), np.ones(len(residuals)))
    rank = level * (1 + 1 / spread.effective)
    wide = np.diff(spread.residual).min() > 1e-6
    if wide and spread.share[0] < rank < spread.share[-1]:
        assert spread.level_of(spread.quantile(level)) == pytest.approx(level, abs=1e-6)


@pytest.mark.parametrize(("level", "least"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_the_fewest_outcomes_a_level_needs(level: float, least: int) -> None:
    assert minimum_outcomes(level) == least
    sizes = (least, max(least - 1, 1))
    enough, short = (fit_spread(np.arange(n, dtype=float), np.ones(n)) for n in sizes)
    assert enough.supports(level)
    assert short.supports(level) == (least == 1)
    assert enough.quantile(level) == pytest.approx(least - 1)  # the largest seen


def test_the_conformal_rank_keeps_its_level_exactly() -> None:
    """Of 20 exchangeable values the next lies within the promise at .9 with probability >= .9."""
    rng = np.random.default_rng(0)
    kept = 0
    for _ in range(4000):
        seen = rng.exponential(size=21)
        kept += seen[20] <= fit_spread(seen[:20], np.ones(20)).quantile(0.9)
    assert abs(kept / 4000 - 0.9) < 4 * np.sqrt(0.09 / 4000)


def test_one_value_still_has_two_directions() -> None:
    spread = fit_spread(np.full(30, 2.0), np.ones(30))
    assert spread.quantile(0.9) == pytest.approx(2.0, abs=1e-8)
    assert spread.level_of(3.0) > 0.9 > spread.level_of(1.0) == 0.0


def test_nothing_seen_is_no_spread() -> None:
    with pytest.raises(ValueError, match="at least one"):
        fit_spread(np.empty(0), np.empty(0))


def test_state_and_back() -> None:
    spread = fit_spread(np.array([1.0, 3.0, 2.0]), np.array([1.0, 2.0, 3.0]))
    again = Spread.from_state(spread.state())
    assert again.quantile(0.7) == spread.quantile(0.7)
