"""Ledger tables into the database, part by part: what imports and the demo both stand on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from overdeliver.apps.intake import checks
from overdeliver.apps.intake.events import HistoryBroughtIn
from overdeliver.apps.journal.actions import record
from overdeliver.apps.listening.bulk import write_feedback
from overdeliver.apps.promises import bulk

PART = 5_000
_KNOWN = ("completed_at", "cancelled_at", "placed_at", "segment", "channel", "amount", "currency")
_OURS = ("service", "team", "features", "customer_name", "customer_email", "customer_phone")
Tables = Mapping[str, pa.Table]


@dataclass(frozen=True)
class Counts:
    """What came of tables: rows of each as given, as written, and those refused with the reason.

    ``rejects`` has the columns ``table``, ``line``, ``column``, ``value`` and ``reason``.
    """

    read: Mapping[str, int]
    written: dict[str, int] = field(default_factory=dict)
    known: int = 0  # orders that were there before
    #: Lines of orders that were there before and of which nothing new was said.
    untouched: int = 0
    rejects: pa.Table = field(default_factory=checks.none_rejected)


def store_tables(
    tables: Tables,
    batch: str,
    services: str | Mapping[str, str] = "",
    *,
    zone: str = "",
    part: int = PART,
    tell: Callable[[int, int], None] | None = None,
) -> Counts:
    """Write whole ledger tables (`overdeliver.tables.schemas`), a part of the orders a transaction.

    ``tables``: orders and any of promises, outcomes, encounters, feedback. Orders may have the
    further columns service, team, customer_name, customer_email and customer_phone; any other is
    a feature. Promises may have ``whole`` (a date, kept until the end of that day) and ``words``;
    without ``whole``, days and weeks are dates where all of them are whole numbers, and the end of
    the day is worked out in ``zone`` (the business's by default). ``services`` is the service of
    all orders, or of each lever promised. The same tables again change nothing. ``tell`` hears
    the orders behind and all of them. One event at the end. Rows that break the contract are in
    the answer's ``rejects``.
    """
    sound, rejects = checks.sound(_named(tables, services))
    counts = Counts({name: table.num_rows for name, table in tables.items()}, rejects=rejects)
    total, done, known = sound["orders"].num_rows, 0, 0
    for slice_ in parts(sound, part):
        with transaction.atomic():
            written = store_part(slice_, batch, zone=zone)
        for name, count in written.written.items():
            counts.written[name] = counts.written.get(name, 0) + count
        known += written.known
        done += slice_["orders"].num_rows
        if tell is not None:
            tell(done, total)
    with transaction.atomic():
        record(HistoryBroughtIn(subject=f"import:{batch}", orders=counts.written.get("orders", 0)))
    return Counts(counts.read, counts.written, known, rejects=rejects)


def store_part(tables: Tables, batch: str, *, zone: str = "", alone: bool = False) -> Counts:
    """Write tables in ledger_in's own names that were checked, in the caller's transaction.

    ``alone``: nobody else writes meanwhile. IntegrityError, otherwise: somebody wrote one of these
    orders or customers at the same moment.
    """
    if alone:
        bulk.alone()
    found = bulk.write(tables, batch=batch, zone=zone)
    told = 0
    if (feedback := tables.get("feedback")) is not None and feedback.num_rows:
        told = write_feedback(
            feedback, orders=found.order_ids, customers=found.customer_ids, batch=batch
        )
    written = {
        "orders": found.orders,
        "promises": found.promises,
        "outcomes": found.outcomes,
        "encounters": found.encounters,
        "feedback": told,
    }
    rejects = checks.conflicts(tables.get("promises"), found.conflicts)
    return Counts({}, written, len(found.known), _untouched(tables, found), rejects)


def _untouched(tables: Tables, found: bulk.Written) -> int:
    """Known orders whose promise, if these rows make one, stood already and learned nothing."""
    promises = tables.get("promises")
    made = (
        {}
        if promises is None
        else dict(
            zip(promises["order"].to_pylist(), promises["reference"].to_pylist(), strict=True)
        )
    )
    return sum(order not in made or made[order] in found.untouched for order in found.known)


def parts(tables: Tables, size: int) -> Iterator[dict[str, pa.Table]]:
    """The tables cut along the orders: all rows of an order come in the same part."""
    orders = tables["orders"]
    keys = orders["reference"].combine_chunks()
    place = {"orders": np.arange(orders.num_rows)}
    sorted_: dict[str, pa.Table] = {"orders": orders}
    promise_order = None
    for name in ("promises", "outcomes", "encounters", "feedback"):
        table = tables.get(name)
        if table is None or not table.num_rows:
            continue
        if name == "outcomes":
            if promise_order is None:
                continue
            made = sorted_["promises"]["reference"].combine_chunks()
            at = promise_order[pc.index_in(table["promise"], made).to_numpy()]
        else:
            at = pc.fill_null(pc.index_in(table["order"], keys), 0).to_numpy()
        order = np.argsort(at, kind="stable")
        sorted_[name], place[name] = table.take(pa.array(order)), at[order]
        if name == "promises":
            promise_order = place[name]
    for start in range(0, orders.num_rows, size):
        yield {
            name: table.slice(
                low := int(np.searchsorted(place[name], start)),
                int(np.searchsorted(place[name], start + size)) - low,
            )
            for name, table in sorted_.items()
        }


def _named(tables: Tables, services: str | Mapping[str, str]) -> dict[str, pa.Table]:
    """The ledger's tables under the names `promises.bulk` reads."""
    renamed = {
        "orders": _orders(tables["orders"], _service_of(tables, services)),
        "promises": _promises(tables.get("promises")),
        "outcomes": _renamed(tables.get("outcomes"), {"promise_id": "promise"}),
        "encounters": _renamed(
            tables.get("encounters"), {"order_id": "order", "customer_id": "customer"}
        ),
        "feedback": _renamed(
            tables.get("feedback"),
            {"feedback_id": "reference", "order_id": "order", "customer_id": "customer"},
        ),
    }
    return {name: table for name, table in renamed.items() if table is not None}


def _service_of(tables: Tables, services: str | Mapping[str, str]) -> str:
    if isinstance(services, str):
        return services
    promises = tables.get("promises")
    levers = promises["lever"].unique().to_pylist() if promises is not None else []
    return next((services[lever] for lever in levers if lever in services), "")


def _orders(orders: pa.Table, service: str) -> pa.Table:
    names = {"order_id": "reference", "customer_id": "customer"}
    ours = (*names, *_KNOWN, *_OURS)
    kept = orders.select([name for name in orders.column_names if name in ours])
    kept = kept.rename_columns([names.get(name, name) for name in kept.column_names])
    if "service" not in kept.column_names:
        kept = kept.append_column("service", pa.repeat(service, kept.num_rows))
    rest = [name for name in orders.column_names if name not in ours]
    if rest and "features" not in kept.column_names:
        texts = pa.array(checks.features_of(orders.select(rest)), pa.string())
        kept = kept.append_column("features", texts)
    return kept


def _promises(promises: pa.Table | None) -> pa.Table | None:
    table = _renamed(promises, {"promise_id": "reference", "order_id": "order"})
    if table is None or "whole" in table.column_names:
        return table
    dated = pc.is_in(table["unit"], pa.array(["days", "weeks"]))
    lengths = table["promised"].filter(dated)
    whole = bool(pc.all(pc.equal(lengths, pc.round(lengths))).as_py())
    return table.append_column("whole", pc.and_(dated, pa.scalar(whole)))


def _renamed(table: pa.Table | None, names: Mapping[str, str]) -> pa.Table | None:
    if table is None:
        return None
    return table.rename_columns([names.get(name, name) for name in table.column_names])
