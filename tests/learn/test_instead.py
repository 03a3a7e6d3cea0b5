"""What to promise instead, group by group, and quotes held against outcomes."""

import numpy as np
import pytest

from overdeliver.learn.instead import in_words, instead_rows
from overdeliver.learn.judge import (
    Judged,
    groups_of,
    level_result,
    months_kept,
    same_kept,
    same_length,
)
from overdeliver.learn.results import Kept

ACTUAL = np.tile(np.arange(1.0, 101.0), 3)
LANE = np.repeat(np.array(["a", "b", None], dtype=object), [150, 110, 40])
JUDGED = Judged(ACTUAL, {"lane": LANE}, lambda level: np.full(300, 100 * level))


def test_one_line_for_all_and_one_for_each_large_group() -> None:
    rows = instead_rows(JUDGED, np.full(300, 80.0), 0.9, "days")
    assert [(dict(one.by), one.n) for one in rows] == [
        ({}, 300),
        ({"lane": "a"}, 150),
        ({"lane": "b"}, 110),
    ]
    first = rows[0]
    assert (first.promised_now, first.promise, first.level) == (80.0, 90.0, 0.9)
    shares = (first.kept_now, first.one_less, first.kept_expected, first.one_more)
    assert shares == pytest.approx((0.8, 0.89, 0.9, 0.91))


def test_without_promises_nothing_is_said_of_them() -> None:
    first = instead_rows(JUDGED, np.full(300, np.nan), 0.9, "days")[0]
    assert first.promised_now is None and first.kept_now is None


def test_outcomes_in_words() -> None:
    assert in_words(np.array([0.25, 1.5, 2.75]), "hours").endswith("9 in 10 came within 2.8 hours")
    assert in_words(np.array([1.0, 2.0, 3.0]), "days").endswith("within 3 days")


def test_levels_are_counted() -> None:
    found = level_result(JUDGED, 0.9)
    assert (found.kept, found.promised_mean) == (pytest.approx(0.9), pytest.approx(90.0))
    assert found.low < 0.9 < found.high
    over = ACTUAL - 90.0
    assert found.pinball == pytest.approx(np.maximum(0.9 * over, -0.1 * over).mean())
    assert found.worst_group and found.worst_group.n >= 100
    few = Judged(ACTUAL[:60], {"lane": LANE[:60]}, lambda level: np.full(60, 100 * level))
    assert level_result(few, 0.9).worst_group is None


def test_the_owners_rate_and_length_are_found() -> None:
    own = Kept(0.8, 85.0)
    same = same_kept(JUDGED, own)
    assert same.kept >= 0.8 and same.promised_mean == pytest.approx(80.0, abs=1e-6)
    long = same_length(JUDGED, own)
    assert long.promised_mean == pytest.approx(85.0, abs=1e-6) and long.kept >= 0.84


def test_months_and_groups() -> None:
    made = np.repeat([np.datetime64("2026-01-15"), np.datetime64("2026-02-15")], 150)
    seconds = made.astype("datetime64[s]").astype(float)
    months = months_kept(JUDGED, seconds, 0.9)
    assert [(one.month, one.n) for one in months] == [("2026-01", 150), ("2026-02", 150)]
    groups = groups_of(np.array([1.0, np.nan, 1.0, np.nan, 2.0, 1.0]))
    assert [(value, int(rows.sum())) for value, rows in groups] == [(1.0, 3), (None, 2), (2.0, 1)]
