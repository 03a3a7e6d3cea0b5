"""Typed fields out of text and typed columns; what cannot be read is named by line."""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from overdeliver.tables.cases import Reject
from overdeliver.tables.rejects import first_rejects, safe_cell, write_rejects
from overdeliver.tables.sources import open_source
from overdeliver.tables.typed import Typed, typed
from overdeliver.vocabulary.errors import InputError, MissingField, UnreadableFile


def text(**columns: list[str | None]) -> pa.Table:
    """A frame of text columns."""
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def values(read: Typed, column: str) -> list[Any]:
    """One column of the result, by line."""
    return read.table.order_by("line").to_pyarrow()[column].to_pylist()


def test_fields_replace_their_columns_and_the_rest_stays() -> None:
    orders = text(No=["a ", ""], Due=["3.7.2026", "x"], Sum=["1,50 €", "2,5"], City=["Y", None])
    read = typed(
        open_source(orders),
        {"order_id": ("No", "text"), "due": ("Due", "moment"), "amount": ("Sum", "money")},
    )
    assert read.table.columns == ("line", "order_id", "due", "amount", "amount_currency", "City")
    assert values(read, "order_id") == ["a", None]
    assert values(read, "due") == [datetime(2026, 7, 3), None]
    assert values(read, "amount") == [Decimal("1.5"), Decimal("2.5")]
    assert values(read, "amount_currency") == ["EUR", None]
    assert (read.currencies, read.dates) == ({"amount": ("EUR",)}, frozenset({"due"}))
    assert first_rejects(read.rejects) == (
        Reject(2, "Due", "x", "not a moment like 31.12.2026, or no such day"),
    )


def test_a_field_named_as_another_column_wins() -> None:
    read = typed(open_source(text(a=["1"], Amount=["x"])), {"amount": ("a", "number")})
    assert read.table.columns == ("line", "amount", "Amount_2")


def test_one_column_may_serve_two_fields() -> None:
    source = open_source(text(at=["2026-07-03"]))
    read = typed(source, {"placed_at": ("at", "moment"), "made_at": ("at", "moment")})
    assert values(read, "placed_at") == values(read, "made_at") == [datetime(2026, 7, 3)]


def test_typed_columns_are_cast() -> None:
    frame = pa.table(
        {
            "day": pa.array([date(2026, 7, 3), None]),
            "at": pa.array([datetime(2026, 7, 3, 8), datetime(9999, 1, 1)]),
            "zoned": pa.array([datetime(2026, 7, 3, 8, tzinfo=UTC), None]),
            "n": pa.array([1.5, float("nan")]),
            "big": pa.array([float("inf"), 2.0]),
            "cents": pa.array([Decimal("1.25"), None]),
            "id": pa.array([7, 8]),
        }
    )
    read = typed(
        open_source(frame),
        {
            "day": ("day", "moment"),
            "at": ("at", "moment"),
            "zoned": ("zoned", "moment"),
            "n": ("n", "number"),
            "big": ("big", "number"),
            "cents": ("cents", "money"),
            "id": ("id", "text"),
        },
        zone="Europe/Lisbon",
    )
    assert values(read, "day") == [datetime(2026, 7, 3), None]
    assert values(read, "at") == [datetime(2026, 7, 3, 8), None]
    assert values(read, "zoned") == [datetime(2026, 7, 3, 9), None]
    assert values(read, "zoned_utc") == [datetime(2026, 7, 3, 8), None]
    assert values(read, "n") == [1.5, None]
    assert values(read, "big") == [None, 2.0]
    assert values(read, "cents") == [Decimal("1.25"), None]
    assert values(read, "id") == ["7", "8"]
    assert (read.dates, read.instants) == (frozenset({"day"}), {"zoned": "zoned_utc"})
    assert [(r.line, r.column) for r in first_rejects(read.rejects)] == [(1, "big"), (2, "at")]


def test_midnight_throughout_is_a_date() -> None:
    days = [datetime(2026, 7, 3) + timedelta(days=i) for i in range(1200)]
    late = [*days[:-1], days[-1] + timedelta(hours=1)]
    read = typed(
        open_source(pa.table({"a": days, "b": late, "c": pa.nulls(1200, pa.timestamp("us"))})),
        {"a": ("a", "moment"), "b": ("b", "moment"), "c": ("c", "moment")},
    )
    assert read.dates == frozenset({"a"})


def test_numbers_that_are_moments() -> None:
    read = typed(open_source(pa.table({"at": [1783076525, None]})), {"at": ("at", "moment")})
    assert values(read, "at") == [datetime(2026, 7, 3, 11, 2, 5), None]
    assert read.table.columns == ("line", "at", "at_utc")
    assert read.forms == {"at": "seconds since 1970"}


def test_what_cannot_be_asked_for() -> None:
    source = open_source(pa.table({"flag": [True], "s": ["03/04/2026"]}))
    with pytest.raises(MissingField, match="no column 'gone'"):
        typed(source, {"due": ("gone", "moment")})
    with pytest.raises(InputError, match="'flag' holds boolean, not moments"):
        typed(source, {"due": ("flag", "moment")})
    with pytest.raises(InputError, match="'flag' holds boolean, not numbers"):
        typed(source, {"n": ("flag", "number")})
    with pytest.raises(InputError, match="--date-order"):
        typed(source, {"due": ("s", "moment")})
    assert typed(source, {"s": ("s", "moment")}, date_order="mdy").dates == {"s"}


def test_no_field_can_fail() -> None:
    read = typed(open_source(text(a=["x"])), {"a": ("a", "text")})
    assert first_rejects(read.rejects) == first_rejects() == ()


def test_the_reject_file_is_safe_and_complete(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text('n,m\n=1+1,1\n"-3,5x",2\n-12.5,3\n4\n', encoding="utf-8")
    source = open_source(path)
    read = typed(source, {"n": ("n", "number")})
    out = tmp_path / "rejects.csv"
    assert write_rejects(out, read.rejects, source.bad_rows) == 3
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    with out.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.reader(file))
    assert found[0] == ["line", "column", "value", "reason"]
    assert [row[:3] for row in found[1:]] == [
        ["2", "n", "'=1+1"],
        ["3", "n", "'-3,5x"],
        ["5", "", "4"],
    ]
    with pytest.raises(UnreadableFile, match="cannot be written"):
        write_rejects(tmp_path / "none" / "x.csv")
    assert write_rejects(out) == 0


@pytest.mark.parametrize(
    "payload",
    [
        *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", " =1", '"=1'),
        *("＝1+1", "＋1", "－1", "＠a", "|calc", "%0a=1", "'=1", "-cmd"),
    ],
)
def test_payloads_are_disarmed(payload: str) -> None:
    assert safe_cell(payload).startswith("'")
    assert "\x00" not in safe_cell(payload)


@pytest.mark.parametrize("plain", ["-12.50", "+3", "-3,5", "late", "a=b", "", "12"])
def test_plain_cells_stay(plain: str) -> None:
    assert safe_cell(plain) == plain
