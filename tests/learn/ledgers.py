"""Promises with a known law, as a learner gets them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from overdeliver.learn.book import Facts
from overdeliver.learn.columns import DAY, Columns
from overdeliver.simulate.business import business, end_of
from overdeliver.simulate.laws import Law, law_in
from overdeliver.tables.cases import Cases, Intake
from overdeliver.vocabulary.gap import Lever, verdict

Floats = NDArray[np.float64]
START = np.datetime64("2025-01-06", "s")  # a Monday


@dataclass(frozen=True)
class Ledger:
    """Features, outcomes in days, moments of promising; sorted by them."""

    features: pa.Table
    days: Floats
    made: NDArray[np.datetime64]

    @property
    def seconds(self) -> Floats:
        return self.made.astype("datetime64[s]").astype(np.float64)

    def part(self, rows: Any) -> "Ledger":
        where = np.arange(len(self.days))[rows]
        return Ledger(self.features.take(pa.array(where)), self.days[where], self.made[where])


def ledger(size: int, seed: int = 0, *, span: float = 300.0, trend: float = 0.0) -> Ledger:
    """Sellers and states move a gamma law; ``trend`` is the rise of the log over the span."""
    rng = np.random.default_rng(seed)
    at = np.sort(rng.uniform(0, span, size))
    seller, state = rng.integers(0, 8, size), rng.integers(0, 4, size)
    weight = np.round(rng.lognormal(0, 0.5, size), 3)
    log = np.log(5.0) + 0.12 * (seller - 3.5) + 0.15 * state + trend * at / span
    days = np.exp(log) * rng.gamma(8.0, 1 / 8.0, size)
    features = pa.table(
        {
            "seller": [f"seller-{one}" for one in seller],
            "state": [f"state-{one}" for one in state],
            "weight": weight,
        }
    )
    made = START + (at * DAY).astype("timedelta64[s]")
    return Ledger(features, days, made)


def as_columns(table: pa.Table) -> Columns:
    """The features of a ledger without the door of data frames."""
    texts = {n: np.array(table[n].to_pylist(), dtype=object) for n in ("seller", "state")}
    return Columns({"weight": table["weight"].to_numpy()}, texts, table.num_rows)


def as_facts(one: Ledger, *, until: float = np.inf, whole: bool = False) -> Facts:
    """What is known at ``until`` (seconds): later outcomes are open."""
    days = np.floor(one.days) if whole else one.days
    observed = one.seconds + one.days * DAY
    known = observed < until
    return Facts(
        one.seconds, np.where(known, observed, np.nan), np.where(known, days, np.nan), DAY, whole
    )


@dataclass(frozen=True)
class Simulated:
    """A simulated business as a learner meets it, with the truth beside it."""

    features: pa.Table
    made: NDArray[np.datetime64]
    observed: NDArray[np.datetime64]  # NaT while open
    actual: Floats  # the truth, also of open ones
    law: Law
    scenario: NDArray[Any]
    unit: str


def simulated(kind: str, orders: int, seed: int, lever: str = "time", **options: Any) -> Simulated:
    """One lever of a simulated business, in the order of promising."""
    tables = business(kind, orders, seed, **options)
    rows = pc.equal(tables["promises"]["lever"], lever)
    promises = tables["promises"].filter(rows)
    truth = tables["truth"].filter(pc.equal(tables["truth"]["lever"], lever))
    outcomes = tables["outcomes"]
    seen = pc.index_in(promises["promise_id"], outcomes["promise_id"].combine_chunks())
    observed = outcomes["observed_at"].take(seen).cast(pa.timestamp("us"))
    known = ("order_id", "customer_id", "placed_at", "completed_at", "cancelled_at", "amount")
    orders_table = tables["orders"]
    kept = [n for n in orders_table.column_names if n not in (*known, "currency", "segment")]
    order = np.argsort(promises["made_at"].to_numpy(), kind="stable")
    law = law_in(truth)
    return Simulated(
        orders_table.select(kept).take(pa.array(order)),
        promises["made_at"].cast(pa.timestamp("us")).to_numpy()[order],
        observed.to_numpy()[order],
        truth["actual"].to_numpy()[order],
        Law(*(one[order] for one in (law.log_mean, law.spread, law.tail, law.day_fraction))),
        np.array(truth["scenario"].to_pylist(), dtype=object)[order],
        promises["unit"][0].as_py(),
    )


def cases_of(
    one: Ledger,
    *,
    promised: Floats | float | None = 9.0,
    until: datetime | None = None,
    lever: Lever = "time",
    unit: str = "days",
    extra: dict[str, Any] | None = None,
    **options: Any,
) -> Cases:
    """A case table over a ledger; outcomes after ``until`` are open."""
    size = len(one.days)
    observed = one.made.astype("datetime64[us]") + (one.days * DAY * 1e6).astype("timedelta64[us]")
    late = np.zeros(size, bool) if until is None else observed > np.datetime64(until, "us")
    own = np.full(size, np.nan) if promised is None else np.broadcast_to(promised, (size,))
    gap = np.where(late | np.isnan(own), np.nan, own - one.days)
    columns = {
        "line": pa.array(np.arange(1, size + 1)),
        "order_id": pa.array([f"order-{n:05d}" for n in range(size)]),
        "made_at": pa.array(one.made.astype("datetime64[us]")),
        "observed_at": pa.array(observed, mask=late),
        "promised": pa.array(own, mask=np.isnan(own)),
        "actual": pa.array(one.days, mask=late),
        "gap": pa.array(gap, mask=np.isnan(gap)),
        "verdict": [verdict(None if np.isnan(g) else float(g)) for g in gap],
        **{name: one.features[name] for name in one.features.column_names},
        **(extra or {}),
    }
    features = (*one.features.column_names, *(extra or {}))
    stages = options.get("stages", ())
    return Cases(
        table=ibis.memtable(pa.table(columns)),
        lever=lever,
        unit=unit,
        granularity=options.pop("granularity", "moment"),
        intake=Intake(size, size, 0),
        features=tuple(name for name in features if name not in stages),
        **options,
    )


__all__ = [
    "START",
    "Ledger",
    "Simulated",
    "as_columns",
    "as_facts",
    "cases_of",
    "end_of",
    "ledger",
    "simulated",
]
