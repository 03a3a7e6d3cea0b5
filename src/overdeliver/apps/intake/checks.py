"""The ledger's contract held against Arrow tables: rows that keep it, and the others by reason.

Names are those of `promises.bulk`. Reasons are in English, as in every reject file.
"""

import json
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from overdeliver.tables.schemas import SOURCES
from overdeliver.vocabulary.moments import SECONDS

REJECTS = pa.schema(
    [
        ("table", pa.string()),
        ("line", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
    ]
)
_LONGEST_ID = 150
_CENTURY = 36_525 * 86_400


def none_rejected() -> pa.Table:
    """An empty table of rejects."""
    return REJECTS.empty_table()


def sound(tables: Mapping[str, pa.Table]) -> tuple[dict[str, pa.Table], pa.Table]:
    """The rows that keep the contract, and the rejects; a row refused takes those of it along."""
    kept: dict[str, pa.Table] = {}
    refused: list[pa.Table] = []
    for name in ("orders", "promises", "outcomes", "encounters", "feedback"):
        if name not in tables:
            continue
        kept[name], bad = _checked(name, tables[name], kept)
        refused += bad
    return kept, pa.concat_tables([none_rejected(), *refused])


def conflicts(promises: pa.Table | None, named: Iterable[str]) -> pa.Table:
    """Rejects for promises whose reference stands for other terms already."""
    wanted = pa.array(sorted(named), pa.string())
    if promises is None or not len(wanted):
        return none_rejected()
    other = pc.is_in(promises["reference"], wanted)
    reason = "this promise stands in the ledger with other terms"
    lines = _lines(promises).filter(other)
    return _rejects("promises", promises.filter(other), lines, "promised", reason)


def features_of(columns: pa.Table) -> list[str]:
    """Each row as a JSON object of what is known."""
    names = columns.column_names
    rows = zip(*(column.to_pylist() for column in columns.columns), strict=True)
    return [
        json.dumps(
            {n: _plain(v) for n, v in zip(names, row, strict=True) if _said(v)}, ensure_ascii=False
        )
        for row in rows
    ]


def _said(value: Any) -> bool:
    return (
        value is not None and value != "" and not (isinstance(value, float) and not isfinite(value))
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else str(value)


def _checked(
    name: str, table: pa.Table, kept: Mapping[str, pa.Table]
) -> tuple[pa.Table, list[pa.Table]]:
    lines = _lines(table)
    good = pa.chunked_array([pa.repeat(True, table.num_rows)], pa.bool_())
    refused: list[pa.Table] = []
    for column, passes, reason in _rules(name, table, kept):
        fails = pc.and_kleene(good, pc.invert(pc.fill_null(passes, False)))
        if not pc.any(fails).as_py():
            continue
        refused.append(_rejects(name, table.filter(fails), lines.filter(fails), column, reason))
        good = pc.and_kleene(good, pc.fill_null(passes, False))
    return (table.filter(good) if refused else table), refused


def _rules(
    name: str, table: pa.Table, kept: Mapping[str, pa.Table]
) -> Iterable[tuple[str, pa.ChunkedArray, str]]:
    """Column, what holds of a sound row, and why a row is refused where it does not."""
    if name in ("orders", "promises", "feedback"):
        yield from _key(table)
    if name == "orders":
        yield "placed_at", pc.is_valid(table["placed_at"]), "no moment when it was placed"
        yield from _money(table)
    elif name == "promises":
        yield "order", _among(table["order"], kept["orders"]), "there is no such order"
        yield from _terms(table)
    elif name == "outcomes":
        promises = kept.get(
            "promises", REJECTS.empty_table().rename_columns(["reference", *REJECTS.names[1:]])
        )
        yield "promise", _among(table["promise"], promises), "there is no such promise"
        yield "actual", _number(table["actual"]), "a number not below 0 is needed"
        yield "observed_at", pc.is_valid(table["observed_at"]), "no moment when it became known"
    elif name == "encounters":
        yield "order", _among(table["order"], kept["orders"]), "there is no such order"
        yield "at", pc.is_valid(table["at"]), "no moment"
    else:
        yield "at", pc.is_valid(table["at"]), "no moment"


def _key(table: pa.Table) -> Iterable[tuple[str, pa.ChunkedArray, str]]:
    key = table["reference"]
    yield "reference", pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(key)), 0), "no reference"
    short = pc.less_equal(pc.utf8_length(key), _LONGEST_ID)
    yield "reference", short, f"a reference of more than {_LONGEST_ID} characters"
    yield "reference", _first(key), "the same reference stands in an earlier row"


