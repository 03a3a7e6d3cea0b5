"""Any frame in, the same columns out; moments in all their dress."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from overdeliver.learn.columns import Columns, read_columns, seconds
from overdeliver.vocabulary.errors import InputError

TABLE = pa.table(
    {
        "lane": ["a", None, "b"],
        "weight": [1.5, None, 3.0],
        "pieces": pa.array([1, None, 3]),
        "gift": [True, None, False],
        "price": pa.array([Decimal("1.25"), None, Decimal("3.50")]),
        "ordered": pa.array([datetime(2026, 1, 1), None, datetime(2026, 1, 2, 12)]),
        "slack": pa.array([timedelta(hours=12), None, timedelta(days=2)]),
        "empty": pa.nulls(3),
    }
)
MADE = seconds([datetime(2026, 1, 3)] * 3)


class Stream:
    """Arrow by its stream alone."""

    def __arrow_c_stream__(self, schema: Any = None) -> Any:
        return TABLE.__arrow_c_stream__(schema)


FRAMES: dict[str, Callable[[], Any]] = {
    "arrow": lambda: TABLE,
    "pandas": lambda: TABLE.drop_columns(["price"]).to_pandas(),
    "pandas with its own missing values": lambda: (
        TABLE.drop_columns(["price", "empty"]).to_pandas().convert_dtypes()
    ),
    "polars": lambda: pl.from_arrow(TABLE),
    "polars, lazy": lambda: pl.from_arrow(TABLE).lazy(),  # type: ignore[union-attr]
    "arrow's stream": Stream,
    "duckdb": lambda: duckdb.from_arrow(TABLE.drop_columns(["empty", "slack"])),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_every_frame_gives_the_same_columns(kind: str) -> None:
    found = read_columns(FRAMES[kind](), MADE)
    assert found.rows == 3
    assert found.texts["lane"].tolist() == ["a", None, "b"]
    expected = {
        "weight": [1.5, np.nan, 3.0],
        "pieces": [1, np.nan, 3],
        "price": [1.25, np.nan, 3.5],
        "ordered": [2.0, np.nan, 0.5],
        "slack": [0.5, np.nan, 2.0],
    }
    for name, values in expected.items():
        if name in found.names:
            np.testing.assert_array_equal(found.numbers[name], values, err_msg=name)
    if "gift" in found.numbers:
        np.testing.assert_array_equal(found.numbers["gift"], [1.0, np.nan, 0.0])
    else:  # pandas keeps booleans with a gap as objects
        assert found.texts["gift"].tolist() == [True, None, False]


def test_moments_are_left_out_where_the_promise_has_none() -> None:
    assert "ordered" not in read_columns(TABLE).names


def test_dates_and_categories() -> None:
    frame = pd.DataFrame({"kind": pd.Categorical(["x", None, "y"])})
    assert read_columns(frame).texts["kind"].tolist() == ["x", None, "y"]
    days = pa.table({"due": [date(2026, 1, 1), None, date(2026, 1, 3)]})
    assert read_columns(days, MADE).numbers["due"].tolist()[::2] == [2.0, 0.0]


def test_arrays_are_named_by_position() -> None:
    found = read_columns(np.array([[1.0, 2.0], [3.0, np.nan]]))
    assert found.names == ["x0", "x1"] and found.rows == 2
    mixed = read_columns(np.array([["a", 1], [float("nan"), 2], [None, 3]], dtype=object))
    assert mixed.texts["x0"].tolist() == ["a", None, None]
    assert mixed.numbers["x1"].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("frame", "error", "words"),
    [
        (7, InputError, "data frame, got int"),
        (np.zeros(3), InputError, "1 dimensions"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), (InputError, Exception), "a"),
        (np.array([[{}], ["a"]], dtype=object), TypeError, "string or a number, got dict"),
    ],
)
def test_what_is_no_table_is_said(frame: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        read_columns(frame)


def test_rows_are_taken() -> None:
    columns = Columns({"n": np.arange(4.0)}, {"t": np.array(["a", "b", "c", "d"], object)}, 4)
    part = columns.take(np.array([True, False, False, True]))
    assert (part.rows, part.numbers["n"].tolist(), part.texts["t"].tolist()) == (
        2,
        [0, 3],
        ["a", "d"],
    )


NOON = datetime(2026, 1, 1, 12)


@pytest.mark.parametrize(
    "given",
    [
        [NOON],
        [NOON.replace(tzinfo=UTC)],
        [(NOON + timedelta(hours=5)).replace(tzinfo=timezone(timedelta(hours=5)))],
        ["2026-01-01T12:00"],
        np.array(["2026-01-01T12"], "datetime64[h]"),
        pd.Series([pd.Timestamp(NOON)]),
        pd.Series([pd.Timestamp(NOON, tz="UTC")]),
        pl.Series([NOON]),
        pa.array([NOON]),
        [1767268800],
    ],
    ids=lambda one: type(one).__name__,
)
def test_moments_as_seconds(given: Any) -> None:
    assert seconds(given).tolist() == [1767268800.0]


SOME = pd.Series([pd.NaT, pd.Timestamp(NOON, tz="UTC")])


def test_missing_and_single_moments() -> None:
    assert np.isnan(seconds([None, NOON])).tolist() == [True, False]
    assert np.isnan(seconds(SOME)).tolist() == [True, False]
    assert float(seconds(NOON)) == 1767268800.0
