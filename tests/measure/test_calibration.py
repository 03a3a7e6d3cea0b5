import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_pinball_loss

from overdeliver.measure.calibration import (
    coverage,
    coverage_by,
    coverage_by_month,
    pinball,
    sharpness,
)

values = st.floats(-1e6, 1e6)
pairs = st.lists(st.tuples(values, values), min_size=1, max_size=50)


@given(pairs, st.sampled_from([0.5, 0.9, 0.95]))
def test_pinball_agrees_with_scikit_learn(rows: list[tuple[float, float]], level: float) -> None:
    y, q = np.array(rows).T
    assert pinball(y, q, level) == pytest.approx(mean_pinball_loss(y, q, alpha=level), abs=1e-6)


@given(pairs)
def test_a_longer_promise_never_covers_less(rows: list[tuple[float, float]]) -> None:
    y, q = np.array(rows).T
    short, long = coverage(y, q), coverage(y, q + 1)
    assert short is not None and long is not None
    assert 0 <= short.share <= long.share <= 1
    assert short.interval.holds(short.share)


@given(pairs)
def test_groups_add_up(rows: list[tuple[float, float]]) -> None:
    y, q = np.array(rows).T
    found = coverage_by(y, q, np.arange(len(y)) % 3)
    assert sum(c.n for c in found.values()) == len(y)
    overall = coverage(y, q)
    assert overall is not None
    kept = sum(c.share * c.n for c in found.values())
    assert kept == pytest.approx(overall.share * len(y))


def test_what_is_refused_or_unknown_is_not_judged() -> None:
    found = coverage([1.0, np.nan, 3.0], [2.0, 2.0, np.nan])
    assert found is not None and (found.share, found.n) == (1.0, 1)
    assert coverage([], []) is None and pinball([np.nan], [1.0], 0.5) is None
    assert coverage_by([np.nan], [1.0], ["a"]) == {}
    assert sharpness([np.nan]) is None


def test_sharpness_describes_the_promises() -> None:
    found = sharpness([1.0, 2.0, 3.0, 4.0, np.nan])
    assert found is not None
    assert (found.mean, found.median, found.n) == (2.5, 2.5, 4)
    assert found.p90 == pytest.approx(3.7)


def test_months_come_in_order() -> None:
    at = np.array(["2018-05-02", "2018-04-30", "2018-04-01"], dtype="datetime64[us]")
    found = coverage_by_month([1, 2, 3], [2, 1, 5], at)
    assert [(m, c.share, c.n) for m, c in found.items()] == [
        ("2018-04", 0.5, 2),
        ("2018-05", 1.0, 1),
    ]


def test_wrong_shapes_and_levels_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        coverage([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="one length"):
        coverage_by([1.0], [1.0], ["a", "b"])
    with pytest.raises(ValueError, match="between 0 and 1"):
        pinball([1.0], [1.0], 1.0)
