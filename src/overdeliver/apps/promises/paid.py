"""Settled promises with customer and money: the rows of the money page."""

from typing import Any

import pyarrow as pa
from django.utils import timezone

from overdeliver.apps.promises.models import Standing

MOST = 300_000
_SCHEMA = pa.schema(
    [
        ("verdict", pa.string()),
        ("customer_id", pa.int64()),
        ("made_at", pa.timestamp("us")),
        ("amount", pa.float64()),
        ("currency", pa.string()),
    ]
)


def paid_table() -> pa.Table:
    """The newest original promises with an outcome, one row each; made_at is UTC's wall clock."""
    rows = Standing.objects.filter(original=True, verdict__in=["broken", "met", "exceeded"])
    values = rows.order_by("-made_at").values_list(
        "verdict",
        "promise__order__customer_id",
        "made_at",
        "promise__order__amount",
        "promise__order__currency",
    )
    columns: list[tuple[Any, ...]] = list(zip(*values[:MOST], strict=True)) or [()] * 5
    utc = timezone.get_fixed_timezone(0)
    moments = [moment.astimezone(utc).replace(tzinfo=None) for moment in columns[2]]
    amounts = [None if amount is None else float(amount) for amount in columns[3]]
    arrays = [columns[0], columns[1], moments, amounts, [code or None for code in columns[4]]]
    return pa.table(
        [pa.array(list(a), type=f.type) for a, f in zip(arrays, _SCHEMA, strict=True)],
        schema=_SCHEMA,
    )
