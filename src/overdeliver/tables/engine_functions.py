"""The database's own functions that Ibis has no name for."""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

#: Wall-clock time to the microsecond, without zone.
WALL = dt.Timestamp(scale=6)
#: An instant.
INSTANT = dt.Timestamp("UTC", 6)


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, INSTANT), WALL))
def _wall(zone, at):  # type: ignore[no-untyped-def]
    """The wall clock of an instant in a zone."""


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, WALL), INSTANT))
def _instant(zone, at):  # type: ignore[no-untyped-def]
    """The instant of a wall clock in a zone."""


@ibis.udf.scalar.builtin(name="make_timestamp", signature=((dt.int64,), WALL))
def _from_micros(at):  # type: ignore[no-untyped-def]
    """Microseconds since 1970 as a wall clock."""


@ibis.udf.scalar.builtin(name="try_strptime", signature=((dt.string, dt.string), WALL))
def _parsed(text, form):  # type: ignore[no-untyped-def]
    """A text as a moment under one form, NULL where it does not fit."""


@ibis.udf.scalar.builtin(name="strlen", signature=((dt.string,), dt.int64))
def _bytes(text):  # type: ignore[no-untyped-def]
    """The length of a text in bytes."""


def byte_length(text: ir.Value) -> ir.Value:
    """The length of a text in bytes."""
    return _bytes(text)


def wall_clock(at: ir.Value, zone: str) -> ir.Value:
    """The wall clock in ``zone`` of an instant."""
    return at.cast(WALL) if zone == "UTC" else _wall(ibis.literal(zone), at)


def utc_clock(wall: ir.Value, zone: str) -> ir.Value:
    """The clock of UTC at a wall clock in ``zone``."""
    return wall if zone == "UTC" else _instant(ibis.literal(zone), wall).cast(WALL)


def from_micros(at: ir.Value) -> ir.Value:
    """Microseconds since 1970 as a wall clock."""
    return _from_micros(at)


def parsed(text: ir.Value, form: str) -> ir.Value:
    """A text under one strptime form, NULL where it does not fit."""
    return _parsed(text, ibis.literal(form))
