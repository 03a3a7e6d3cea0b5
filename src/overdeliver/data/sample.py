"""Where the packaged sample lies."""

from pathlib import Path


def sample_path() -> Path:
    """The Parquet file of the packaged sample: US domestic flights, scheduled against actual.

    One row per flight; the times are UTC. ``README.md`` beside the file names source, licence and
    every column.

    >>> sample_path().name
    'flights.parquet'
    """
    return Path(__file__).with_name("flights.parquet")
