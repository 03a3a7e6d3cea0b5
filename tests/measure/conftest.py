"""Case tables made by hand, small and exact."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from overdeliver.vocabulary.gap import verdict

TYPES = {
    "line": pa.int64(),
    "order_id": pa.string(),
    "customer_id": pa.string(),
    "made_at": pa.timestamp("us"),
    "due_at": pa.timestamp("us"),
    "promised": pa.float64(),
    "actual": pa.float64(),
    "gap": pa.float64(),
    "verdict": pa.string(),
    "score": pa.float64(),
}
START = datetime(2024, 1, 1)

CaseMaker = Callable[..., ir.Table]


def case_rows(gaps: Sequence[float | None], **columns: Any) -> list[dict[str, Any]]:
    """One row per gap, an hour apart, promised 10; columns are sequences or one value for all."""
    rows = []
    for i, gap in enumerate(gaps):
        made = START + timedelta(hours=i)
        row: dict[str, Any] = {
            "line": i + 1,
            "order_id": f"o{i}",
            "customer_id": f"c{i}",
            "made_at": made,
            "due_at": made + timedelta(days=10),
            "promised": 10.0,
            "actual": None if gap is None else 10.0 - gap,
            "gap": gap,
            "verdict": verdict(gap),
            "score": None,
        }
        for name, values in columns.items():
            row[name] = values if isinstance(values, str | float | datetime | None) else values[i]
        rows.append(row)
    return rows


def as_table(rows: Sequence[Mapping[str, Any]], types: Mapping[str, Any] | None = None) -> ir.Table:
    names = list(rows[0]) if rows else list(TYPES)
    fields = {**TYPES, **(types or {})}
    arrays = {name: pa.array([row[name] for row in rows], fields.get(name)) for name in names}
    return ibis.memtable(pa.table(arrays))


@pytest.fixture(scope="session")
def make_cases() -> CaseMaker:
    """Make a case table: ``make_cases([-1.0, 0.0, None], team=["a", "a", "b"])``."""

    def make(gaps: Sequence[float | None], **columns: Any) -> ir.Table:
        return as_table(case_rows(gaps, **columns))

    return make