def _first(key: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether a value was not seen in an earlier row."""
    if pc.count_distinct(key, mode="all").as_py() == len(key):
        return pa.chunked_array([pa.repeat(True, len(key))], pa.bool_())
    at = pa.array(range(len(key)), pa.int64())
    first = pa.table({"key": key, "at": at}).group_by("key").aggregate([("at", "min")])
    return pa.chunked_array([pc.is_in(at, first["at_min"].combine_chunks())])


def _money(table: pa.Table) -> Iterable[tuple[str, pa.ChunkedArray, str]]:
    if "amount" not in table.column_names:
        return
    amount = table["amount"]
    lacking = pc.is_null(amount)
    if "currency" in table.column_names:
        named = pc.match_substring_regex(pc.fill_null(table["currency"], ""), "^[A-Z]{3}$")
    else:
        named = pa.chunked_array([pa.repeat(False, table.num_rows)])
    yield "currency", pc.or_kleene(lacking, named), "the amount needs its currency, such as EUR"


def _terms(table: pa.Table) -> Iterable[tuple[str, pa.ChunkedArray, str]]:
    lever, unit, promised = table["lever"], table["unit"], table["promised"]
    timed, cost = pc.equal(lever, "time"), pc.equal(lever, "cost")
    known = pc.is_in(lever, pa.array(["time", "cost", "service"]))
    yield "lever", known, "use time, cost or service"
    fits = pc.case_when(
        pc.make_struct(timed, cost),
        pc.is_in(unit, pa.array(list(SECONDS))),
        pc.match_substring_regex(unit, "^[A-Z]{3}$"),
        pc.equal(unit, "class"),
    )
    yield "unit", fits, "no unit of this lever"
    yield "promised", _number(promised), "a number not below 0 is needed"
    seconds = pa.array(list(SECONDS.values()), pa.float64())
    scale = seconds.take(
        pc.fill_null(pc.index_in(unit, pa.array(list(SECONDS))), 0).combine_chunks()
    )
    near = pc.less(pc.multiply(promised.cast(pa.float64()), pa.chunked_array([scale])), _CENTURY)
    yield "promised", pc.or_kleene(pc.invert(timed), near), "that is more than a century"
    rank = pc.and_kleene(pc.greater_equal(promised, 1), pc.equal(promised, pc.round(promised)))
    served = pc.equal(lever, "service")
    yield "promised", pc.or_kleene(pc.invert(served), rank), "the rank of a class is needed, from 1"
    yield "made_at", pc.is_valid(table["made_at"]), "no moment when it was made"
    if "level" in table.column_names:
        level = table["level"].cast(pa.float64())
        share = pc.and_kleene(pc.greater(level, 0), pc.less(level, 1))
        yield "level", pc.or_kleene(pc.is_null(level), share), "it lies between 0 and 1"
    if "source" in table.column_names:
        source = pc.fill_null(table["source"], "standard")
        yield "source", pc.is_in(source, pa.array(SOURCES)), f"use one of {', '.join(SOURCES)}"


def _number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    number = column.cast(pa.float64())
    return pc.and_kleene(pc.is_finite(number), pc.greater_equal(number, 0))


def _among(column: pa.ChunkedArray, table: pa.Table) -> pa.ChunkedArray:
    return pc.is_in(column, table["reference"].combine_chunks())


def _lines(table: pa.Table) -> pa.ChunkedArray:
    if "line" in table.column_names:
        return table["line"].cast(pa.int64())
    return pa.chunked_array([pa.array(range(1, table.num_rows + 1), pa.int64())])


def _rejects(
    name: str, rows: pa.Table, lines: pa.ChunkedArray, column: str, reason: str
) -> pa.Table:
    count = rows.num_rows
    shown = rows[column].cast(pa.string()) if column in rows.column_names else pa.repeat("", count)
    return pa.table(
        [
            pa.repeat(name, count),
            lines,
            pa.repeat(column, count),
            pc.utf8_slice_codeunits(pc.fill_null(shown, ""), 0, 200),
            pa.repeat(reason, count),
        ],
        schema=REJECTS,
    )
