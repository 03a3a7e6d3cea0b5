"""Cases: one row per promise with what came of it, the table every measure and estimator reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import ibis.expr.types as ir

from overdeliver.vocabulary.gap import Lever

Granularity = Literal["day", "moment", "number"]

#: The columns of a case table in their order, with their Ibis types. A table holds at least
#: ``line``, ``order_id``, ``promised``, ``actual`` and ``gap`` of the lever, and ``verdict``; the
#: others are there when the source has them. Moments are wall clocks in the zone of ``Cases.zone``.
CASE_COLUMNS: Mapping[str, str] = {
    "line": "int64",  # where in the source the row stands, 1 = first row of data
    "order_id": "string",
    "customer_id": "string",
    "segment": "string",
    "channel": "string",
    "amount": "decimal(18, 4)",
    "currency": "string",
    "placed_at": "timestamp(6)",
    "made_at": "timestamp(6)",
    "due_at": "timestamp(6)",  # the last moment at which the promise is still kept
    "observed_at": "timestamp(6)",  # when the outcome became known
    "cancelled_at": "timestamp(6)",
    "promised": "float64",  # in Cases.unit, counted from made_at for the time lever
    "actual": "float64",  # same unit; NULL while unobserved
    "gap": "float64",  # overdeliver.vocabulary.gap.gap(promised, actual)
    "verdict": "string",  # overdeliver.vocabulary.gap.verdict
    "score": "float64",  # the customer's rating as given; Cases.score_scale says min and max
    "text": "string",
}


@dataclass(frozen=True)
class Reject:
    """One row that was not used, and why. ``line`` is the file's own; the header is line 1."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Intake:
    """The books of a reading: ``read == used + rejected``, always."""

    read: int
    used: int
    rejected: int
    reject_file: str | None = None
    sample: tuple[Reject, ...] = ()  # the first few, for the page


@dataclass(frozen=True)
class Notice:
    """A warning with a stable code for programs and a message for people."""

    code: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cases:
    """A checked table of promises and outcomes, with what must be known to read it."""

    table: ir.Table
    lever: Lever
    unit: str  # "days", "hours", "minutes", a currency code, "class" ...
    granularity: Granularity  # "day": promised and actual are whole calendar days
    intake: Intake
    as_of: datetime | None = None  # the last moment the data speaks of, same wall clock
    zone: str = "UTC"
    tolerance: float = 0.0
    by: tuple[str, ...] = ()  # columns the owner groups by
    features: tuple[str, ...] = ()  # candidate features, before the leakage guard
    stages: tuple[str, ...] = ()  # columns holding moments of the journey, in order
    score_scale: tuple[float, float] | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)  # field -> column, as recognised
    notices: tuple[Notice, ...] = ()
