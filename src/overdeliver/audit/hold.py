"""The cases worked out once, so that a dozen measures read a table and not a file."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import ibis
import ibis.expr.types as ir

from overdeliver.tables.cases import Cases
from overdeliver.tables.engines import Engine, to_engine


def held(cases: Cases) -> Cases:
    """The same cases on a table that is worked out; free text, which no measure reads, stays out.

    DuckDB keeps a temporary table (it spills to disk when memory is short); any other engine caches
    as it sees fit. A table that is worked out already is taken as it is.
    """
    table = cases.table.drop("text") if "text" in cases.table.columns else cases.table
    features = tuple(column for column in cases.features if column in table.columns)
    return replace(cases, table=_worked_out(table), features=features)


@contextmanager
def moved(cases: Cases, engine: Engine) -> Iterator[Cases]:
    """The same cases on another engine, by a Parquet file that lives as long as the block."""
    with tempfile.TemporaryDirectory(prefix="overdeliver-") as folder:
        path = Path(folder) / "cases.parquet"
        cases.table.to_parquet(path)
        yield replace(cases, table=to_engine(path, engine))


def _worked_out(table: ir.Table) -> ir.Table:
    backend = ibis.get_backend(table)
    if backend.name == "duckdb":
        return backend.create_table(ibis.util.gen_name("audit"), table, temp=True)
    cached: ir.Table = table.cache()
    return cached
