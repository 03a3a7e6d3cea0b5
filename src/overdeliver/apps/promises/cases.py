"""Promises as a table that measures read: made of the standings, always of now.

A large ledger is not read out at every look. A file holds how every promise stood at a moment, and
what has changed since is laid over it; when that becomes much, the file is written anew. Small
ledgers need no file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from overdeliver.apps.promises import suppliers
from overdeliver.apps.promises.export import MOMENT, MONEY, batch, parts, write_parquet
from overdeliver.apps.promises.models import Standing
from overdeliver.tables.connect import connect

#: Below so many promises everything is read at every look.
SMALL = 5_000
#: So many changes are laid over the file before it is written anew.
MOST_CHANGES = 20_000
#: Changes this much older than the file are read again: their transaction may have ended later.
_LATE = timedelta(minutes=2)

_FIELDS = {
    "id": ("promise_id", pa.int64()),
    "verdict": ("verdict", pa.string()),
    "gap": ("gap", pa.float64()),
    "promised": ("promise__promised", pa.float64()),
    "actual": ("actual", pa.float64()),
    "level": ("promise__level", pa.float64()),
    "made_at": ("made_at", MOMENT),
    "lever": ("lever", pa.string()),
    "unit": ("promise__unit", pa.string()),
    "service": ("service", pa.string()),
    "segment": ("segment", pa.string()),
    "team": ("team", pa.string()),
    "channel": ("channel", pa.string()),
    "supplier": ("supplier", pa.string()),
    "order": ("order_id", pa.int64()),
    "customer_id": ("order__customer_id", pa.int64()),
    "placed_at": ("order__placed_at", MOMENT),
    "cancelled_at": ("order__cancelled_at", MOMENT),
    "amount": ("order__amount", MONEY),
    "currency": ("order__currency", pa.string()),
}
SCHEMA = pa.schema([(name, kind) for name, (_, kind) in _FIELDS.items()])


@dataclass(frozen=True)
class Ledger:
    """Every original promise as a case, with its order's money; moments in UTC.

    ``as_of``: the moment it speaks of.
    """

    table: ir.Table
    as_of: datetime


def ledger(now: datetime | None = None) -> Ledger:
    """All original promises as they stand now."""
    moment = now or timezone.now()
    count = _standings().count()
    if count <= SMALL:
        return Ledger(_registered(_read(_standings())), moment)
    file = _file()
    if _usable(file) and (table := _fitting(file, count)) is not None:
        return Ledger(table, moment)
    table = connect().read_parquet(str(written(file)))
    return Ledger(table, moment)


def written(file: Path) -> Path:
    """The file, written anew with every standing of now."""
    file.parent.mkdir(parents=True, exist_ok=True)
    stamp = timezone.now().astimezone(UTC)
    kinds = SCHEMA.with_metadata({"stamp": stamp.isoformat(), "supplier": suppliers.fact()})
    write_parquet(file, kinds, _batches(_standings(), kinds))
    return file


def refresh() -> int:
    """Write the file anew where it is needed and has fallen behind; returns 1 if it was."""
    if _standings().count() <= SMALL:
        return 0
    file = _file()
    if (
        _usable(file)
        and _standings().filter(changed_at__gte=_stamp(file)).count() <= MOST_CHANGES // 2
    ):
        return 0
    written(file)
    return 1


def _file() -> Path:
    return Path(settings.DATA) / "cache" / "standings.parquet"


def _usable(file: Path) -> bool:
    """Whether there is a file, of these columns and with the suppliers asked for now."""
    if not file.is_file():
        return False
    there = pq.read_schema(file)
    named = (there.metadata or {}).get(b"supplier", b"").decode()
    return bool(there.names == SCHEMA.names and named == suppliers.fact())


def _fitting(file: Path, count: int) -> ir.Table | None:
    """The file with the changes laid over it; None: too many, or rows have gone since."""
    changed = _changed(file)
    if changed.count() > MOST_CHANGES:
        # A file written during a large import finds that import again among the late changes.
        changed = _standings().filter(changed_at__gte=_stamp(file))
        if changed.count() > MOST_CHANGES or timezone.now() - _stamp(file) > _LATE:
            return None
    table = _overlaid(file, changed)
    return table if int(table.count().to_pyarrow().as_py()) == count else None


def _overlaid(file: Path, changed: QuerySet[Standing]) -> ir.Table:
    """The file's rows, those changed since in place of their older selves."""
    fresh = _registered(_read(changed))
    base = fresh.get_backend().read_parquet(str(file))
    table: ir.Table = base.anti_join(fresh, "id").union(fresh)
    return table


def _changed(file: Path) -> QuerySet[Standing]:
    return _standings().filter(changed_at__gte=_stamp(file) - _LATE)


def _stamp(file: Path) -> datetime:
    return datetime.fromisoformat((pq.read_schema(file).metadata or {})[b"stamp"].decode())


def _standings() -> QuerySet[Standing]:
    return Standing.objects.filter(original=True).order_by()


def _read(rows: QuerySet[Standing]) -> pa.Table:
    return pa.Table.from_batches(_batches(rows, SCHEMA), schema=SCHEMA)


def _batches(rows: QuerySet[Standing], kinds: pa.Schema) -> Iterator[pa.RecordBatch]:
    fields = [field for field, _ in _FIELDS.values()]
    whose = suppliers.supplier_of("order__features", suppliers.fact())
    for part in parts(rows.annotate(supplier=whose).values_list(*fields)):
        yield batch(part, kinds)


def _registered(table: pa.Table) -> Any:
    backend = connect()
    backend.con.register("standings", table)
    return backend.table("standings")
