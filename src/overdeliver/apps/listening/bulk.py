"""Much feedback at once, without setting anything off."""

from collections.abc import Mapping

import pyarrow as pa

from overdeliver.apps.journal import many_rows
from overdeliver.apps.listening.models import Feedback
from overdeliver.apps.promises.columns import MOMENT, optional, text


def write_feedback(
    rows: pa.Table, *, orders: Mapping[str, int], customers: Mapping[str, int], batch: str
) -> int:
    """Write feedback; what stands already under its reference is left as it is. Returns how many.

    ``rows``: reference, at, kind and any of order, customer (references), score, scale_min,
    scale_max, text, language, channel. ``orders`` and ``customers``: reference -> id, as
    `promises.bulk.write` answered them. Inside the caller's transaction.
    """
    references = rows["reference"].to_pylist()
    known = many_rows.ids_of(Feedback, "reference", references)
    rows = rows.filter(pa.array([one not in known for one in references], pa.bool_()))
    count = rows.num_rows
    return many_rows.insert(
        Feedback,
        pa.table(
            {
                "id": many_rows.new_ids(Feedback, count),
                "reference": rows["reference"],
                "customer_id": _ids(rows, "customer", customers),
                "order_id": _ids(rows, "order", orders),
                "at": rows["at"].cast(MOMENT),
                "kind": text(rows, "kind", 20),
                "score": optional(rows, "score", None, pa.float64()),
                "scale_min": optional(rows, "scale_min", None, pa.float64()),
                "scale_max": optional(rows, "scale_max", None, pa.float64()),
                "text": optional(rows, "text", "", pa.string()),
                "language": text(rows, "language", 10),
                "channel": text(rows, "channel", 50),
                "batch": pa.repeat(batch, count),
            }
        ),
    )


def withdraw_feedback(batch: str) -> int:
    """Take back the feedback an import brought; returns how many rows went."""
    return Feedback.objects.filter(batch=batch).delete()[0]


def _ids(rows: pa.Table, name: str, ids: Mapping[str, int]) -> pa.Array:
    if name not in rows.column_names:
        return pa.nulls(rows.num_rows, pa.int64())
    return pa.array([ids.get(one or "") for one in rows[name].to_pylist()], pa.int64())
