"""A simulated shop whose past is in the ledger and whose later orders are still to come."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import time_machine

from overdeliver.apps.business.models import Business, Service
from overdeliver.apps.promises import bulk
from overdeliver.apps.quoting import jobs, runs, serving
from overdeliver.apps.quoting.models import LearnedModel, LearningRun
from overdeliver.simulate.business import business
from overdeliver.simulate.kinds import KINDS

#: The end of the simulated two years, of which the last part is still to come when it learns.
TODAY = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    serving.forget()
    yield
    serving.forget()


@dataclass(frozen=True)
class Later:
    """An order still to come, and what will come of it."""

    placed_at: datetime
    features: dict[str, Any]
    actual: float


@dataclass(frozen=True)
class Simulated:
    """The shop: its service's slug, and the orders after the evening on which it learned."""

    slug: str
    evening: datetime
    later: list[Later]


def _met(encounters: pa.Table, evening: datetime) -> pa.Table:
    """The journeys as far as they had come."""
    rows = encounters.filter(pc.less(encounters["at"], pa.scalar(evening)))
    return pa.table({"order": rows["order_id"], "touchpoint": rows["touchpoint"], "at": rows["at"]})


@pytest.fixture
def simulated(shop: Business) -> Iterator[Callable[..., Simulated]]:
    """Fills the ledger with a simulated business up to an evening; the day is always the same."""
    with time_machine.travel(TODAY):
        yield simulate


def simulate(
    kind: str = "webshop",
    orders: int = 3000,
    *,
    past: float = 0.7,
    slug: str = "sim",
    seed: int = 5,
) -> Simulated:
    """The first share ``past`` of the orders goes into the ledger, known as of its last evening."""
    spec = next(one for one in KINDS[kind].specs if one.lever == KINDS[kind].main)
    tables = business(kind, orders, seed=seed, start="2024-11-24", scenarios=())
    Service.objects.get_or_create(
        slug=slug,
        defaults={
            "name": kind,
            "lever": spec.lever,
            "unit": spec.unit,
            "whole": spec.calendar,
            "fallback": 12.0,
        },
    )
    placed, promises = tables["orders"], tables["promises"]
    promises = promises.filter(pc.equal(promises["lever"], spec.lever))
    evening = placed["placed_at"][int(past * orders)].as_py().replace(hour=20, minute=0, second=0)
    names = [*KINDS[kind].factors, *KINDS[kind].measures]
    before = pc.less(placed["placed_at"], pa.scalar(evening))
    bulk.write(
        {
            **_past(placed.filter(before), promises, tables["outcomes"], names, slug, evening),
            "encounters": _met(tables["encounters"], evening),
        },
        batch="sim",
        zone="UTC",
    )
    Business.objects.update(zone="UTC")
    truth = tables["truth"]
    made = dict(
        zip(promises["promise_id"].to_pylist(), promises["order_id"].to_pylist(), strict=True)
    )
    came = zip(truth["promise_id"].to_pylist(), truth["actual"].to_pylist(), strict=True)
    actual = {made[promise]: value for promise, value in came if promise in made}
    rest = placed.filter(pc.invert(before)).to_pylist()
    later = [
        Later(
            row["placed_at"],
            {name: row[name] for name in (*names, "segment", "channel")}
            | {"amount": float(row["amount"]), "currency": row["currency"]},
            actual[row["order_id"]],
        )
        for row in rest
        if row["order_id"] in actual
    ]
    return Simulated(slug, evening, later)


def _past(
    orders: pa.Table,
    promises: pa.Table,
    outcomes: pa.Table,
    names: list[str],
    slug: str,
    evening: datetime,
) -> dict[str, pa.Table]:
    rows = orders.to_pylist()
    features = [json.dumps({name: row[name] for name in names}) for row in rows]
    keep = pc.is_in(promises["order_id"], orders["order_id"].combine_chunks())
    promises = promises.filter(keep)
    seen = pc.and_(
        pc.is_in(outcomes["promise_id"], promises["promise_id"].combine_chunks()),
        pc.less(outcomes["observed_at"], pa.scalar(evening)),
    )
    outcomes = outcomes.filter(seen)
    count = orders.num_rows
    return {
        "orders": pa.table(
            {
                "reference": orders["order_id"],
                "customer": orders["customer_id"],
                "placed_at": orders["placed_at"],
                "service": pa.repeat(slug, count),
                "segment": orders["segment"],
                "channel": orders["channel"],
                "amount": orders["amount"],
                "currency": orders["currency"],
                "features": pa.array(features),
            }
        ),
        "promises": pa.table(
            {
                "reference": promises["promise_id"],
                "order": promises["order_id"],
                **{name: promises[name] for name in ("lever", "promised", "unit", "made_at")},
                "due_at": promises["due_at"],
                "whole": pa.repeat(promises["unit"][0].as_py() == "days", promises.num_rows),
                "source": pa.repeat("standard", promises.num_rows),
            }
        ),
        "outcomes": pa.table(
            {
                "promise": outcomes["promise_id"],
                "actual": outcomes["actual"],
                "observed_at": outcomes["observed_at"],
            }
        ),
    }


#: What was learned once, to be laid into the database of every test that asks for it.
_ONCE: dict[str, Any] = {}


@pytest.fixture
def learned(simulated: Callable[..., Simulated]) -> Simulated:
    """A web shop that has learned and published; its ledger is not filled again."""
    if not _ONCE:
        found = simulated()
        runs.ask_to_learn(found.slug)
        assert jobs.learn_here() == 1
        _ONCE["shop"] = found
        _ONCE["service"] = Service.objects.values().get(slug=found.slug)
        _ONCE["model"] = LearnedModel.objects.values().get(status="published")
        _ONCE["run"] = LearningRun.objects.values().get()
        return found
    Service.objects.create(**{k: v for k, v in _ONCE["service"].items() if k != "id"})
    LearnedModel.objects.create(**{k: v for k, v in _ONCE["model"].items() if k != "id"})
    LearningRun.objects.create(**{k: v for k, v in _ONCE["run"].items() if k != "id"})
    Business.objects.update(zone="UTC")
    shop: Simulated = _ONCE["shop"]
    return shop


def kept_band(level: float, n: int, sigmas: float = 3.0) -> tuple[float, float]:
    """Between which shares kept promises of a level lie, but for one case in some hundred."""
    half = sigmas * float(np.sqrt(level * (1 - level) / n))
    return level - half, level + half
