"""The one place that opens DuckDB behind Ibis."""

import tempfile
from pathlib import Path

import ibis
from ibis.backends.duckdb import Backend


def connect() -> Backend:
    """A fresh in-memory DuckDB: clocks in UTC, no progress bar, spilling to the temporary folder.

    Every reading opens its own, so two readings never see each other's tables; the tables of one
    reading must come from one connection to be joined.

    >>> connect().raw_sql("SELECT current_setting('TimeZone')").fetchone()
    ('UTC',)
    """
    backend = ibis.duckdb.connect(":memory:")
    # Without a folder of its own an in-memory DuckDB spills into ./.tmp of whoever called.
    spill = Path(tempfile.gettempdir()) / "overdeliver-duckdb"
    for setting, value in (("TimeZone", "UTC"), ("temp_directory", str(spill))):
        backend.raw_sql(f"SET {setting} = '{value.replace(chr(39), chr(39) * 2)}'")
    backend.raw_sql("SET enable_progress_bar = false")
    return backend
