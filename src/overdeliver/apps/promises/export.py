"""The ledger in the contract's columns (`tables.schemas`), out of either database.

Rows are read in batches, so that a ledger of any size passes through bounded memory, and typed by
a schema, so that columns that begin empty keep their type. Outcomes are read before promises and
promises before orders: whatever a row refers to was there before it, so it is read as well, even
while others write.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import QuerySet

from overdeliver.apps.promises.models import Encounter, Order, Outcome, Promise
from overdeliver.tables import ledger
from overdeliver.tables.cases import Cases, Granularity
from overdeliver.tables.connect import connect
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import Lever

BATCH = 20_000
MOMENT = pa.timestamp("us", tz="UTC")
MONEY = pa.decimal128(18, 4)

#: Column -> the model's field and the column's type.
Columns = Mapping[str, tuple[str, pa.DataType]]

_ORDERS: Columns = {
    "order_id": ("reference", pa.string()),
    "customer_id": ("customer__reference", pa.string()),
    "segment": ("segment", pa.string()),
    "channel": ("channel", pa.string()),
    "placed_at": ("placed_at", MOMENT),
    "completed_at": ("completed_at", MOMENT),
    "cancelled_at": ("cancelled_at", MOMENT),
    "amount": ("amount", MONEY),
    "currency": ("currency", pa.string()),
    "service": ("service", pa.string()),
    "team": ("team", pa.string()),
}
_PROMISES: Columns = {
    "promise_id": ("reference", pa.string()),
    "order_id": ("order__reference", pa.string()),
    "lever": ("lever", pa.string()),
    "promised": ("promised", pa.float64()),
    "unit": ("unit", pa.string()),
    "made_at": ("made_at", MOMENT),
    "due_at": ("due_at", MOMENT),
    "tolerance": ("tolerance", pa.float64()),
    "level": ("level", pa.float64()),
    "source": ("source", pa.string()),
    "revises": ("revises__reference", pa.string()),
    "service": ("standing__service", pa.string()),
}
_OUTCOMES: Columns = {
    "promise_id": ("promise__reference", pa.string()),
    "actual": ("actual", pa.float64()),
    "unit": ("promise__unit", pa.string()),
    "observed_at": ("observed_at", MOMENT),
}
_ENCOUNTERS: Columns = {
    "order_id": ("order__reference", pa.string()),
    "customer_id": ("customer__reference", pa.string()),
    "touchpoint": ("touchpoint", pa.string()),
    "at": ("at", MOMENT),
    "team": ("team", pa.string()),
    "expected": ("expected", pa.float64()),
    "received": ("received", pa.float64()),
}
_ROWS: Mapping[str, tuple[Callable[[], QuerySet[Any]], Columns]] = {
    "encounters": (lambda: Encounter.objects.order_by("pk"), _ENCOUNTERS),
    "outcomes": (lambda: Outcome.objects.order_by("pk"), _OUTCOMES),
    "promises": (lambda: Promise.objects.order_by("pk"), _PROMISES),
    "orders": (lambda: Order.objects.order_by("pk"), _ORDERS),
}
#: The ledger's tables in the order in which they are read.
TABLES = tuple(_ROWS)


def tables() -> dict[str, pa.Table]:
    """The whole ledger in memory: orders, promises, outcomes and encounters.

    Orders carry ``service`` and ``team`` and one column for every feature, known or not.
    """
    features = _features()
    return {
        name: pa.Table.from_batches(batches(name, features), schema=schema(name, features))
        for name in TABLES
    }


def snapshot(folder: Path) -> Path:
    """Write the ledger as Parquet, ``orders.parquet`` and so on; returns the folder.

    Each file is there whole or as it was before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    features = _features()
    for name in TABLES:
        write_parquet(folder / f"{name}.parquet", schema(name, features), batches(name, features))
    return folder


def opened(folder: Path, *, more: tuple[str, ...] = ()) -> dict[str, ir.Table]:
    """The tables of a snapshot, all of one connection; ``more`` are tables of other chapters.

    InputError: there is no snapshot.
    """
    names = (*TABLES, *more)
    lacking = [name for name in names if not (folder / f"{name}.parquet").is_file()]
    if lacking:
        raise InputError(f"{folder}: no snapshot of the ledger there ({lacking[0]} is missing)")
    backend = connect()
    return {name: backend.read_parquet(str(folder / f"{name}.parquet")) for name in names}


def held(arrow: Mapping[str, pa.Table]) -> dict[str, ir.Table]:
    """Arrow tables as Ibis tables of one connection."""
    backend = connect()
    for name, table in arrow.items():
        backend.con.register(name, table)
    return {name: backend.table(name) for name in arrow}


