"""One Spark for all of these tests: it takes seconds to start. Two workers with one core each."""

from collections.abc import Callable, Iterator
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from overdeliver.tables.engines import Engine, missing, to_engine

MASTER = "local-cluster[2,1,1024]"
SOURCE = Path(__file__).resolve().parents[2] / "src"

#: Beside those of conf/spark-defaults.conf. Workers find this checkout as the driver does.
SETTINGS = {
    "spark.executorEnv.PYTHONPATH": str(SOURCE),
    "spark.log.level": "ERROR",
    "spark.sql.files.openCostInBytes": "0",  # small files are not put together: both workers work
}

Both = Callable[[pa.Table], tuple[ir.Table, ir.Table]]


@pytest.fixture(scope="session")
def spark() -> Iterator[ibis.BaseBackend]:
    """Ibis on a Spark cluster of two processes; skipped, saying why, where it cannot run."""
    if (lack := missing(Engine.SPARK)) is not None:
        pytest.skip(lack)
    from pyspark.sql import SparkSession

    from overdeliver.tables.spark_engine import connect_spark

    if (other := SparkSession.getActiveSession()) is not None:
        other.stop()
    backend = connect_spark(MASTER, settings=SETTINGS)
    yield backend
    backend._session.stop()


@pytest.fixture(scope="session")
def both(spark: ibis.BaseBackend, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Put an Arrow table into DuckDB and into Spark, by a folder of one Parquet file per worker.

    Spark keeps what it has read: else every query would open the files anew.
    """

    def put(table: pa.Table) -> tuple[ir.Table, ir.Table]:
        folder = tmp_path_factory.mktemp("both")
        half = table.num_rows // 2
        pq.write_table(table.slice(0, half), folder / "first.parquet")
        pq.write_table(table.slice(half), folder / "second.parquet")
        here = to_engine(folder, Engine.DUCKDB)
        return here, to_engine(folder, Engine.SPARK, session=spark._session).cache()

    return put
