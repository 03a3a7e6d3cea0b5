"""Much history at once, as `actions` would write it one by one, and without setting anything off.

Everything here runs inside the caller's transaction, a few thousand orders at a time. What stands
already is left as it is: the same rows again change nothing.
"""

import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal import many_rows
from overdeliver.apps.journal.actions import actor
from overdeliver.apps.people.bulk import alone as customers_alone
from overdeliver.apps.people.bulk import keep_customers
from overdeliver.apps.promises import bulk_standing
from overdeliver.apps.promises.columns import MOMENT, MONEY, now, optional, text
from overdeliver.apps.promises.drawing import draw_thread, threads_of
from overdeliver.apps.promises.models import Encounter, Order, Promise
from overdeliver.apps.promises.standings import NONE, due_of

_TOKEN = 18  # bytes: 144 bits of an unguessable link


@dataclass(frozen=True)
class Written:
    """What one call came to."""

    orders: int = 0
    promises: int = 0
    outcomes: int = 0
    encounters: int = 0
    #: Reference -> id of every order and customer named.
    order_ids: Mapping[str, int] = field(default_factory=dict)
    customer_ids: Mapping[str, int] = field(default_factory=dict)
    #: Orders that were there before, by reference.
    known: frozenset[str] = frozenset()
    #: Promises whose reference stands for other terms: left out, with their outcomes.
    conflicts: frozenset[str] = frozenset()
    #: Promises that stood already and were told nothing new.
    untouched: frozenset[str] = frozenset()


def write(tables: Mapping[str, pa.Table], *, batch: str, zone: str = "") -> Written:
    """Write orders, customers, promises, outcomes, standings and encounters; references are text.

    ``orders``: reference, placed_at and any of customer, customer_name, customer_email,
    customer_phone, customer_language, service, segment, channel, team, completed_at,
    cancelled_at, amount, currency, features (JSON text). ``promises``: reference, order, lever,
    promised, unit, made_at and any of due_at, whole, level, source, words, revises. ``outcomes``:
    promise, actual, observed_at and any of happened_at, key. ``encounters``: order, touchpoint, at
    and any of team, expected, received. Rows are taken to be checked; those of unknown orders or
    promises are left out. ``zone``: of whole days, the business's by default.
    """
    zone = zone or business.zone()
    customers = _customers(tables["orders"], batch)
    orders, fresh = _orders(tables["orders"], customers, batch)
    known = frozenset(orders) - frozenset(fresh)
    made = _promises(tables.get("promises"), tables["orders"], orders, batch, zone)
    seen = bulk_standing.outcomes(tables.get("outcomes"), made, batch)
    bulk_standing.stand(made, tables["orders"])
    met = _encounters(tables.get("encounters"), {o: orders[o] for o in fresh}, batch)
    untouched = frozenset(one for one, pk in made.same.items() if pk not in made.last)
    return Written(
        orders=len(fresh),
        promises=made.new.num_rows,
        outcomes=seen,
        encounters=met,
        order_ids=orders,
        customer_ids=customers,
        known=known,
        conflicts=made.conflicts,
        untouched=untouched,
    )


def alone() -> None:
    """Nobody else writes customers, orders or promises until the transaction ends.

    What `write` finds missing is then still missing when it writes it.
    """
    customers_alone()
    many_rows.alone(Order, Promise)


def known_orders(references: Sequence[str]) -> int:
    """How many of these orders are there already."""
    return len(many_rows.ids_of(Order, "reference", references))


def _customers(orders: pa.Table, batch: str) -> dict[str, int]:
    if "customer" not in orders.column_names:
        return {}
    given = {"reference": orders["customer"]}
    for name in ("name", "email", "phone", "language"):
        if f"customer_{name}" in orders.column_names:
            given[name] = orders[f"customer_{name}"]
    return keep_customers(pa.table(given), batch=batch)


