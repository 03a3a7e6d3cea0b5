"""From named columns to typed fields: ``f:NAME`` holds a field's value, ``i:NAME`` its instant.

Moments are kept twice. ``f:`` is the wall clock in the zone of the cases, to show and to tell days
by; ``i:`` is the microsecond of the universal clock, so that an hour across a change of the clocks
stays an hour.
"""

from collections.abc import Mapping

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from overdeliver.tables.draft import kind_of

WALL = dt.Timestamp(scale=6)
_EPOCH = ibis.literal("1970-01-01 00:00:00").cast(WALL)


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, dt.Timestamp("UTC", 6)), WALL))
def wall_in(zone, at):  # type: ignore[no-untyped-def]
    """The wall clock of an instant in a zone (the database's own function)."""


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, WALL), dt.Timestamp("UTC", 6)))
def instant_in(zone, at):  # type: ignore[no-untyped-def]
    """The instant of a wall clock in a zone (the database's own function)."""


@ibis.udf.scalar.builtin(name="make_timestamp", signature=((dt.int64,), WALL))
def clock(at):  # type: ignore[no-untyped-def]
    """The wall clock of a number of microseconds since 1970 (the database's own function)."""


def wall_of(at: ir.Value, zone: str) -> ir.Value:
    """The wall clock in ``zone`` of a universal microsecond."""
    if zone == "UTC":
        return clock(at)
    return wall_in(ibis.literal(zone), clock(at).cast(dt.Timestamp("UTC", 6)))


def micros(at: ir.Value) -> ir.IntegerValue:
    """Microseconds since 1970 of a timestamp without zone."""
    return at.delta(_EPOCH, unit="microsecond")


def wall_clock(column: ir.Value, zone: str) -> ir.Value:
    """A date, moment or ISO text as wall clock in ``zone``; NULL where it cannot be read."""
    kind = column.type()
    if kind.is_timestamp() and kind.timezone:
        return wall_in(ibis.literal(zone), column.cast(dt.Timestamp("UTC", 6)))
    return column.try_cast(WALL) if kind.is_string() else column.cast(WALL)


def instant_micros(column: ir.Value, wall: ir.Value, zone: str) -> ir.Value:
    """The universal microsecond of a moment given as ``column``, read as ``wall`` in ``zone``."""
    kind = column.type()
    if kind.is_timestamp() and kind.timezone:
        return micros(column.cast(dt.Timestamp("UTC", 6)).cast(WALL))
    if zone == "UTC":
        return micros(wall)
    return micros(instant_in(ibis.literal(zone), wall).cast(WALL))


def add_fields(table: ir.Table, mapping: Mapping[str, str], zone: str) -> ir.Table:
    """The table with a typed ``f:`` column per field and an ``i:`` column per moment."""
    added: dict[str, ir.Value] = {}
    for name, column in mapping.items():
        kind, source = kind_of(name), table[column]
        if kind == "moment" and not source.type().is_boolean():
            added[f"f:{name}"] = wall = wall_clock(source, zone)
            added[f"i:{name}"] = instant_micros(source, wall, zone)
        else:
            added[f"f:{name}"] = _value(source, kind)
    return table.mutate(**added)


def _value(source: ir.Value, kind: str | None) -> ir.Value:
    if kind == "number":
        return _finite(source.try_cast("float64"))
    if kind == "money":
        return source.try_cast("decimal(18, 4)")
    if kind in ("text", "class"):
        text = source if source.type().is_string() else source.cast("string")
        return text.strip().nullif("") if source.type().is_string() else text
    return source


def _finite(number: ir.Value) -> ir.Value:
    return ibis.ifelse(number.isnan() | number.isinf(), ibis.null("float64"), number)
