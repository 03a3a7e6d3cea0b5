"""Hold a table to the ledger's contract: every row that breaks it, and why."""

from collections.abc import Iterator, Mapping

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from overdeliver.tables.cases import Reject
from overdeliver.tables.schemas import Column, TableSchema, schema_named
from overdeliver.vocabulary.errors import InputError, MissingField


def check(
    table: ir.Table,
    schema: str,
    *,
    others: Mapping[str, ir.Table] | None = None,
    limit: int | None = None,
) -> list[Reject]:
    """The faults of a table against the schema of that name, by line; the first ``limit`` of them.

    A column ``line`` says where a row stands; without one rows are numbered from 1. ``others`` are
    further ledger tables by name, of the same connection: references are then followed. Columns the
    schema does not name are features and not checked. MissingField: a required column is absent.

    >>> import pyarrow as pa
    >>> rows = {"promise_id": ["a"], "actual": [-1.0], "unit": ["days"],
    ...     "observed_at": ["2026-01-01"]}
    >>> outcomes = ibis.memtable(pa.table(rows)).cast({"observed_at": "timestamp('UTC')"})
    >>> [(fault.line, fault.column, fault.reason) for fault in check(outcomes, "outcomes")]
    [(1, 'actual', 'less than 0')]
    """
    found = faults_of(table, schema, others=others).order_by("line", "rank")
    rows = (found if limit is None else found.limit(limit)).to_pyarrow().to_pylist()
    return [Reject(row["line"], row["column"], row["value"], row["reason"]) for row in rows]


def faults_of(
    table: ir.Table, schema: str, *, others: Mapping[str, ir.Table] | None = None
) -> ir.Table:
    """The same as a lazy table ``line, rank, column, value, reason``; one row may have several."""
    known = schema_named(schema)
    _require_columns(table, known)
    if "line" not in table.columns:
        table = table.mutate(line=ibis.row_number() + 1)
    found = [*_columns(table, known), *_rows(table, known), *_doubles(table, known)]
    found += _references(table, known, others or {})
    parts = [
        bad.select(
            line=bad["line"].cast("int64"),
            rank=ibis.literal(rank, "int16"),
            column=ibis.literal(column),
            value=bad[column].cast("string").fill_null(""),
            reason=ibis.literal(reason),
        )
        for rank, (bad, column, reason) in enumerate(found)
    ]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


Found = Iterator[tuple[ir.Table, str, str]]


def _require_columns(table: ir.Table, schema: TableSchema) -> None:
    lacking = [
        name for name, c in schema.columns.items() if c.required and name not in table.columns
    ]
    if lacking:
        raise MissingField(f"{schema.name}: no column {', '.join(lacking)}")
    for name, column in schema.columns.items():
        if name in table.columns and not _alike(table[name].type(), ibis.dtype(column.type)):
            raise InputError(
                f"{schema.name}: column {name} holds {table[name].type()}, not {column.type}"
            )


def _alike(given: dt.DataType, wanted: dt.DataType) -> bool:
    if wanted.is_numeric():
        return bool(given.is_numeric())
    if wanted.is_timestamp():
        return bool(given.is_timestamp())
    return bool(given.is_string())


def _columns(table: ir.Table, schema: TableSchema) -> Found:
    for name, column in schema.columns.items():
        if name in table.columns:
            yield from _column(table, name, column)


def _column(table: ir.Table, name: str, column: Column) -> Found:
    value = table[name]
    if column.required:
        empty = value.isnull()
        if value.type().is_string():
            empty |= value.strip() == ""
        yield table.filter(empty), name, "missing"
    if column.one_of:
        strange = value.notnull() & value.notin(column.one_of)
        yield table.filter(strange), name, f"none of {', '.join(column.one_of)}"
    if column.least is not None:
        yield table.filter(value < column.least), name, f"less than {column.least:g}"
    if value.type().is_floating():
        yield table.filter(value.isnan() | value.isinf()), name, "not a finite number"


def _rows(table: ir.Table, schema: TableSchema) -> Found:
    for earlier, later in schema.order:
        if {earlier, later} <= set(table.columns):
            yield table.filter(table[later] < table[earlier]), later, f"before {earlier}"
    present = [table[name] for name in schema.any_of if name in table.columns]
    if schema.any_of and not present:
        raise MissingField(f"{schema.name}: one of {', '.join(schema.any_of)} is needed")
    if present:
        none = ibis.coalesce(*present).isnull()
        yield (
            table.filter(none),
            present[0].get_name(),
            f"one of {', '.join(schema.any_of)} is needed",
        )
    if schema.name == "promises" and "level" in table.columns:
        yield table.filter(table["level"] > 1), "level", "more than 1"
    if schema.name == "feedback" and {"score", "scale_min", "scale_max"} <= set(table.columns):
        low, high = table["score"] < table["scale_min"], table["score"] > table["scale_max"]
        yield table.filter(low | high), "score", "outside its scale"


def _doubles(table: ir.Table, schema: TableSchema) -> Found:
    if schema.key is None:
        return
    first = table["line"].min().over(group_by=table[schema.key])
    marked = table.mutate(**{"k:first": first})
    again = marked[schema.key].notnull() & (marked["line"] > marked["k:first"])
    yield marked.filter(again), schema.key, "already in an earlier row"


def _references(table: ir.Table, schema: TableSchema, others: Mapping[str, ir.Table]) -> Found:
    known = {**others, schema.name: table}
    for column, (other, key) in schema.refers.items():
        if column in table.columns and other in known:
            ids = known[other].select(**{"k:id": key}).distinct()
            given = table.filter(table[column].notnull())
            yield (
                given.anti_join(ids, given[column] == ids["k:id"]),
                column,
                f"no such row in {other}",
            )
    if schema.name == "outcomes" and "promises" in others:
        yield from _against_promises(table, others["promises"])


def _against_promises(outcomes: ir.Table, promises: ir.Table) -> Found:
    """An outcome comes after its promise and speaks in its unit."""
    known = promises.select(**{"k:id": "promise_id", "k:made": "made_at", "k:unit": "unit"})
    joined = outcomes.inner_join(known, outcomes["promise_id"] == known["k:id"])
    early = joined["observed_at"] < joined["k:made"]
    yield joined.filter(early), "observed_at", "before the promise was made"
    other = joined["unit"] != joined["k:unit"]
    yield joined.filter(other), "unit", "not the promise's unit"
