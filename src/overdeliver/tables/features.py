"""Which of the other columns may be features: not identifiers, constants, free text or moments."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from overdeliver.tables.words import words

_SAMPLE = 20_000  # rows looked at; only a column constant in them is counted in full
_AT_ONCE = 24  # columns counted together: each takes some megabytes, however short the table is
_WORDS = 4.0  # mean blanks in a value from which on a text is free text
_UNIQUE = 0.9  # share of different values from which on a text names single rows
_FEW = 20  # below so many rows "nearly all different" says nothing


@dataclass(frozen=True)
class Split:
    """The columns by use: features, moments that may be stages, and what was left out and why."""

    features: tuple[str, ...]
    moments: tuple[str, ...]
    left_out: dict[str, str]


def split(table: ir.Table, columns: Iterable[str]) -> Split:
    """Sort ``columns`` of a table into candidate features, moments and the rest."""
    wanted = list(columns)
    moments = [c for c in wanted if _is_moment(table[c].type())]
    plain = [c for c in wanted if _is_plain(table[c].type())]
    left_out = {c: "not a plain value" for c in wanted if c not in moments and c not in plain}
    if not plain:
        return Split((), tuple(moments), left_out)
    seen = _look(table.limit(_SAMPLE), plain)
    for column in plain:
        reason = _reason(column, table[column].type(), seen)
        if reason == "constant" and seen["rows"] >= _SAMPLE and _varies(table, column):
            reason = None
        if reason is not None:
            left_out[column] = reason
    kept = tuple(c for c in plain if c not in left_out)
    return Split(kept, tuple(moments), left_out)


def _look(sample: ir.Table, columns: list[str]) -> dict[str, Any]:
    """Rows, and for each column: known, different, mean blanks. A few columns at a time."""
    seen: dict[str, Any] = {}
    for start in range(0, len(columns), _AT_ONCE):
        seen |= _look_at(sample, columns[start : start + _AT_ONCE])
    return seen


def _look_at(sample: ir.Table, columns: list[str]) -> dict[str, Any]:
    asked: dict[str, ir.Value] = {"rows": sample.count()}
    for at, column in enumerate(columns):
        value = sample[column]
        asked[f"n{at}"], asked[f"d{at}"] = value.count(), value.nunique()
        if value.type().is_string():
            asked[f"b{at}"] = (value.length() - value.replace(" ", "").length()).mean()
    row: dict[str, Any] = sample.aggregate(**asked).to_pyarrow().to_pylist()[0]
    return {"rows": row["rows"], **{c: _figures(row, at) for at, c in enumerate(columns)}}


def _figures(row: dict[str, Any], at: int) -> tuple[int, int, float]:
    return row[f"n{at}"], row[f"d{at}"], row.get(f"b{at}") or 0.0


def _reason(column: str, kind: dt.DataType, seen: dict[str, Any]) -> str | None:
    known, different, blanks = seen[column]
    if different == 0:
        return "empty"
    if different == 1 and known == seen["rows"]:
        return "constant"
    unique = known >= _FEW and different >= _UNIQUE * known
    if kind.is_string() and blanks >= _WORDS:
        return "free text"
    if unique and kind.is_string():
        return "different in nearly every row"
    if unique and kind.is_integer() and different == known and _names_a_row(column):
        return "an identifier"
    return None


def _names_a_row(column: str) -> bool:
    return bool({"id", "number", "no", "nr", "code", "key", "uuid"} & set(words(column)))


def _varies(table: ir.Table, column: str) -> bool:
    value = table[column]
    row = table.aggregate(d=value.approx_nunique(), n=value.isnull().sum()).to_pyarrow()
    found: dict[str, Any] = row.to_pylist()[0]
    return bool(found["d"] > 1 or found["n"])


def _is_moment(kind: dt.DataType) -> bool:
    return bool(kind.is_timestamp() or kind.is_date())


def _is_plain(kind: dt.DataType) -> bool:
    return bool(kind.is_string() or kind.is_numeric() or kind.is_boolean())