def _orders(
    rows: pa.Table, customers: Mapping[str, int], batch: str
) -> tuple[dict[str, int], Sequence[str]]:
    """Reference -> id of all orders named, and the references of the new ones."""
    references = rows["reference"].to_pylist()
    known = many_rows.ids_of(Order, "reference", references)
    fresh = pa.array([reference not in known for reference in references], pa.bool_())
    if known:
        _complete(rows.filter(pc.invert(fresh)))
    new = rows.filter(fresh)
    count = new.num_rows
    ids = many_rows.new_ids(Order, count)
    who = new["customer"].to_pylist() if "customer" in new.column_names else [None] * count
    many_rows.insert(
        Order,
        pa.table(
            {
                "id": ids,
                "reference": new["reference"],
                "customer_id": pa.array([customers.get(one or "") for one in who], pa.int64()),
                "service": text(new, "service", 80),
                "segment": text(new, "segment", 100),
                "channel": text(new, "channel", 100),
                "team": text(new, "team", 100),
                "placed_at": new["placed_at"].cast(MOMENT),
                "completed_at": optional(new, "completed_at", None, MOMENT),
                "cancelled_at": optional(new, "cancelled_at", None, MOMENT),
                "amount": optional(new, "amount", None, MONEY),
                "currency": text(new, "currency", 3),
                "features": optional(new, "features", "{}", pa.string()),
                "token": _tokens(count),
                "next_step": pa.repeat("", count),
                "batch": pa.repeat(batch, count),
                "created_at": now(count),
            }
        ),
    )
    added = new["reference"].to_pylist()
    known.update(zip(added, ids.to_pylist(), strict=True))
    return known, added


def _complete(again: pa.Table) -> None:
    """Orders told of before: what they lacked is filled in, what they said stays."""
    for name in ("completed_at", "cancelled_at"):
        if name not in again.column_names:
            continue
        told = again.select(["reference", name]).filter(pc.is_valid(again[name]))
        lacking = set(
            Order.objects.filter(
                reference__in=told["reference"].to_pylist(), **{f"{name}__isnull": True}
            ).values_list("reference", flat=True)
        )
        for row in told.to_pylist():
            if row["reference"] in lacking:
                Order.objects.filter(reference=row["reference"]).update(**{name: row[name]})
                if name == "cancelled_at":
                    _draw_again(row["reference"])


def _draw_again(reference: str) -> None:
    """An order taken back: its promises stand otherwise."""
    for members in threads_of(Order.objects.get(reference=reference)):
        draw_thread(members)


def _promises(
    rows: pa.Table | None, told: pa.Table, orders: Mapping[str, int], batch: str, zone: str
) -> bulk_standing.Made:
    if rows is None or not rows.num_rows:
        return bulk_standing.Made.none()
    owner = [orders.get(reference) for reference in rows["order"].to_pylist()]
    rows = rows.append_column("order_id", pa.array(owner, pa.int64()))
    rows = rows.filter(pc.is_valid(rows["order_id"]))
    known, conflicts = _known(rows)
    references = rows["reference"].to_pylist()
    fresh = pa.array([one not in known and one not in conflicts for one in references], pa.bool_())
    new = _with_terms(rows.filter(fresh), zone)
    ids = many_rows.new_ids(Promise, new.num_rows)
    added = dict(zip(new["reference"].to_pylist(), ids.to_pylist(), strict=True))
    roots = _roots(new, {**known, **added})
    count = new.num_rows
    tolerance = bulk_standing.tolerances(new, told)
    many_rows.insert(
        Promise,
        pa.table(
            {
                "id": ids,
                "reference": new["reference"],
                "order_id": new["order_id"],
                "lever": new["lever"],
                "promised": new["promised"].cast(pa.float64()),
                "unit": new["unit"],
                "made_at": new["made_at"].cast(MOMENT),
                "due_at": new["due_at"],
                "whole": new["whole"],
                "zone": pa.repeat(zone, count),
                "tolerance": tolerance,
                "level": optional(new, "level", None, pa.float64()),
                "source": text(new, "source", 20),
                "made_by": pa.repeat(actor(), count),
                "words": text(new, "words", 300),
                "quote": pa.repeat("", count),
                "revises_id": roots,
                "batch": pa.repeat(batch, count),
                "recorded_at": now(count),
            }
        ),
    )
    new = new.append_column("id", ids).append_column("root", roots)
    new = new.append_column("tolerance", tolerance)
    return bulk_standing.Made(new, known, conflicts, {})


