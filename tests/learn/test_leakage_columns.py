"""How the guard reads an array: as numbers, moments or categories."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from overdeliver.learn.leakage_columns import clock, codes_of, typed


def _objects(values: list[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


@pytest.mark.parametrize(
    ("values", "kind", "filled"),
    [
        ([Decimal("1.5"), None, 2], "number", [True, False, True]),
        ([1.0, float("nan")], "number", [True, False]),
        ([date(2024, 1, 1), None], "moment", [True, False]),
        ([datetime(2024, 1, 1, 3), datetime(2024, 1, 2)], "moment", [True, True]),
        (["2024-01-01T10:00:00Z", ""], "moment", [True, False]),
        (["2024-13-01", "x"], "category", [True, True]),
        (["2024-13-01", "2024-01-01"], "category", [True, True]),
        (["a", None, "", "a"], "category", [True, False, False, True]),
        ([True, False], "category", [True, True]),
        ([None, None], "category", [False, False]),
        ([["a"], ["b"], None], "category", [True, True, False]),
        ([1, 2, ("a", 1)], "category", [True, True, True]),
    ],
)
def test_objects(values: list[Any], kind: str, filled: list[bool]) -> None:
    column = typed("x", _objects(values))
    assert (column.kind, column.filled.tolist()) == (kind, filled)
    assert np.isnan(column.values).tolist() == [not f for f in filled]


def test_codes_of_nothing() -> None:
    assert codes_of([]).tolist() == []
    assert codes_of([float("nan"), float("nan"), "x"]).tolist() == [-1, -1, 0]


def test_times_of_day_are_counted_from_the_quietest_hour() -> None:
    times = np.array([2355.0, 5.0, 830.0, 2400.0])
    assert clock(times) is not None
    minutes = np.asarray(clock(times))
    assert minutes[1] - minutes[0] in (10, 10 - 1440)
    assert clock(np.array([12.0, 59.0])) is None  # too small to be told from counts
    assert clock(np.array([12.5, 1230.0])) is None
