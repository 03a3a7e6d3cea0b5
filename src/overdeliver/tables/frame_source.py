"""Data frames of any maker as a table: pandas, Polars, Arrow, DuckDB relations, Ibis."""

from typing import Any

import ibis
import ibis.expr.types as ir
import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends.duckdb import Backend

from overdeliver.tables.headers import LINE, column_names
from overdeliver.tables.limits import Limits, check_columns, check_rows
from overdeliver.tables.raw import Source, fresh_name, no_rejects, one_line
from overdeliver.vocabulary.errors import InputError

NAME = "data frame"


def read_frame(frame: Any, backend: Backend, limits: Limits) -> Source:
    """Any frame as a table; ``line`` is the row number from 1.

    Raises InputError for something that is no frame or has a column of mixed kinds, LimitExceeded
    for one too large.
    """
    if isinstance(frame, ir.Table):
        return _read_ibis(frame, limits)
    arrow = _to_arrow(frame)
    # A pandas index without a name is only a row number.
    arrow = arrow.drop_columns([c for c in arrow.column_names if c.startswith("__index_level_")])
    check_columns(NAME, arrow.num_columns, limits)
    check_rows(NAME, arrow.num_rows, limits)
    names, notices = column_names([str(name) for name in arrow.column_names])
    columns = [_plain(column) for column in arrow.columns]
    lines = pa.array(np.arange(1, arrow.num_rows + 1, dtype=np.int64))
    view = fresh_name("frame")
    backend.con.register(view, pa.table([lines, *columns], names=[LINE, *names]))
    texts = all(pa.types.is_string(c.type) or pa.types.is_large_string(c.type) for c in columns)
    return Source(
        backend,
        backend.table(view),
        NAME,
        texts,
        arrow.num_rows,
        0,
        no_rejects(backend),
        tuple(notices),
    )


def _read_ibis(table: ir.Table, limits: Limits) -> Source:
    backend = table.get_backend()
    if not isinstance(backend, Backend):
        raise InputError(
            f"an Ibis table of {backend.name} cannot be read here; give .to_pyarrow() of it"
        )
    check_columns(NAME, len(table.columns), limits)
    names, notices = column_names(table.columns)
    renamed = table.rename(dict(zip(names, table.columns, strict=True)))
    numbered = renamed.select((ibis.row_number() + 1).name(LINE), *names)
    rows = int(table.count().to_pyarrow().as_py())
    check_rows(NAME, rows, limits)
    texts = all(kind.is_string() for kind in table.schema().values())
    return Source(backend, numbered, NAME, texts, rows, 0, no_rejects(backend), tuple(notices))


def _to_arrow(frame: Any) -> pa.Table:
    try:
        if isinstance(frame, pa.Table):
            return frame
        native = nw.from_native(frame, pass_through=True)
        if isinstance(native, nw.LazyFrame):
            return native.collect("pyarrow").to_native()
        if isinstance(native, nw.DataFrame):
            return native.to_arrow()
        if hasattr(frame, "__arrow_c_stream__"):
            return pa.table(frame)
    except (pa.ArrowException, TypeError, ValueError) as error:
        said = one_line(ValueError("; ".join(map(str, error.args))))
        raise InputError(f"{NAME}: a column mixes kinds of values ({said})") from error
    raise InputError(
        f"{type(frame).__name__} is neither a path nor a data frame; give a path, or a pandas, "
        "Polars, Arrow, DuckDB or Ibis table"
    )


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column in a type the engine reads: dictionaries and views opened, nothing typed NULL."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(pc.cast(column, kind.value_type))
    if pa.types.is_null(kind) or pa.types.is_string_view(kind) or pa.types.is_decimal256(kind):
        return pc.cast(column, pa.string())
    if pa.types.is_float16(kind):
        return pc.cast(column, pa.float32())
    return column
