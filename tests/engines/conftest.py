"""One Spark for all of these tests: it takes seconds to start. Two workers with one core each."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from overdeliver.tables.engines import Engine, missing, to_engine

MASTER = "local-cluster[2,1,1024]"
SOURCE = Path(__file__).resolve().parents[2] / "src"

#: Small: this is about equal answers. Workers find this checkout as the driver does.
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.executorEnv.PYTHONPATH": str(SOURCE),
    "spark.log.level": "ERROR",
    "spark.sql.adaptive.enabled": "false",  # plans anew after every stage: seconds per query
}

Both = Callable[[pa.Table], tuple[ir.Table, ir.Table]]


@pytest.fixture(scope="session")
def spark() -> Iterator[ibis.BaseBackend]:
    """Ibis on a Spark cluster of two processes; skipped, saying why, where it cannot run."""
    if (lack := missing(Engine.SPARK)) is not None:
        pytest.skip(lack)
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    from pyspark.sql import SparkSession

    from overdeliver.tables.spark_engine import connect_spark

    if (other := SparkSession.getActiveSession()) is not None:
        other.stop()
    backend = connect_spark(MASTER, settings=SETTINGS)
    yield backend
    backend._session.stop()


@pytest.fixture
def both(spark: ibis.BaseBackend, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Put an Arrow table into DuckDB and into Spark, by one Parquet file."""

    def put(table: pa.Table) -> tuple[ir.Table, ir.Table]:
        path = tmp_path_factory.mktemp("both") / "cases.parquet"
        ibis.memtable(table).to_parquet(path)
        here = to_engine(path, Engine.DUCKDB)
        return here, to_engine(path, Engine.SPARK, session=spark._session)

    return put
