"""Promises as lines of CSV that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from overdeliver.apps.promises.reads import Row
from overdeliver.tables.rejects import safe_cell

COLUMNS = (
    "reference",
    "order",
    "customer_reference",
    "customer",
    "service",
    "segment",
    "channel",
    "team",
    "lever",
    "promised",
    "unit",
    "level",
    "source",
    "made_at",
    "due_at",
    "verdict",
    "gap",
    "actual",
    "settled_at",
    "revises",
)


def csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    """The header and one line a promise; texts that look like formulas get an apostrophe."""
    yield "\ufeff" + _line(COLUMNS)
    for row in rows:
        yield _line([_cell(getattr(row, name)) for name in COLUMNS])


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return safe_cell(value) if isinstance(value, str) else value


def _line(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
