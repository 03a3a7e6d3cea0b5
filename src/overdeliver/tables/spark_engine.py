"""Spark behind Ibis: a session with clocks in UTC, and estimators run over its batches.

Needs the extra ``spark``, loaded when a function is called. Nothing here distributes anything by
hand: Spark does.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from overdeliver.vocabulary.errors import InputError

if TYPE_CHECKING:
    from ibis.backends.pyspark import Backend
    from pyspark.sql import SparkSession

Predict = Callable[[pa.RecordBatch], pa.RecordBatch]

#: Without these the two engines would tell different times.
_CLOCK = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
_QUIET = {"spark.ui.showConsoleProgress": "false"}


def connect_spark(
    master: str | None = None,
    *,
    session: "SparkSession | None" = None,
    settings: Mapping[str, str] | None = None,
) -> "Backend":
    """Ibis on Spark: on a running ``session``, or on one started for ``master``.

    ``master`` is Spark's own address: ``local[2]``, ``spark://host:7077``, ``k8s://...``, ``yarn``;
    None leaves it to Spark's configuration. ``settings`` are Spark's, for example
    ``{"spark.executor.memory": "4g"}``. The session's clock is set to UTC in either case.

    Raises InputError when both are given, or the running session speaks of another master.
    """
    if session is not None and master is not None:
        raise InputError("give Spark's master or a running session, not both")
    if session is None:
        session = _started(master, settings or {})
    for name, value in _CLOCK.items():
        session.conf.set(name, value)
    return ibis.pyspark.connect(session)


def _started(master: str | None, settings: Mapping[str, str]) -> "SparkSession":
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("overdeliver")
    if master is not None:
        builder = builder.master(master)
        if master.startswith("local"):  # workers on this machine run this very Python
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for name, value in {**_QUIET, **_CLOCK, **settings}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    running = session.sparkContext.master
    if master is not None and running != master:
        raise InputError(f"a Spark session for {running} is running; stop it before using {master}")
    return session


def predict_batches(table: ir.Table, predict: Predict, schema: pa.Schema) -> ir.Table:
    """Run ``predict`` over the rows of ``table``, batch by batch, where the rows are.

    ``predict`` takes an Arrow record batch of the table's columns and returns one with the columns
    of ``schema``, usually an id and the quotes; it may return fewer or more rows. On Spark it runs
    on the workers (``mapInArrow``): it is sent there, and what it imports must be installed there.
    A fitted estimator travels inside it once per task, so keep the batches large
    (``spark.sql.execution.arrow.maxRecordsPerBatch``). On DuckDB it runs here.
    """
    backend = table.get_backend()
    if backend.name != "pyspark":
        batches = [predict(batch) for batch in table.to_pyarrow().to_batches()]
        return ibis.memtable(pa.Table.from_batches(batches, schema))
    from pyspark.sql.pandas.types import from_arrow_schema

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return map(predict, batches)

    frame = backend._session.sql(str(ibis.to_sql(table, dialect="pyspark")))
    quoted = frame.mapInArrow(run, from_arrow_schema(schema, prefer_timestamp_ntz=True))
    name = ibis.util.gen_name("overdeliver_quotes")
    quoted.createOrReplaceTempView(name)
    return backend.table(name)
