"""Columns of Arrow tables on their way into the ledger."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

MOMENT = pa.timestamp("us", "UTC")
MONEY = pa.decimal128(18, 4)


def optional(table: pa.Table, name: str, default: Any, kind: pa.DataType) -> pa.ChunkedArray:
    """A column with its gaps filled, or the default alone where there is no such column."""
    if name not in table.column_names:
        filled = pa.repeat(pa.scalar(default, kind), table.num_rows)
        return pa.chunked_array([filled], kind)
    column = table[name].cast(kind)
    return column if default is None else pc.fill_null(column, default)


def text(table: pa.Table, name: str, longest: int) -> pa.ChunkedArray:
    """A text column, cut where the database would refuse it; empty where there is none."""
    return pc.utf8_slice_codeunits(optional(table, name, "", pa.string()), 0, longest)


def now(count: int) -> pa.Array:
    """The present moment, so often."""
    return pa.repeat(pa.scalar(timezone.now(), MOMENT), count)


def micros_of(column: pa.ChunkedArray, missing: int) -> Any:
    """Moments as a numpy array of microseconds since 1970."""
    return pc.fill_null(column.cast(MOMENT).cast(pa.int64()), missing).to_numpy()
