"""A believable business out of nothing: simulated orders up to this very minute."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.business import reads as business_reads
from overdeliver.apps.business.starters import services_for
from overdeliver.apps.care import made_up as care
from overdeliver.apps.intake.ledger_in import store_tables
from overdeliver.apps.journal.actions import acting
from overdeliver.apps.people import actions as people
from overdeliver.apps.quoting import runs
from overdeliver.apps.recovery import made_up as recovery
from overdeliver.server.invented import PLACES, SHOPS, person, reached
from overdeliver.simulate.business import MOMENT
from overdeliver.simulate.business import business as simulated
from overdeliver.simulate.kinds import KINDS
from overdeliver.vocabulary.moments import zone_named

Tell = Callable[[int, int], None]
BATCH = "made-up"
_REACHED = 300  # customers with a telephone and a postal address


def set_up(
    kind: str, language: str, orders: int, *, seed: int = 1, tell: Tell | None = None
) -> int:
    """Make the business and its past; returns how many orders there are.

    InputError: no such business. Conflict: there is a business already.
    """
    country, zone = PLACES[language]
    with acting("command"):
        business.begin(
            kind, language, SHOPS[kind][language], country, zone, KINDS[kind].currency, demo=True
        )
        return fill(kind, language, zone, orders, seed=seed, tell=tell)


def fill(
    kind: str, language: str, zone: str, orders: int, *, seed: int = 1, tell: Tell | None = None
) -> int:
    """Store simulated orders that end now, and ask for learning from them."""
    tables = until_now(kind, orders, seed, zone, language)
    services = {one.lever: one.slug for one in services_for(kind) if one.simulated}
    counts = store_tables(tables, BATCH, services, zone=zone, tell=tell)
    _reach(tables["orders"], language)
    care.fill()
    recovery.fill(language)
    # Tonight's learning has then been done: it is not asked for a second time.
    tonight = timezone.now().astimezone(zone_named(zone)).date().isoformat()
    if runs.asked(key := f"night:{tonight}"):
        key = ""
    runs.ask_to_learn(key=key)
    return counts.written.get("orders", 0)


def _reach(orders: pa.Table, language: str) -> None:
    """The latest customers can be called and written to."""
    latest = orders.sort_by([("placed_at", "descending")])["customer_id"].to_pylist()
    for reference in list(dict.fromkeys(latest))[:_REACHED]:
        phone, postal = reached(reference, language)
        people.keep_customer(reference, phone=phone, postal=postal, language=language)


def fill_asked() -> int:
    """Fill in the made-up data that somebody asked for on the welcome page; 1 where it was done."""
    here = business_reads.business()
    wanted = here is not None and here.made_up in ("asked", "filling")
    if here is None or not wanted or not business.take_demo():
        return 0
    try:
        with acting("worker"):
            fill(here.kind, here.language, here.zone, business.DEMO_ORDERS)
            business.demo_done()
    except Exception:
        business.give_back_demo()
        raise
    return 1


def until_now(
    kind: str, orders: int, seed: int, zone: str, language: str
) -> Mapping[str, pa.Table]:
    """Simulated tables whose clock is the business's and whose last order is just in.

    The simulation ends on a Monday that lies ahead; what would come after this moment is cut off.
    """
    now = timezone.now()
    start = (now - timedelta(days=KINDS[kind].days - 6)).date().isoformat()
    tables = simulated(kind, orders, seed, start=start)
    shift = _offset(now, zone)
    moved = {name: _moved(tables[name], shift) for name in _TABLES}
    return _cut(moved, now, language)


_TABLES = ("orders", "promises", "outcomes", "encounters", "feedback")


def _offset(now: datetime, zone: str) -> timedelta:
    return -(now.astimezone(zone_named(zone)).utcoffset() or timedelta())


def _moved(table: pa.Table, shift: timedelta) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            column = pc.add(table[field.name], pa.scalar(shift, pa.duration("us")))
            table = table.set_column(place, field.name, column)
    return table


def _cut(tables: dict[str, pa.Table], now: datetime, language: str) -> dict[str, pa.Table]:
    """What is known now: orders placed, outcomes observed, words said until this moment."""
    orders = tables["orders"]
    orders = orders.filter(_before(orders["placed_at"], now))
    for name in ("completed_at", "cancelled_at"):
        column = pc.if_else(_before(orders[name], now), orders[name], pa.scalar(None, MOMENT))
        orders = orders.set_column(orders.column_names.index(name), name, column)
    ids = orders["order_id"]
    promises = _of(tables["promises"], "order_id", ids)
    outcomes = _of(tables["outcomes"], "promise_id", promises["promise_id"])
    outcomes = outcomes.filter(_before(outcomes["observed_at"], now))
    encounters = _of(tables["encounters"], "order_id", ids)
    feedback = _of(tables["feedback"], "order_id", ids)
    return {
        "orders": _with_people(orders, language),
        "promises": promises,
        "outcomes": outcomes,
        "encounters": encounters.filter(_before(encounters["at"], now)),
        "feedback": feedback.filter(_before(feedback["at"], now)),
    }


def _before(column: pa.ChunkedArray, now: datetime) -> pa.ChunkedArray:
    known = pc.less_equal(column, pa.scalar(now.astimezone(UTC), MOMENT))
    return pc.fill_null(known, False)


def _of(table: pa.Table, column: str, ids: pa.ChunkedArray) -> pa.Table:
    return table.filter(pc.is_in(table[column], value_set=pa.array(np.asarray(ids))))


def _with_people(orders: pa.Table, language: str) -> pa.Table:
    people = [person(reference, language) for reference in orders["customer_id"].to_pylist()]
    names, mails = zip(*people, strict=True) if people else ((), ())
    orders = orders.append_column("customer_name", pa.array(list(names), pa.string()))
    return orders.append_column("customer_email", pa.array(list(mails), pa.string()))