def _known(rows: pa.Table) -> tuple[dict[str, int], frozenset[str]]:
    """Promises that stand already with the same terms, and those that stand for others."""
    same: dict[str, int] = {}
    other: set[str] = set()
    terms = ("id", "order_id", "lever", "promised", "unit")
    told = many_rows.rows_of(Promise, "reference", rows["reference"].to_pylist(), terms)
    stood = {one[0]: one[1:] for one in told}
    if not stood:
        return {}, frozenset()
    for row in rows.select(["reference", "order_id", "lever", "promised", "unit"]).to_pylist():
        if (found := stood.get(row["reference"])) is None:
            continue
        if found[1:] == (row["order_id"], row["lever"], row["promised"], row["unit"]):
            same[row["reference"]] = found[0]
        else:
            other.add(row["reference"])
    return same, frozenset(other)


def _with_terms(rows: pa.Table, zone: str) -> pa.Table:
    """With ``whole``, ``due_at`` and ``source`` settled: a date's end is worked out here."""
    whole = optional(rows, "whole", False, pa.bool_())
    made = rows["made_at"].cast(MOMENT).cast(pa.int64()).to_numpy()
    lever, unit = (np.array(rows[name].to_pylist(), object) for name in ("lever", "unit"))
    promised = rows["promised"].cast(pa.float64()).to_numpy()
    flags = whole.to_numpy(zero_copy_only=False).astype(bool)
    due = due_of(lever, promised, unit, made, flags, zone)
    worked = pa.array(due, pa.int64(), mask=due == NONE).cast(MOMENT)
    dated = pa.array(flags & np.isin(unit, ("days", "weeks")))
    given = optional(rows, "due_at", None, MOMENT)
    ends = pc.if_else(pc.or_(dated, pc.is_null(given)), worked, given)
    source = optional(rows, "source", "standard", pa.string())
    settled = {"whole": whole, "due_at": ends, "source": source}
    kept = rows.drop_columns([name for name in settled if name in rows.column_names])
    for name, column in settled.items():
        kept = kept.append_column(name, column)
    return kept


def _roots(new: pa.Table, ids: Mapping[str, int]) -> pa.Array:
    """The original of each promise that revises one."""
    if "revises" not in new.column_names:
        return pa.nulls(new.num_rows, pa.int64())
    named = new["revises"].to_pylist()
    before = dict(zip(new["reference"].to_pylist(), named, strict=True))
    found: list[int | None] = []
    for reference in named:
        while reference and before.get(reference):
            reference = before[reference]
        found.append(ids.get(reference or ""))
    return pa.array(found, pa.int64())


def _encounters(rows: pa.Table | None, orders: Mapping[str, int], batch: str) -> int:
    """The contacts of new orders; those of orders told of before have been told of too."""
    if rows is None or not rows.num_rows:
        return 0
    owner = pa.array([orders.get(one) for one in rows["order"].to_pylist()], pa.int64())
    rows = rows.append_column("order_id", owner).filter(pc.is_valid(owner))
    count = rows.num_rows
    return many_rows.insert(
        Encounter,
        pa.table(
            {
                "id": many_rows.new_ids(Encounter, count),
                "order_id": rows["order_id"],
                "customer_id": pa.nulls(count, pa.int64()),
                "touchpoint": text(rows, "touchpoint", 80),
                "at": rows["at"].cast(MOMENT),
                "team": text(rows, "team", 100),
                "expected": optional(rows, "expected", None, pa.float64()),
                "received": optional(rows, "received", None, pa.float64()),
                "batch": pa.repeat(batch, count),
            }
        ),
    )


def _tokens(count: int) -> list[str]:
    # 18 bytes are exactly 24 letters: one draw for all is as random as one each.
    drawn = base64.urlsafe_b64encode(os.urandom(_TOKEN * count)).decode()
    return [drawn[at : at + 24] for at in range(0, len(drawn), 24)]
