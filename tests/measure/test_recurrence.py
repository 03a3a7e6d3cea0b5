"""Whether a change stopped what it was made for."""

from datetime import timedelta

import numpy as np
import pytest
from scipy import stats

from overdeliver.measure.recurrence import FEWEST, pace, recurrence

MONTH = timedelta(days=30)


@pytest.mark.parametrize("n", [0, 1, 5, 40, 3000])
def test_the_interval_is_garwoods(n: int) -> None:
    found = pace(n, 30.0)
    assert found is not None
    low = stats.chi2.ppf(0.025, 2 * n) / 2 if n else 0.0
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(stats.chi2.ppf(0.975, 2 * n + 2) / 2)


@pytest.mark.parametrize(
    ("before", "days", "after", "since", "verdict"),
    [
        (12, 120, 0, 60, "stopped"),
        (40, 120, 5, 60, "less"),
        (6, 60, 6, 60, "same"),
        (2, 120, 9, 60, "more"),
        (12, 120, 0, 27, "too_early"),
        (FEWEST - 1, 120, 0, 60, "too_early"),
        (0, 0, 9, 60, "too_early"),
        (12, 120, 0, 0, "too_early"),
    ],
)
def test_the_verdict(before: int, days: int, after: int, since: int, verdict: str) -> None:
    found = recurrence(before, timedelta(days=days), after, timedelta(days=since))
    assert found.verdict == verdict


def test_where_nothing_changed_little_is_said() -> None:
    """The same pace before and after: at most one in twenty is told otherwise."""
    chance = np.random.default_rng(7)
    counts = chance.poisson(10, size=(2_000, 2))
    wrong = [
        recurrence(int(first), 3 * MONTH, int(second), 3 * MONTH).verdict != "same"
        for first, second in counts
    ]
    assert np.mean(wrong) <= 0.05


def test_counts_below_nothing_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="negative"):
        recurrence(-1, MONTH, 0, MONTH)
