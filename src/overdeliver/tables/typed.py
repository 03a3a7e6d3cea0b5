"""From columns as they were read to typed fields, with every unreadable value named."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import ibis
import ibis.expr.types as ir

from overdeliver.tables.cases import Notice
from overdeliver.tables.engine_functions import INSTANT, WALL, wall_clock
from overdeliver.tables.headers import LINE, free_name
from overdeliver.tables.moments_text import YEARS, MomentReading, in_range, read_moments
from overdeliver.tables.numbers import MONEY, NumberKind, read_numbers
from overdeliver.tables.raw import SHOWN, Source, no_rejects
from overdeliver.vocabulary.errors import InputError, MissingField

FieldKind = Literal["text", "class", "number", "money", "moment"]

_LOOKED_AT = 1000


@dataclass(frozen=True)
class Typed:
    """Typed fields. All lazy: store the result as a table of the engine when it is read often.

    ``table``: ``line``; one column per field, named as the field; ``FIELD_utc`` beside each moment
    that names an instant (its clock in UTC); ``FIELD_currency`` beside each number with currencies;
    then every source column no field came from. ``rejects``: ``line, column, value, reason`` of the
    values that were given but cannot be read; in ``table`` these are NULL, like blank ones.
    """

    table: ir.Table
    rejects: ir.Table
    dates: frozenset[str] = frozenset()  # moments without time of day (or midnight throughout)
    instants: Mapping[str, str] = field(default_factory=dict)  # moment -> its column in UTC
    currencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # as seen, sorted
    currency_columns: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)  # moment -> the form it was read under
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class _Field:
    """One field on its way: where from, what it became, and when that is a failure."""

    column: str
    value: ir.Value
    unreadable: ir.BooleanValue | None = None
    reason: str = ""
    utc: ir.Value | None = None
    currency: ir.Value | None = None
    is_date: bool | None = None  # None: look at the values
    form: str = ""
    notices: tuple[Notice, ...] = ()


def typed(
    source: Source,
    wanted: Mapping[str, tuple[str, FieldKind]],
    *,
    zone: str = "UTC",
    date_order: str | None = None,
) -> Typed:
    """Read ``wanted`` (field -> column and kind) out of a source.

    Kinds: ``text`` and ``class`` (trimmed, blank is NULL), ``number`` (float64), ``money`` (exact
    decimal(18, 4)), ``moment`` (naive timestamp(6), wall clock in ``zone``). Columns of text are
    parsed, one form per column; typed columns are cast; NaN and NaT count as blank.

    Raises MissingField for a column that is not there, InputError for a column whose type cannot
    hold its kind, or whose days and months cannot be told apart without ``date_order`` (dmy, mdy).

    >>> import pyarrow as pa
    >>> from overdeliver.tables.sources import open_source
    >>> orders = open_source(pa.table({"due": ["31.12.2026", "31.02.2026"], "note": ["a", "b"]}))
    >>> read = typed(orders, {"promised_at": ("due", "moment")})
    >>> read.table.columns, read.dates
    (('line', 'promised_at', 'note'), frozenset({'promised_at'}))
    >>> read.rejects.to_pyarrow().to_pylist()[0]["value"]
    '31.02.2026'
    """
    return typed_table(source.table, wanted, zone=zone, date_order=date_order)


def typed_table(
    table: ir.Table,
    wanted: Mapping[str, tuple[str, FieldKind]],
    *,
    zone: str = "UTC",
    date_order: str | None = None,
) -> Typed:
    """The same for any table of this engine that has ``line``, such as a join of sources."""
    for name, (column, _) in wanted.items():
        if column not in table.columns:
            raise MissingField(f"{name}: the data has no column {column!r}")
    moments = {name: column for name, (column, kind) in wanted.items() if kind == "moment"}
    table, texts = _as_texts(table, moments)
    read = read_moments(table, texts, zone=zone, date_order=date_order)
    fields = {
        name: _text_moment(table, column, texts[name], read[name])
        if name in read
        else _field(table, column, kind, zone)
        for name, (column, kind) in wanted.items()
    }
    return _assembled(table, fields, drop=set(texts.values()) - set(moments.values()))


def _as_texts(table: ir.Table, moments: Mapping[str, str]) -> tuple[ir.Table, dict[str, str]]:
    """The columns of moments that must be parsed; numbers (epochs, day numbers) become text."""
    texts: dict[str, str] = {}
    helpers: dict[str, ir.Value] = {}
    for name, column in moments.items():
        kind = table[column].type()
        if kind.is_string():
            texts[name] = column
        elif kind.is_integer() or kind.is_floating():
            texts[name] = f"text of {name}"
            helpers[texts[name]] = table[column].cast("string")
    return (table.mutate(**helpers) if helpers else table), texts


def _field(table: ir.Table, column: str, kind: FieldKind, zone: str) -> _Field:
    source = table[column]
    if kind == "text" or kind == "class":
        text = source if source.type().is_string() else source.cast("string")
        return _Field(column, text.strip().nullif(""), is_date=False)
    if kind == "moment":
        return _typed_moment(column, source, zone)
    if source.type().is_string():
        return _text_number(table, column, kind)
    return _typed_number(column, source, kind)


def _text_number(table: ir.Table, column: str, kind: NumberKind) -> _Field:
    reading = read_numbers(table, column, kind)
    return _Field(
        column,
        reading.value,
        _given(table[column]) & reading.value.isnull(),
        reading.reason,
        currency=reading.currency if reading.has_currency else None,
        is_date=False,
        notices=reading.notices,
    )


def _typed_number(column: str, source: ir.Value, kind: NumberKind) -> _Field:
    if not source.type().is_numeric():
        raise InputError(f"column {column!r} holds {source.type()}, not numbers")
    if source.type().is_floating():
        source = ibis.ifelse(source.isnan(), ibis.null(source.type()), source)
    if kind == "money":
        value = source.try_cast(MONEY)
    else:
        number = source.cast("float64")
        value = ibis.ifelse(number.isinf(), ibis.null("float64"), number)
    what = "an amount of money" if kind == "money" else "a number"
    return _Field(column, value, source.notnull() & value.isnull(), f"not {what}", is_date=False)


def _text_moment(table: ir.Table, column: str, text: str, reading: MomentReading) -> _Field:
    return _Field(
        column,
        reading.wall,
        _given(table[text]) & reading.wall.isnull(),
        reading.reason,
        utc=reading.utc,
        is_date=reading.is_date or None,
        form=reading.form,
        notices=reading.notices,
    )


def _typed_moment(column: str, source: ir.Value, zone: str) -> _Field:
    kind = source.type()
    if not (kind.is_timestamp() or kind.is_date()):
        raise InputError(f"column {column!r} holds {kind}, not moments")
    utc = None
    if kind.is_timestamp() and kind.timezone:
        instant = source.cast(INSTANT)
        wall, utc = wall_clock(instant, zone), in_range(instant.cast(WALL))
    else:
        wall = source.cast(WALL)
    wall = in_range(wall)
    return _Field(
        column,
        wall,
        source.notnull() & wall.isnull(),
        f"a moment outside the years {YEARS[0]}-{YEARS[1]}",
        utc=utc,
        is_date=True if kind.is_date() else None,
        form=str(kind),
    )


def _given(text: ir.Value) -> ir.BooleanValue:
    return text.notnull() & (text.strip() != "")


def _assembled(table: ir.Table, fields: Mapping[str, _Field], drop: set[str]) -> Typed:
    columns: dict[str, ir.Value] = {LINE: table[LINE]}
    instants: dict[str, str] = {}
    money: dict[str, str] = {}
    for name, found in fields.items():
        columns[name] = found.value
        if found.utc is not None:
            columns[instants.setdefault(name, f"{name}_utc")] = found.utc
        if found.currency is not None:
            columns[money.setdefault(name, f"{name}_currency")] = found.currency
    used = {found.column for found in fields.values()} | drop | {LINE}
    taken = {name.casefold() for name in columns}
    for column in table.columns:
        if column not in used:
            name = free_name(column, taken)
            taken.add(name.casefold())
            columns[name] = table[column]
    result = table.select(**columns)
    return Typed(
        result,
        _rejects(table, fields),
        _dates(result, fields),
        instants,
        _currencies(result, money),
        money,
        {name: found.form for name, found in fields.items() if found.form},
        tuple(notice for found in fields.values() for notice in found.notices),
    )


def _rejects(table: ir.Table, fields: Mapping[str, _Field]) -> ir.Table:
    parts = [
        table.filter(found.unreadable).select(
            LINE,
            column=ibis.literal(found.column),
            value=table[found.column].cast("string").left(SHOWN),
            reason=ibis.literal(found.reason),
        )
        for found in fields.values()
        if found.unreadable is not None
    ]
    if not parts:
        return no_rejects(table.get_backend())
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _dates(result: ir.Table, fields: Mapping[str, _Field]) -> frozenset[str]:
    """The moments without time of day; where the type does not tell, midnight throughout."""
    sure = {name for name, found in fields.items() if found.is_date}
    asked = {name for name, found in fields.items() if found.is_date is None}
    for some in (result.limit(_LOOKED_AT), result):  # a look at the top spares most columns
        if asked:
            tests = {name: _midnight(some[name]).all() for name in asked}
            row = some.aggregate(**tests).to_pyarrow().to_pylist()[0]
            asked = {name for name in asked if row[name] is not False}
    return frozenset(sure | {name for name in asked if row[name]}) if asked else frozenset(sure)


def _midnight(wall: ir.Value) -> ir.Value:
    return wall == wall.truncate("D")


def _currencies(result: ir.Table, columns: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, column in columns.items():
        seen = result.select(currency=result[column]).distinct().limit(500).to_pyarrow()
        found[name] = tuple(sorted(c for c in seen["currency"].to_pylist() if c))
    return found
