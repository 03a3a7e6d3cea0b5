"""A business with known truth: its ledger as Arrow tables, and the law behind every outcome."""

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from overdeliver.simulate.kinds import KINDS, Spec
from overdeliver.simulate.visits import Orders, draw_orders
from overdeliver.simulate.world import DAY, Floats, Ints, Scenario, World, make_world, scenario_of
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.moments import SECONDS

MOMENT = pa.timestamp("us", tz="UTC")
MONEY = pa.decimal128(18, 4)


def business(
    kind: str,
    orders: int,
    seed: int = 0,
    *,
    start: str = "2024-01-01",
    scenarios: tuple[Scenario, ...] | None = None,
) -> dict[str, pa.Table]:
    """Simulate ``orders`` orders of a business; the same arguments give the same tables.

    The answer holds the ledger's tables ``orders``, ``promises``, ``outcomes``, ``encounters`` and
    ``feedback`` (moments are instants in UTC), and ``truth``: one row per promise of time or
    cost, with the law its outcome was drawn from (:func:`overdeliver.simulate.laws.law_in`), the
    outcome itself even where the ledger does not know it yet, and the scenario of the day. The
    ledger ends where the span ends: later outcomes are missing, their orders are open.

    ``scenarios`` defaults to a week of strike and a week of rush; ``()`` for none.

    Raises :class:`InputError` for an unknown kind or fewer than one order.

    >>> tables = business("pizza", 1000, seed=1)
    >>> tables["orders"].num_rows, sorted(tables)
    (1000, ['encounters', 'feedback', 'orders', 'outcomes', 'promises', 'truth'])
    >>> from overdeliver.simulate.laws import law_in
    >>> truth = tables["truth"]
    >>> kept = truth["actual"].to_numpy() <= law_in(truth).quantile(0.9)
    >>> round(float(kept.mean()), 1)
    0.9
    """
    if kind not in KINDS:
        raise InputError(f"no business {kind!r} is known: choose one of {', '.join(KINDS)}")
    if orders < 1:
        raise InputError(f"{orders} orders cannot be simulated: ask for one or more")
    rng = np.random.default_rng([seed, zlib.crc32(kind.encode())])
    world = make_world(KINDS[kind], rng, start, scenarios)
    drawn = draw_orders(world, orders, rng)
    ids = _numbered("o", len(drawn))
    return {
        "orders": _orders(world, drawn, ids),
        "promises": _promises(world, drawn, ids),
        "outcomes": _outcomes(world, drawn),
        "encounters": _encounters(world, drawn, ids),
        "feedback": _feedback(world, drawn, ids),
        "truth": _truth(world, drawn),
    }


def end_of(tables: Mapping[str, pa.Table]) -> datetime:
    """The last moment the ledger speaks of (UTC).

    >>> end_of(business("pizza", 1000)) > business("pizza", 1000)["orders"]["placed_at"][-1].as_py()
    True
    """
    metadata = tables["orders"].schema.metadata or {}
    return datetime.fromisoformat(metadata[b"as_of"].decode()).replace(tzinfo=UTC)


def _known(world: World, drawn: Orders) -> np.ndarray:
    """Which outcomes the ledger has seen."""
    columns = drawn.columns
    return (columns["completed"] <= world.seconds) & (columns["cancelled"] < 0)


def _orders(world: World, drawn: Orders, ids: pa.Array) -> pa.Table:
    kind, columns = world.kind, drawn.columns
    completed = np.where(_known(world, drawn), columns["completed"], -1)
    cancelled = np.where(columns["cancelled"] > world.seconds, -1, columns["cancelled"])
    table = {
        "order_id": ids,
        "customer_id": _labels("c", columns["customer"]),
        "segment": pa.array(["new", "returning"]).take(pa.array(np.sign(columns["visit"]))),
        "channel": pa.array(kind.channels).take(pa.array(columns["channel"])),
        "placed_at": _moments(world, columns["placed"]),
        "completed_at": _moments(world, completed),
        "cancelled_at": _moments(world, cancelled),
        "amount": pc.cast(pa.array(columns["amount"]), MONEY, safe=False),
        "currency": _constant(kind.currency, len(drawn)),
    }
    for name, factor in kind.factors.items():
        table[name] = pa.array(factor.names).take(pa.array(columns[name]))
    for name in kind.measures:
        table[name] = pa.array(np.round(columns[name], 3))
    end = world.start + np.timedelta64(world.seconds, "s")
    return pa.table(table).replace_schema_metadata({"as_of": str(end), "lever": kind.main})


