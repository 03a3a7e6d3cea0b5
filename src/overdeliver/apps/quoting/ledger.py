"""The ledger's columns out of the database, until the ledger exports itself."""

from typing import Any

import pyarrow as pa
from django.apps import apps

_AT = pa.timestamp("us", tz="UTC")
_MONEY = pa.decimal128(18, 4)


def ledger() -> dict[str, pa.Table]:
    """Orders (features beside them), promises, outcomes and encounters as Arrow tables."""
    return {
        "orders": _orders(),
        "promises": _rows(
            "Promise",
            {
                "promise_id": ("reference", pa.string()),
                "order_id": ("order__reference", pa.string()),
                "lever": ("lever", pa.string()),
                "promised": ("promised", pa.float64()),
                "unit": ("unit", pa.string()),
                "made_at": ("made_at", _AT),
                "due_at": ("due_at", _AT),
                "level": ("level", pa.float64()),
                "source": ("source", pa.string()),
                "revises": ("revises__reference", pa.string()),
            },
        ),
        "outcomes": _rows(
            "Outcome",
            {
                "promise_id": ("promise__reference", pa.string()),
                "actual": ("actual", pa.float64()),
                "unit": ("promise__unit", pa.string()),
                "observed_at": ("observed_at", _AT),
            },
        ),
        "encounters": _rows(
            "Encounter",
            {
                "order_id": ("order__reference", pa.string()),
                "touchpoint": ("touchpoint", pa.string()),
                "at": ("at", _AT),
            },
        ),
    }


def _rows(model: str, columns: dict[str, tuple[str, pa.DataType]]) -> pa.Table:
    rows = apps.get_model("promises", model).objects.order_by("id")
    found = list(rows.values_list(*(field for field, _ in columns.values())))
    parts = list(zip(*found, strict=True)) if found else [()] * len(columns)
    return pa.table(
        {
            name: pa.array(part, kind)
            for (name, (_, kind)), part in zip(columns.items(), parts, strict=True)
        }
    )


def _orders() -> pa.Table:
    plain = {
        "order_id": ("reference", pa.string()),
        "customer_id": ("customer__reference", pa.string()),
        "service": ("service", pa.string()),
        "segment": ("segment", pa.string()),
        "channel": ("channel", pa.string()),
        "team": ("team", pa.string()),
        "placed_at": ("placed_at", _AT),
        "completed_at": ("completed_at", _AT),
        "cancelled_at": ("cancelled_at", _AT),
        "amount": ("amount", _MONEY),
        "currency": ("currency", pa.string()),
    }
    table = _rows("Order", plain)
    orders = apps.get_model("promises", "Order").objects.order_by("id")
    features = list(orders.values_list("features", flat=True))
    names = sorted({name for one in features for name in one} - set(plain))
    for name in names:
        table = table.append_column(name, _column([one.get(name) for one in features]))
    return table


def _column(values: list[Any]) -> pa.Array:
    known = [one for one in values if one is not None]
    if known and all(isinstance(one, int | float) for one in known):
        return pa.array([None if one is None else float(one) for one in values], pa.float64())
    return pa.array([None if one is None else str(one) for one in values], pa.string())
