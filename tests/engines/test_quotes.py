"""Quotes in batches: on the workers of a cluster as in this process."""

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from overdeliver.tables.spark_engine import Predict, connect_spark, predict_batches
from overdeliver.vocabulary.errors import InputError
from tests.engines.conftest import MASTER, Both
from tests.engines.same import differences

pytestmark = [pytest.mark.spark, pytest.mark.timeout(600)]

SCHEMA = pa.schema(
    [("order_id", pa.int64()), ("promised", pa.float64()), ("until", pa.timestamp("us"))]
)


def stated_rule(base: float, per_km: float) -> Predict:
    """So many days and so many for every kilometre, from the moment of placing."""

    def quote(batch: pa.RecordBatch) -> pa.RecordBatch:  # nested, so that it is sent whole
        import pyarrow as pa
        import pyarrow.compute as pc

        days = pc.add(base, pc.multiply(batch["distance"], per_km))
        wait = pc.cast(pc.multiply(days, 86_400e6), pa.int64(), safe=False)
        until = pc.add(batch["placed_at"], wait.cast(pa.duration("us")))
        names = ["order_id", "promised", "until"]
        return pa.record_batch([batch["order_id"], days, until], names=names)

    return quote


QUOTE = stated_rule(5.0, 0.02)


def orders(n: int) -> pa.Table:
    placed = np.datetime64("2026-07-01", "us") + np.arange(n) * np.timedelta64(1, "h")
    distance = np.linspace(0, 900, n)
    return pa.table({"order_id": np.arange(n), "distance": distance, "placed_at": placed})


def rows(quotes: ir.Table) -> list[dict[str, object]]:
    found: list[dict[str, object]] = quotes.order_by("order_id").to_pyarrow().to_pylist()
    return found


def test_quotes_are_the_same_on_spark_and_can_be_measured_there(both: Both) -> None:
    here, there = (predict_batches(table, QUOTE, SCHEMA) for table in both(orders(2000)))
    assert len(rows(there)) == 2000
    assert differences(rows(here), rows(there)) == []
    assert there.promised.max().execute() == pytest.approx(23.0)


def test_what_a_query_selects_is_what_is_quoted(both: Both) -> None:
    _, there = both(orders(100))
    far = there.filter(there.distance > 450)
    assert predict_batches(far, QUOTE, SCHEMA).count().execute() == 50


def test_a_session_already_running_is_used_and_another_master_refused(
    spark: ibis.BaseBackend,
) -> None:
    session = spark._session
    session.conf.set("spark.sql.session.timeZone", "America/Sao_Paulo")
    again = connect_spark(session=session)
    assert again._session is session
    assert session.conf.get("spark.sql.session.timeZone") == "UTC"
    assert connect_spark(MASTER)._session.sparkContext is session.sparkContext
    with pytest.raises(InputError, match="stop it before using"):
        connect_spark("local[1]")
    with pytest.raises(InputError, match="not both"):
        connect_spark("local[1]", session=session)


def test_without_spark_the_same_call_runs_here() -> None:
    quotes = predict_batches(ibis.memtable(orders(10)), QUOTE, SCHEMA)
    assert pc.max(quotes.to_pyarrow()["promised"]).as_py() == pytest.approx(23.0)
