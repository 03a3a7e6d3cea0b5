"""What keeping promises does to the money: repeats and order values by how a promise ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from overdeliver.measure.answers import NotEnough
from overdeliver.measure.intervals import Interval, mean_interval
from overdeliver.measure.repeat import RepeatRate, repeat_by_verdict
from overdeliver.vocabulary.gap import SETTLED

NEEDED = 30


@dataclass(frozen=True)
class Worth:
    """The mean order value after one verdict, in one currency; None below the minimum."""

    verdict: str
    currency: str
    n: int
    mean: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Money:
    """The figures of the money page; ``repeats`` says what is missing where it cannot be told."""

    repeats: Sequence[RepeatRate] | NotEnough
    worths: Sequence[Worth]
    n: int  # orders with an outcome
    until: date | None  # orders placed later are too young to know whether the customer came again


def money(table: pa.Table, *, within_days: float) -> Money:
    """Measure orders: verdict (null: no outcome yet), customer_id, made_at, amount, currency.

    Repeats ask for another order within so many days; orders too young to know are left out.

    >>> money(pa.table({"verdict": ["met"], "customer_id": ["a"], "currency": ["EUR"],
    ...     "made_at": pa.array([0], pa.timestamp("us")), "amount": [5.0]}), within_days=90).n
    1
    """
    settled = table.filter(pc.is_valid(table["verdict"]))
    if not settled.num_rows:
        return Money(NotEnough("no promise has an outcome yet", 0, NEEDED), (), 0, None)
    cases = ibis.memtable(table)
    repeats = repeat_by_verdict(cases, within_days=within_days, minimum=NEEDED)
    until = pc.max(table["made_at"]).as_py().date() - timedelta(days=within_days)
    return Money(repeats, _worths(settled), settled.num_rows, until)


def _worths(settled: pa.Table) -> list[Worth]:
    known = pc.and_(pc.is_valid(settled["amount"]), pc.is_valid(settled["currency"]))
    paid = settled.filter(known)
    grouped = paid.group_by(["currency", "verdict"]).aggregate(
        [("amount", "count"), ("amount", "mean"), ("amount", "stddev", _SAMPLE)]
    )
    rows = {(row["currency"], row["verdict"]): row for row in grouped.to_pylist()}
    currencies = sorted({currency for currency, _ in rows})
    return [
        _worth(currency, verdict, rows[currency, verdict])
        for currency in currencies
        for verdict in SETTLED
        if (currency, verdict) in rows
    ]


_SAMPLE = pc.VarianceOptions(ddof=1)


def _worth(currency: str, verdict: str, row: dict[str, float]) -> Worth:
    n = int(row["amount_count"])
    if n < NEEDED:
        return Worth(verdict, currency, n, None, None)
    mean, spread = row["amount_mean"], row["amount_stddev"]
    return Worth(verdict, currency, n, mean, mean_interval(mean, spread, n))
