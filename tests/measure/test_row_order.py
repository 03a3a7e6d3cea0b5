"""The order of rows is no information: shuffled, they give the same answers."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from overdeliver.measure.cliff import cliff
from overdeliver.measure.disconfirmation import curve
from overdeliver.measure.distribution import distribution
from overdeliver.measure.gaps import asymmetry, gap_costs, touchpoint_gaps
from overdeliver.measure.levers import advise, second_lever_warning
from overdeliver.measure.ratchet import ratchet
from overdeliver.measure.reliability import calibration, outcomes, reliability, with_calendar
from overdeliver.measure.repeat import repeat_by_verdict
from overdeliver.measure.trend import trend

Measure = Callable[[ir.Table], Any]


def in_hours(cases: ir.Table) -> ir.Table:
    return cases.mutate(gap=cases.gap * 1.37)


MEASURES: dict[str, Measure] = {
    "outcomes": outcomes,
    "reliability": lambda c: reliability(c, ["team"]),
    "calibration": lambda c: calibration(c, "level", by=["team"]),
    "calendar": lambda c: reliability(with_calendar(c), ["month", "weekday"], minimum=5),
    "trend": lambda c: trend(c, minimum=5),
    "cost": lambda c: gap_costs(c, ["team"], as_of=datetime(2024, 6, 1), granularity="day"),
    "asymmetry": asymmetry,
    "touchpoints": lambda c: touchpoint_gaps(c, by=["touchpoint", "team"]),
    "curve": curve,
    "curve in hours": lambda c: curve(in_hours(c), repeat_within_days=30),
    "cliff": cliff,
    "levers": advise,
    "levers by repeat": lambda c: advise(c, outcome="repeat"),
    "second lever": lambda c: second_lever_warning(c, "time", share=0.3),
    "ratchet": lambda c: ratchet(c, beyond=-3),
    "distribution": distribution,
    "distribution in hours": lambda c: distribution(in_hours(c)),
    "repeat": lambda c: repeat_by_verdict(c, within_days=30),
}


def mixed_rows(n: int) -> list[dict[str, Any]]:
    """Promises with everything that may be missing missing somewhere."""
    random = Random(1)
    rows = []
    for i in range(n):
        gap = random.choice([None, *range(-12, 20)])
        made = datetime(2024, 1, 1) + timedelta(hours=i)
        settled = gap is not None
        waiting = random.choice(["open", "broken", "unknown"])
        judged = "broken" if (gap or 0) < 0 else "exceeded" if gap else "met"
        score = (1.0 if (gap or 0) < -1 else 4.0) + random.randint(0, 1)
        rows.append(
            {
                "customer_id": random.choice([None, *map(str, range(900))]),
                "team": random.choice([None, "a", "b", "c"]),
                "lever": random.choice(["time", "cost"]),
                "made_at": made,
                "due_at": made + timedelta(days=5),
                "promised": 5.0,
                "actual": 5.0 - gap if gap is not None else None,
                "gap": float(gap) if gap is not None else None,
                "verdict": judged if settled else waiting,
                "score": score if settled and random.random() > 0.3 else None,
                "level": random.choice([None, 0.8, 0.9]),
                "touchpoint": random.choice("xyz"),
                "expected": 4.0,
                "received": random.choice([None, 3.0, 4.0, 5.0]),
            }
        )
    return rows


@pytest.fixture(scope="module")
def mixed() -> ir.Table:
    return ibis.memtable(pa.Table.from_pylist(mixed_rows(3000)))


def digits(answer: Any) -> str:
    """An answer as text, numbers to seven digits: the last bits of a sum depend on its order."""
    return re.sub(r"-?\d+\.\d+(e-?\d+)?", lambda found: f"{float(found.group()):.7g}", repr(answer))


@pytest.mark.parametrize("name", MEASURES)
def test_row_order_does_not_matter(name: str, mixed: ir.Table) -> None:
    rows = mixed_rows(3000)
    Random(9).shuffle(rows)
    shuffled = ibis.memtable(pa.Table.from_pylist(rows))
    assert digits(MEASURES[name](shuffled)) == digits(MEASURES[name](mixed))
