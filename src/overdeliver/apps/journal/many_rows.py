"""Many rows at once into one table: COPY on PostgreSQL, one prepared statement on SQLite.

The chapters' ``bulk`` modules stand on this; it writes what it is given and nothing else: no
event, no default, no check but the database's own.
"""

import json
from collections.abc import Iterable
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.db import connection, models

_WHOLE_SECOND = r"\.0{6}$"


def new_ids(model: type[models.Model], count: int) -> pa.Array:
    """So many primary keys nobody else gets; must run inside the transaction that uses them."""
    table = model._meta.db_table
    if not count:
        return pa.array([], pa.int64())
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":  # the writer's lock is held: nobody counts beside us
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            row = cursor.fetchone()
            first = (row[0] if row else 0) + 1
            return pa.array(range(first, first + count), pa.int64())
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [f'"{table}"', count],
        )
        return pa.array([row[0] for row in cursor.fetchall()], pa.int64())


def alone(*tables: type[models.Model]) -> None:
    """Nobody else writes into these tables until the transaction ends; others read on.

    On SQLite whoever writes is alone anyway.
    """
    if connection.vendor == "sqlite":
        return
    names = ", ".join(connection.ops.quote_name(one._meta.db_table) for one in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")


def insert(model: type[models.Model], rows: pa.Table) -> int:
    """Insert rows; the table's columns are those of the database. Returns how many.

    IntegrityError: a row breaks a constraint; nothing of the call is kept then, if the caller's
    transaction is undone.
    """
    if not rows.num_rows:
        return 0
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = ", ".join(quote(name) for name in rows.column_names)
    if connection.vendor == "sqlite":
        marks = ", ".join(["%s"] * rows.num_columns)
        with connection.cursor() as cursor:
            given: Any = _tuples(rows)  # any iterable does
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", given)
        return cast(int, rows.num_rows)
    # Django gives the database's errors its own names, but for those of COPY.
    with connection.wrap_database_errors, connection.cursor() as cursor:
        copy: Any = cursor.copy
        with copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as into:
            into.write(_csv(rows))
    return cast(int, rows.num_rows)


def ids_of(model: type[models.Model], column: str, values: Iterable[str]) -> dict[str, int]:
    """Value -> primary key of the rows that hold one of the values in a unique column."""
    return dict(rows_of(model, column, values, ("id",)))


def rows_of(
    model: type[models.Model], column: str, values: Iterable[str], others: Iterable[str]
) -> list[tuple[Any, ...]]:
    """The value and the ``others`` columns of the rows that hold one of the values in a column.

    The values go as one array: thousands of parameters are what such a question costs otherwise.
    """
    quote = connection.ops.quote_name
    wanted = list(values)
    if not wanted:
        return []
    names = ", ".join(quote(name) for name in (column, *others))
    question = f"SELECT {names} FROM {quote(model._meta.db_table)} WHERE {quote(column)}"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"{question} IN (SELECT value FROM json_each(%s))", [json.dumps(wanted)])
        else:
            cursor.execute(f"{question} = ANY(%s)", [wanted])
        return list(cursor.fetchall())


def _csv(rows: pa.Table) -> memoryview:
    """As CSV: a missing value is empty, an empty text is quoted, as COPY reads them."""
    buffer = pa.BufferOutputStream()
    pa.csv.write_csv(rows, buffer, pa.csv.WriteOptions(include_header=False))
    return memoryview(buffer.getvalue())


def _tuples(rows: pa.Table) -> Iterable[tuple[Any, ...]]:
    return zip(*(_sqlite(column) for column in rows.columns), strict=True)


def _sqlite(column: pa.ChunkedArray) -> list[Any]:
    """The values as Django would write them into SQLite."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        wall = column.cast(pa.timestamp("us")).cast(pa.string())
        column = pc.replace_substring_regex(wall, _WHOLE_SECOND, "")
    elif pa.types.is_decimal(kind):
        column = column.cast(pa.string())
    elif pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    found: list[Any] = column.to_pylist()
    return found
