"""A draft: a source with its fields named, not yet judged. What recognition and presets hand on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from overdeliver.tables.cases import Notice
from overdeliver.tables.raw import Source
from overdeliver.vocabulary.gap import Lever

Kind = Literal["moment", "number", "money", "text", "class"]

#: What each field holds. ``stage:NAME`` (a moment) comes on top, as often as the source has stages.
FIELD_KINDS: Mapping[str, Kind] = {
    "order_id": "text",
    "customer_id": "text",
    "segment": "text",
    "channel": "text",
    "amount": "money",
    "currency": "text",
    "placed_at": "moment",
    "made_at": "moment",
    "promised_at": "moment",
    "delivered_at": "moment",
    "promised": "number",
    "actual": "number",
    "booked_class": "class",
    "delivered_class": "class",
    "cancelled_at": "moment",
    "score": "number",
    "text": "text",
}


def kind_of(name: str) -> Kind | None:
    """The kind of a field name, ``stage:NAME`` included; None for a name that is no field."""
    return "moment" if name.startswith("stage:") and name != "stage:" else FIELD_KINDS.get(name)


@dataclass(frozen=True)
class Options:
    """What the caller asked for; None where the data may decide."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    lever: Lever | None = None
    unit: str | None = None
    by: tuple[str, ...] = ()
    promise_rules: Mapping[str, tuple[float, str]] | None = None
    zone: str = "UTC"
    tolerance: float = 0.0
    as_of: datetime | None = None
    classes: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    date_order: str | None = None
    reject_file: str | Path | None = None
    limits: Any = None


@dataclass(frozen=True)
class Draft:
    """One table with ``line``, where each field stands in it, and what the source implies."""

    backend: Backend
    table: ir.Table
    mapping: Mapping[str, str]
    is_text: bool = False
    #: Rows the source held; more than the table's when several rows tell of one promise.
    read: int | None = None
    #: Rows that could not be split into fields, and how many: ``line, column, value, reason``.
    bad: int = 0
    bad_rows: ir.Table | None = None
    lever: Lever | None = None
    unit: str | None = None
    zone: str | None = None
    #: A Boolean column: the outcome can no longer be known.
    lost: str | None = None
    #: The column to name in a reject where the promise by rule is missing.
    blame: str | None = None
    #: Candidate features where the preset knows them; None: find them.
    features: Sequence[str] | None = None
    score_scale: tuple[float, float] | None = None
    #: What each column holds, where it was looked at.
    holds: Mapping[str, Any] = field(default_factory=dict)
    #: The table is a join or a parse that must not be repeated.
    keep: bool = False
    notices: tuple[Notice, ...] = ()

    @classmethod
    def of(
        cls, source: Source, table: ir.Table, mapping: Mapping[str, str], **implied: Any
    ) -> "Draft":
        """A draft over a table made from one source, with the source's books of what was read."""
        return cls(
            source.backend,
            table,
            mapping,
            is_text=source.is_text,
            read=source.rows_read,
            bad=source.rows_bad,
            bad_rows=source.bad_rows,
            **implied,
        )
