"""Promised, actual, due, observed, gap and verdict as expressions, from typed fields and terms."""

from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from overdeliver.tables.fields import WALL, clock, micros, wall_of
from overdeliver.tables.terms import MICROS, Terms
from overdeliver.vocabulary.gap import gap, verdict


def reckon(table: ir.Table, terms: Terms, zone: str) -> ir.Table:
    """Add ``c:promised``, ``c:actual`` and ``c:gap``; and where the fields allow them
    ``c:made_at``, ``c:due_at`` and ``c:observed_at``."""
    length = _days if terms.granularity == "day" else _elapsed
    promised = _side(table, terms.promise, terms, length)
    actual = _side(table, terms.outcome, terms, length)
    added: dict[str, Any] = {"c:promised": promised, "c:actual": actual}
    added["c:gap"] = _gap(table, terms, promised, actual)
    if terms.made is not None:
        added["c:made_at"] = table[f"f:{terms.made}"]
    due, observed = _due(table, terms, promised, zone), _observed(table, terms, actual, zone)
    if due is not None:
        added["c:due_at"] = due
    if observed is not None:
        added["c:observed_at"] = observed
    return table.mutate(**added)


def judge(
    table: ir.Table,
    as_of: datetime | None,
    lost: ir.BooleanValue,
    tolerance: float,
    *,
    late: ir.BooleanValue,
) -> ir.Table:
    """Add ``c:verdict``: overdue and unobserved is broken, lost is unknown, not due is open.

    ``late`` is what is known to have been overdue whatever ``as_of`` says.
    """
    overdue: Any = late
    if as_of is not None and "c:due_at" in table.columns:
        past = (table["c:due_at"] < ibis.literal(as_of).cast(WALL)).fill_null(False)
        overdue = late | past
    said = verdict(table["c:gap"], overdue=overdue, lost=lost, tolerance=tolerance)
    return table.mutate(**{"c:verdict": said})


def _side(table: ir.Table, name: str | None, terms: Terms, length: Any) -> ir.Value:
    if name is None or (name.endswith("_at") and terms.made is None):
        return ibis.null("float64")
    if name.endswith("_at"):
        return length(table, terms.made, name, terms.unit)
    return table[f"f:{name}"].cast("float64")


def _days(table: ir.Table, start: str, end: str, unit: str) -> ir.Value:
    """Whole calendar days between two wall clocks."""
    return (_day(table[f"f:{end}"]) - _day(table[f"f:{start}"])).cast("float64")


def _elapsed(table: ir.Table, start: str, end: str, unit: str) -> ir.Value:
    """Elapsed time between two instants, in ``unit``."""
    return (table[f"i:{end}"] - table[f"i:{start}"]).cast("float64") / MICROS[unit]


def _gap(table: ir.Table, terms: Terms, promised: ir.Value, actual: ir.Value) -> ir.Value:
    if (terms.promise, terms.outcome) != ("promised_at", "delivered_at"):
        return gap(promised, actual, terms.lever)
    # Two moments need no third to be compared: it also serves rows that lack the order's moment.
    if terms.granularity == "day":
        due, done = (_day(table[f"f:{name}"]) for name in ("promised_at", "delivered_at"))
        return gap(due, done, terms.lever).cast("float64")
    apart = gap(table["i:promised_at"], table["i:delivered_at"], terms.lever)
    return apart.cast("float64") / MICROS[terms.unit]


def _due(table: ir.Table, terms: Terms, promised: ir.Value, zone: str) -> ir.Value | None:
    """The last moment at which the promise is still kept."""
    if terms.lever != "time" or terms.promise is None:
        return None
    if terms.promise == "promised_at":
        due = table["f:promised_at"]
        return end_of_day(due) if terms.granularity == "day" else due
    if terms.made is None:
        return None
    if terms.granularity == "day":  # whole days on the wall clock, whatever the clocks do between
        start = micros(table[f"f:{terms.made}"])
        return end_of_day(clock(start + _whole(promised * MICROS["days"])))
    return _after(table, terms, promised, zone)


def _observed(table: ir.Table, terms: Terms, actual: ir.Value, zone: str) -> ir.Value | None:
    """When the outcome became known: the delivery, else made plus actual, else not known."""
    seen: list[ir.Value] = []
    if "f:delivered_at" in table.columns:
        seen.append(table["f:delivered_at"])
    if terms.lever == "time" and terms.outcome == "actual" and terms.made is not None:
        seen.append(_after(table, terms, actual, zone))
    if not seen:
        return None
    known = actual.notnull() if terms.outcome != "delivered_at" else seen[0].notnull()
    return ibis.ifelse(known, ibis.coalesce(*seen), ibis.null(WALL)).cast(WALL)


def end_of_day(at: ir.Value) -> ir.Value:
    """The last microsecond of a wall clock's day."""
    return (at.truncate("D") + ibis.interval(days=1) - ibis.interval(microseconds=1)).cast(WALL)


def _after(table: ir.Table, terms: Terms, length: ir.Value, zone: str) -> ir.Value:
    """The wall clock when ``length`` has elapsed since the promise was made."""
    return wall_of(table[f"i:{terms.made}"] + _whole(length * MICROS[terms.unit]), zone)


def _whole(number: ir.Value) -> ir.Value:
    return number.round().cast("int64")


def _day(at: ir.Value) -> ir.Value:
    return at.date().delta(ibis.date(1970, 1, 1), unit="day")
