"""Paths and steps on Spark: the same as in this process, equal moments in the order of a column."""

from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pytest

from overdeliver.measure.paths.discover import paths
from overdeliver.measure.paths.steps import steps
from overdeliver.measure.paths.windows import paths_by_window
from overdeliver.tables.connect import connect
from tests.engines.conftest import Both
from tests.engines.same import differences

pytestmark = [pytest.mark.spark, pytest.mark.timeout(600)]

XES = {"case": "case:concept:name", "activity": "concept:name", "at": "time:timestamp"}


@pytest.mark.real
def test_a_real_log_by_windows_on_spark(shared_data: Path, both: Both) -> None:
    events = connect().read_parquet(shared_data / "eventlog" / "receipt.parquet")
    events = events.select(*XES.values()).mutate(row=ibis.row_number())
    here, there = both(events.to_pyarrow())
    assert differences(paths(here, **XES), paths_by_window(there, **XES, order="row")) == []


def test_steps_of_cases_on_spark(both: Both) -> None:
    random = np.random.default_rng(5)
    start = np.datetime64("2026-07-01T00:00:00.000001", "us")
    moments = start + np.cumsum(random.integers(-(10**9), 10**11, (4, 300)), axis=0)
    names = ("placed_at", "packed", "sent", "observed_at")
    holes = {name: random.random(300) < 0.1 for name in names}
    table = pa.table({n: pa.array(m, mask=holes[n]) for n, m in zip(names, moments, strict=True)})
    here, there = both(table)
    assert differences(steps(here, ["packed", "sent"]), steps(there, ["packed", "sent"])) == []
