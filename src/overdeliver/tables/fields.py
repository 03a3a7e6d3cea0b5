"""From named columns to typed fields: ``f:NAME`` holds a field's value, ``i:NAME`` its instant.

Moments are kept twice. ``f:`` is the wall clock in the zone of the cases, to show and to tell days
by; ``i:`` is the microsecond of the universal clock, so that an hour across a change of the clocks
stays an hour. The source's own columns stay beside them under their names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from overdeliver.tables.cases import Notice
from overdeliver.tables.draft import Draft, Options, kind_of
from overdeliver.tables.recognise import Holds
from overdeliver.tables.typed import FieldKind, Typed, typed_table
from overdeliver.vocabulary.errors import InputError

WALL = dt.Timestamp(scale=6)
_EPOCH = ibis.literal("1970-01-01 00:00:00").cast(WALL)


@dataclass(frozen=True)
class Fields:
    """The table with its typed fields, and what reading them showed."""

    table: ir.Table
    #: Moment fields without a time of day.
    dates: frozenset[str]
    #: Currencies written beside the numbers of a field, in the whole column.
    currencies: Mapping[str, tuple[str, ...]]
    #: ``column, reason`` of what could not be read; the column is ``r:FIELD``.
    unread: ir.Table | None
    notices: tuple[Notice, ...] = ()
    #: Unmapped columns of text that hold numbers or moments: name -> where the typed values stand.
    extra: Mapping[str, str] = field(default_factory=dict)

    def place(self, column: str) -> str:
        """Where the values of an unmapped column stand: typed, if its text was read."""
        return self.extra.get(column, column)


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


def read_fields(draft: Draft, options: Options, zone: str, holds: Mapping[str, Holds]) -> Fields:
    """Read every field of a draft, and the numbers and moments among the other columns of text.

    InputError: days and months of a mapped column cannot be told apart without ``date_order``.
    """
    if draft.keep:  # every question to come would work out the joins again
        draft = replace(draft, table=_stored(draft, draft.table))
    wanted, plain = _wanted(draft)
    table = draft.table.mutate(**{f"r:{name}": draft.table[c] for name, (c, _) in wanted.items()})
    asked = {f"f:{name}": (f"r:{name}", kind) for name, (_, kind) in wanted.items()}
    read = typed_table(table, asked, zone=zone, date_order=options.date_order)
    table = read.table.mutate(**{f"f:{name}": _plain(read.table[c]) for name, c in plain.items()})
    table = table.mutate(**_instants(table, read, zone))
    table, extra = _read_extra(table, draft, options, zone, holds)
    if draft.keep or draft.is_text or _parsed(draft, wanted):
        table = _stored(draft, table)
    return Fields(
        table,
        frozenset(name.removeprefix("f:") for name in read.dates),
        {name.removeprefix("f:"): seen for name, seen in read.currencies.items() if seen},
        read.rejects,
        read.notices,
        extra,
    )


def _stored(draft: Draft, table: ir.Table) -> ir.Table:
    return draft.backend.create_table(ibis.util.gen_name("fields"), table, temp=True)


def _wanted(draft: Draft) -> tuple[dict[str, tuple[str, FieldKind]], dict[str, str]]:
    """Fields to be read, and those to be taken as they stand.

    Typed tables are not trimmed: on a million ids that costs more than all the rest.
    """
    wanted: dict[str, tuple[str, FieldKind]] = {}
    plain: dict[str, str] = {}
    for name, column in draft.mapping.items():
        kind = kind_of(name)
        as_is = kind == "text" and not draft.is_text
        if kind is None or as_is or draft.table[column].type().is_boolean():
            plain[name] = column
        else:
            wanted[name] = (column, kind)
    return wanted, plain


def _plain(source: ir.Value) -> ir.Value:
    if source.type().is_boolean():
        return source
    return source.nullif("") if source.type().is_string() else source.cast("string")


def _parsed(draft: Draft, wanted: Mapping[str, tuple[str, FieldKind]]) -> bool:
    """Whether text had to be parsed, which is not to be done twice."""
    kinds = ("moment", "number", "money")
    columns = [column for column, kind in wanted.values() if kind in kinds]
    return any(draft.table[column].type().is_string() for column in columns)


def _instants(table: ir.Table, read: Typed, zone: str) -> dict[str, ir.Value]:
    found: dict[str, ir.Value] = {}
    for column in table.columns:
        if not column.startswith("f:") or not table[column].type().is_timestamp():
            continue
        if column in read.instants.values():
            continue
        utc = read.instants.get(column)
        if utc is not None:
            at = table[utc]
        elif zone == "UTC":
            at = table[column]
        else:
            at = instant_in(ibis.literal(zone), table[column]).cast(WALL)
        found[f"i:{column.removeprefix('f:')}"] = micros(at)
    return found


def _read_extra(
    table: ir.Table, draft: Draft, options: Options, zone: str, holds: Mapping[str, Holds]
) -> tuple[ir.Table, dict[str, str]]:
    """Numbers and moments among the unmapped columns of text; a column in doubt stays text."""
    extra: dict[str, str] = {}
    mapped = set(draft.mapping.values())
    for column, held in holds.items():
        if column in mapped or held not in ("number", "moment"):
            continue
        if column not in table.columns or not table[column].type().is_string():
            continue
        if held == "number" and not draft.is_text:
            continue  # whoever gave it a type meant text
        kind: FieldKind = "number" if held == "number" else "moment"
        doubled = table.mutate(**{"r:extra": table[column]})
        try:
            read = typed_table(
                doubled,
                {f"x:{column}": ("r:extra", kind)},
                zone=zone,
                date_order=options.date_order,
            )
        except InputError:
            continue
        if not read.rejects.limit(1).to_pyarrow().num_rows:
            table, extra[column] = read.table, f"x:{column}"
    return table, extra
