"""What a measure says when it cannot say a number, and how it asks its one question of a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from overdeliver.vocabulary.errors import MissingField


@dataclass(frozen=True)
class NotEnough:
    """There is too little to answer honestly; ``reason`` is a sentence for the reader.

    >>> NotEnough("7 scored cases on the late side, 30 are needed", have=7, need=30).reason
    '7 scored cases on the late side, 30 are needed'
    """

    reason: str
    have: int | None = None
    need: int | None = None


def require(table: ir.Table, columns: Iterable[str]) -> None:
    """Raise MissingField when the table lacks one of the columns, naming those it has."""
    for column in columns:
        if column not in table.columns:
            there = ", ".join(table.columns)
            raise MissingField(f"no column {column!r} in the cases; the columns are {there}")


def fetch(query: ir.Table) -> list[dict[str, Any]]:
    """The rows of an aggregated query; a NaN (some engines' word for nothing) becomes None."""
    rows: list[dict[str, Any]] = query.to_pyarrow().to_pylist()
    # only a NaN differs from itself
    return [{k: None if v != v else v for k, v in row.items()} for row in rows]
