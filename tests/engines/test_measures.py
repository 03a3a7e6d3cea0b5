"""Every measure on DuckDB and on a Spark cluster of two workers: the same answers to 1e-9."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest

from overdeliver.measure.cliff import cliff
from overdeliver.measure.disconfirmation import curve
from overdeliver.measure.distribution import distribution
from overdeliver.measure.gaps import asymmetry, gap_costs, touchpoint_gaps
from overdeliver.measure.levers import advise, second_lever_warning
from overdeliver.measure.profile import profile
from overdeliver.measure.ratchet import ratchet
from overdeliver.measure.reliability import calibration, outcomes, reliability, with_calendar
from overdeliver.measure.repeat import repeat_by_verdict
from overdeliver.measure.trend import trend
from tests.engines.conftest import Both
from tests.engines.same import differences

pytestmark = [pytest.mark.spark, pytest.mark.timeout(600)]

AS_OF = datetime(2024, 6, 1)

MEASURES: dict[str, Callable[[ir.Table], Any]] = {
    "outcomes": outcomes,
    "reliability": lambda cases: reliability(cases, ["team", "state"]),
    "reliability by month": lambda cases: reliability(with_calendar(cases), ["month", "weekday"]),
    "calibration": lambda cases: calibration(cases, "level", by=["team"]),
    "trend": trend,
    "gaps": lambda cases: gap_costs(cases, ["team"], as_of=AS_OF),
    "gaps by the day": lambda cases: gap_costs(cases, ["team"], as_of=AS_OF, granularity="day"),
    "touchpoints": lambda cases: touchpoint_gaps(cases, by=["touchpoint"]),
    "asymmetry": asymmetry,
    "disconfirmation": curve,
    "disconfirmation and repeats": lambda cases: curve(cases, repeat_within_days=30),
    "cliff": cliff,
    "levers": advise,
    "levers by repeat": lambda cases: advise(cases, outcome="repeat"),
    "second lever": lambda cases: second_lever_warning(cases, "time", share=0.3),
    "ratchet": lambda cases: ratchet(cases, beyond=-3),
    "distribution": distribution,
    "whole gaps": lambda cases: profile(cases.mutate(gap=cases.gap.round().cast("float64"))),
    "repeats": lambda cases: repeat_by_verdict(cases, within_days=30),
}


def promises(n: int) -> pa.Table:
    """Promises to the microsecond, holes everywhere, gaps with nine decimals, Cyrillic names."""
    random = np.random.default_rng(11)

    def holes(values: Any, share: float) -> Any:
        return pa.array(values, mask=random.random(n) < share)

    made = np.datetime64("2024-01-01T07:13:11.123457", "us") + np.sort(
        random.integers(0, 150 * 86_400_000_000, n)
    )
    gap = np.round(random.normal(1, 4, n), 9)
    late = random.random(n) < 0.1
    verdict = np.where(gap < 0, "broken", np.where(gap > 0, "exceeded", "met"))
    unseen = random.choice(["open", "broken", "unknown"], n)
    score = np.clip(np.round(4.3 + np.where(gap < -1, -2, 0) + random.normal(0, 1, n)), 1, 5)
    return pa.table(
        {
            "customer_id": holes(random.integers(0, n // 3, n).astype(str), 0.05),
            "team": holes(random.choice(["Алматы", "north", "south"], n), 0.1),
            "state": random.choice(["SP", "RJ"], n),
            "lever": random.choice(["time", "cost"], n),
            "made_at": made,
            "due_at": made + np.timedelta64(5 * 86_400_000_001, "us"),
            "promised": np.full(n, 5.0),
            "actual": pa.array(5.0 - gap, mask=late),
            "gap": pa.array(gap, mask=late),
            "verdict": np.where(late, unseen, verdict),
            "score": pa.array(score, mask=late | (random.random(n) < 0.3)),
            "level": holes(random.choice([0.8, 0.9], n), 0.2),
            "touchpoint": random.choice(["call", "visit"], n),
            "expected": np.full(n, 4.0),
            "received": holes(random.integers(1, 6, n).astype(float), 0.2),
        }
    )


@pytest.fixture(scope="module")
def cases(both: Both) -> tuple[ir.Table, ir.Table]:
    return both(promises(4000))


def test_both_workers_have_a_part_of_the_cases(cases: tuple[ir.Table, ir.Table]) -> None:
    frame = cases[1].get_backend()._session.sql(str(ibis.to_sql(cases[1], dialect="pyspark")))
    assert frame.rdd.getNumPartitions() == 2


@pytest.mark.parametrize("name", MEASURES)
def test_spark_answers_as_duckdb_does(name: str, cases: tuple[ir.Table, ir.Table]) -> None:
    here, there = cases
    assert differences(MEASURES[name](here), MEASURES[name](there)) == []


def test_the_comparison_can_fail() -> None:
    table = promises(400)
    first, second = (outcomes(ibis.memtable(table.slice(start))) for start in (0, 1))
    assert differences(first, second)
    assert not differences(first, first)


def test_half_a_second_counts_on_both(both: Both) -> None:
    start, half = datetime(2024, 1, 1, 7, 13, 11, 200_000), timedelta(seconds=0.5)
    moments = [start, start + timedelta(days=30) + half, start + timedelta(days=90)]
    columns = {
        "customer_id": ["a", "a", "b"],
        "made_at": moments,
        "due_at": [AS_OF - half, AS_OF - timedelta(days=1), None],
        "verdict": ["broken"] * 3,
        **dict.fromkeys(["gap", "promised", "actual"], pa.nulls(3, pa.float64())),
    }
    for table in both(pa.table(columns)):
        costs = gap_costs(table, ["customer_id"], 1.0, as_of=AS_OF, unit="seconds")
        assert [cost.cost for cost in costs] == [86_400.5, 0.0]
        repeats = repeat_by_verdict(table, within_days=30, minimum=1)
        assert [(one.n, one.repeated) for one in repeats] == [(2, 0)]