def _promises(world: World, drawn: Orders, ids: pa.Array) -> pa.Table:
    size = len(drawn)
    parts = []
    for spec in world.kind.specs:
        promised = drawn.columns[f"promised:{spec.lever}"]
        parts.append(
            pa.table(
                {
                    "promise_id": _numbered(spec.lever[0], size),
                    "order_id": ids,
                    "lever": _constant(spec.lever, size),
                    "promised": pa.array(promised),
                    "unit": _constant(spec.unit, size),
                    "made_at": _moments(world, drawn.columns["placed"]),
                    "due_at": _due(world, spec, drawn.columns["placed"], promised),
                    "level": pa.array(np.full(size, spec.level)),
                    "source": _constant("standard", size),
                    "revises": pa.nulls(size, pa.string()),
                }
            )
        )
    return pa.concat_tables(parts)


def _due(world: World, spec: Spec, placed: Ints, promised: Floats) -> pa.Array:
    """The last moment at which a promise of time is kept: for dates the end of that day."""
    if spec.lever != "time":
        return pa.nulls(len(placed), MOMENT)
    if spec.calendar:
        midnight = (placed // DAY + promised.astype(np.int64) + 1) * DAY
        return pc.subtract(_moments(world, midnight), pa.scalar(1, pa.duration("us")))
    return _moments(world, placed + (promised * SECONDS[spec.unit]).astype(np.int64))


def _outcomes(world: World, drawn: Orders) -> pa.Table:
    known = _known(world, drawn)
    seen = pa.array(known)
    parts = []
    for spec in world.kind.specs:
        parts.append(
            pa.table(
                {
                    "promise_id": _numbered(spec.lever[0], len(drawn)).filter(seen),
                    "actual": pa.array(drawn.columns[f"actual:{spec.lever}"][known]),
                    "unit": _constant(spec.unit, int(known.sum())),
                    "observed_at": _moments(world, drawn.columns["completed"][known]),
                }
            )
        )
    return pa.concat_tables(parts)


def _encounters(world: World, drawn: Orders, ids: pa.Array) -> pa.Table:
    """The journey: the order, the start of the work after a third of the time, the end."""
    columns, known = drawn.columns, _known(world, drawn)
    started = columns["placed"] + (columns["completed"] - columns["placed"]) // 3
    begun = (started <= world.seconds) & (columns["cancelled"] < 0)
    parts = []
    everyone = np.ones(len(drawn), dtype=bool)
    for name, moment, rows in (
        ("ordered", columns["placed"], everyone),
        ("begun", started, begun),
        ("finished", columns["completed"], known),
    ):
        parts.append(
            pa.table(
                {
                    "order_id": ids.filter(pa.array(rows)),
                    "touchpoint": _constant(name, int(rows.sum())),
                    "at": _moments(world, moment[rows]),
                }
            )
        )
    return pa.concat_tables(parts)


def _feedback(world: World, drawn: Orders, ids: pa.Array) -> pa.Table:
    columns = drawn.columns
    asked = columns["completed"] + DAY
    rows = _known(world, drawn) & ~np.isnan(columns["score"]) & (asked <= world.seconds)
    size = int(rows.sum())
    return pa.table(
        {
            "feedback_id": _numbered("f", size),
            "customer_id": _labels("c", columns["customer"][rows]),
            "order_id": ids.filter(pa.array(rows)),
            "at": _moments(world, asked[rows]),
            "kind": _constant("survey", size),
            "score": pa.array(columns["score"][rows]),
            "scale_min": pa.array(np.full(size, 1.0)),
            "scale_max": pa.array(np.full(size, 5.0)),
        }
    )


def _truth(world: World, drawn: Orders) -> pa.Table:
    names = pa.array(["calm", *(scenario.name for scenario in world.scenarios)])
    number = scenario_of(world, drawn.columns["placed"] // DAY) + 1
    parts = []
    for lever, law in drawn.laws.items():
        parts.append(
            pa.table(
                {
                    "promise_id": _numbered(lever[0], len(drawn)),
                    "lever": _constant(lever, len(drawn)),
                    **{
                        name: pa.array(column, from_pandas=True)
                        for name, column in vars(law).items()
                    },
                    "actual": pa.array(drawn.columns[f"actual:{lever}"]),
                    "scenario": names.take(pa.array(number)),
                }
            )
        )
    return pa.concat_tables(parts)


def _numbered(prefix: str, count: int) -> pa.Array:
    return _labels(prefix, np.arange(1, count + 1))


def _labels(prefix: str, numbers: Ints) -> pa.Array:
    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers), pa.string()), "")


def _constant(value: str, count: int) -> pa.Array:
    return pa.repeat(value, count)


def _moments(world: World, seconds: Ints) -> pa.Array:
    """Moments from seconds since the start; below zero there was none."""
    at = (world.start.astype(np.int64) + seconds) * 1_000_000
    return pa.array(at, type=pa.int64(), mask=seconds < 0).cast(MOMENT)
