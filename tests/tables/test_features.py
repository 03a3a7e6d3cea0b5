"""Which columns may tell the outcome, and why the others are left out."""

import ibis
import pyarrow as pa
import pytest

from overdeliver.tables import features
from overdeliver.tables.connect import connect
from overdeliver.tables.features import split

BACKEND = connect()


def table(**columns):
    name = ibis.util.gen_name("features")
    BACKEND.con.register(name, pa.table(columns))
    return BACKEND.table(name)


def test_every_kind_of_column_is_sorted():
    n = 40
    rows = table(
        city=["A", "B"] * (n // 2),
        weight=[float(i) for i in range(n)],
        holiday=[True, False] * (n // 2),
        day=pa.array(range(n), pa.date32()),
        nothing=pa.array([None] * n, pa.string()),
        country=["KZ"] * n,
        sometimes=["x", None] * (n // 2),
        customer_id=list(range(n)),
        mileage=list(range(n)),
        parts=[[1, 2]] * n,
    )
    found = split(rows, rows.columns)
    assert found.features == ("city", "weight", "holiday", "sometimes", "mileage")
    assert found.moments == ("day",)
    assert found.left_out == {
        "parts": "not a plain value",
        "nothing": "empty",
        "country": "constant",
        "customer_id": "an identifier",
    }


def test_where_nothing_is_plain_nothing_is_asked():
    found = split(table(day=pa.array([1, 2], pa.date32())), ["day"])
    assert (found.features, found.moments, found.left_out) == ((), ("day",), {})


@pytest.mark.parametrize(("late", "kept"), [("B", True), (None, True), ("A", False)])
def test_a_column_that_varies_only_beyond_the_sample_is_kept(monkeypatch, late, kept):
    monkeypatch.setattr(features, "_SAMPLE", 10)
    rows = table(city=["A"] * 30 + [late])
    assert bool(split(rows, ["city"]).features) is kept


def test_a_wide_table_is_looked_at_in_little_memory():
    """Counting what differs takes megabytes a column: 140 at once broke the limit of an import."""
    narrow = connect()
    narrow.raw_sql("SET memory_limit = '300MB'")
    rows = pa.table({f"c{n}": ["a", "b"] * 70 for n in range(300)})
    narrow.con.register("wide", rows)
    assert len(split(narrow.table("wide"), rows.column_names).features) == 300
