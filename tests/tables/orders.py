"""Small tables of orders that the tests of loading share."""

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from overdeliver.tables.cases import Cases

DAY = datetime(2026, 3, 2)


def rows_of(cases: Cases) -> list[dict[str, Any]]:
    """The cases in the order of their rows."""
    found: list[dict[str, Any]] = cases.table.order_by("line").to_pyarrow().to_pylist()
    return found


def codes(cases: Cases) -> set[str]:
    """What was noticed."""
    return {notice.code for notice in cases.notices}


def frame(**columns: Any) -> pa.Table:
    """A table of these columns."""
    return pa.table(columns)


def orders(**more: Any) -> pa.Table:
    """Four orders promised for one day: met, late by a minute, early, not delivered."""
    columns = {
        "order_id": ["a", "b", "c", "d"],
        "placed_at": [DAY + timedelta(hours=15)] * 4,
        "promised_at": [date(2026, 3, 5)] * 4,
        "delivered_at": [
            datetime(2026, 3, 5, 23, 59),
            datetime(2026, 3, 6, 0, 1),
            datetime(2026, 3, 3, 9),
            None,
        ],
    }
    return pa.table({**columns, **more})
