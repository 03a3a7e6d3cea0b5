"""What customers said in the contract's columns, beside the ledger's own export."""

from collections.abc import Iterator
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa

from overdeliver.apps.listening.models import Feedback
from overdeliver.apps.promises import export

MOMENT = export.MOMENT
_COLUMNS: export.Columns = {
    "feedback_id": ("reference", pa.string()),
    "customer_id": ("customer__reference", pa.string()),
    "order_id": ("order__reference", pa.string()),
    "at": ("at", MOMENT),
    "kind": ("kind", pa.string()),
    "score": ("score", pa.float64()),
    "scale_min": ("scale_min", pa.float64()),
    "scale_max": ("scale_max", pa.float64()),
    "text": ("text", pa.string()),
    "language": ("language", pa.string()),
    "channel": ("channel", pa.string()),
}
SCHEMA = pa.schema([(name, kind) for name, (_, kind) in _COLUMNS.items()])


def table() -> pa.Table:
    """All feedback in memory."""
    return pa.Table.from_batches(_batches(), schema=SCHEMA)


def snapshot(folder: Path) -> Path:
    """Write the ledger and what customers said as Parquet; returns the folder.

    Feedback is read first: whatever order it speaks of was there before it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    export.write_parquet(folder / "feedback.parquet", SCHEMA, _batches())
    return export.snapshot(folder)


def opened(folder: Path) -> dict[str, ir.Table]:
    """The tables of such a snapshot, all of one connection. InputError: there is none."""
    return export.opened(folder, more=("feedback",))


def _batches() -> Iterator[pa.RecordBatch]:
    fields = [field for field, _ in _COLUMNS.values()]
    rows = Feedback.objects.order_by("pk").values_list(*fields)
    return (export.batch(part, SCHEMA) for part in export.parts(rows))