def ledger_cases(
    tables: Mapping[str, ir.Table],
    *,
    lever: Lever | None = None,
    unit: str = "",
    service: str = "",
    zone: str = "UTC",
    tolerance: float = 0.0,
    as_of: datetime | None = None,
    revised: bool = False,
    granularity: Granularity | None = None,
) -> Cases:
    """What measure and learn read: the promises of one lever, unit and service as cases.

    ``tables`` come from `opened` or `held`, with ``feedback`` of the listening chapter where its
    scores are wanted. InputError: promises of several levers or units, and none chosen.
    """
    orders, promises = tables["orders"], tables["promises"]
    if unit:
        promises = promises.filter(promises["unit"] == unit)
    if service:
        promises = promises.filter(promises["service"] == service)
        orders = orders.semi_join(promises, "order_id")
    promises = promises.drop("service")
    outcomes = tables["outcomes"].semi_join(promises, "promise_id")
    return ledger.ledger_cases(
        promises,
        outcomes,
        orders,
        tables.get("feedback"),
        as_of=as_of,
        lever=lever,
        zone=zone,
        tolerance=tolerance,
        revised=revised,
        granularity=granularity,
    )


def schema(name: str, features: Mapping[str, pa.DataType] | None = None) -> pa.Schema:
    """The Arrow schema of a table; ``features`` are the further columns of orders."""
    fields = [(column, kind) for column, (_, kind) in _ROWS[name][1].items()]
    return pa.schema(fields + (list((features or {}).items()) if name == "orders" else []))


def batches(name: str, features: Mapping[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
    """A table in record batches of at most 20 000 rows."""
    rows, columns = _ROWS[name]
    asked = [field for field, _ in columns.values()]
    if name == "orders":
        wanted = rows().values_list(*asked, "features")
        flat = Flat(features)
        return (flat.batch(part, schema(name, features)) for part in parts(wanted))
    return (batch(part, schema(name)) for part in parts(rows().values_list(*asked)))


def parts(rows: QuerySet[Any, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query, 20 000 at a time, never all at once."""
    part: list[tuple[Any, ...]] = []
    for row in rows.iterator(chunk_size=BATCH):
        part.append(row)
        if len(part) == BATCH:
            yield part
            part = []
    if part:
        yield part


def batch(rows: list[tuple[Any, ...]], kinds: pa.Schema) -> pa.RecordBatch:
    """Rows as columns of these types; an empty text is nothing."""
    columns = [
        pa.array([None if value == "" else value for value in column], field.type)
        for column, field in zip(zip(*rows, strict=True), kinds, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=kinds)


def write_parquet(path: Path, kinds: pa.Schema, rows: Iterator[pa.RecordBatch]) -> None:
    """Write a Parquet file beside and move it into place when it is whole."""
    beside = path.with_suffix(f".{secrets.token_hex(4)}.part")
    with ExitStack() as stack:
        stack.callback(beside.unlink, missing_ok=True)
        with pq.ParquetWriter(beside, kinds, compression="zstd") as file:
            for one in rows:
                file.write_batch(one)
        beside.replace(path)


@dataclass(frozen=True)
class Flat:
    """Lays the features of orders out as columns."""

    features: Mapping[str, pa.DataType]

    def batch(self, rows: list[tuple[Any, ...]], kinds: pa.Schema) -> pa.RecordBatch:
        """Orders with their features, the last value of each row."""
        known = len(kinds) - len(self.features)
        plain = batch([row[:-1] for row in rows], pa.schema(list(kinds)[:known]))
        given = [row[-1] for row in rows]
        more = [
            pa.array([_valued(one.get(name), kind) for one in given], kind)
            for name, kind in self.features.items()
        ]
        return pa.RecordBatch.from_arrays([*plain.columns, *more], schema=kinds)


def _valued(value: Any, kind: pa.DataType) -> Any:
    if value is None or value == "":
        return None
    if pa.types.is_string(kind):
        return value if isinstance(value, str) else str(value)
    return value if pa.types.is_boolean(kind) else float(value)


def _features() -> dict[str, pa.DataType]:
    """Every feature of any order and its type: yes or no, number, else text."""
    kinds: dict[str, set[type]] = {}
    for given in Order.objects.values_list("features", flat=True).iterator(chunk_size=BATCH):
        for name, value in given.items():
            if value is not None:
                kinds.setdefault(name, set()).add(type(value))
    return {name: _kind(found) for name, found in sorted(kinds.items())}


def _kind(found: set[type]) -> pa.DataType:
    if found == {bool}:
        return pa.bool_()
    return pa.float64() if found <= {int, float} else pa.string()
