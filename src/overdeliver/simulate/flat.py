"""The simulated ledger as one table, a row per promise: what a shop would export."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import Lever

_ALWAYS = ("order_id", "customer_id", "segment", "channel", "amount", "currency")


def export_of(tables: Mapping[str, pa.Table], lever: Lever | None = None) -> pa.Table:
    """One row per promise of this lever, by default the one customers react to, for an audit.

    Promises of time come as ``promised_at`` (a date where it is kept until the end of a day) and
    ``delivered_at``; others as ``promised``, ``actual`` and ``completed_at``. The columns of the
    business (sellers, zones ...) and the score follow.

    Raises :class:`InputError` when no promise of this lever was made.

    >>> from overdeliver.simulate.business import business
    >>> table = export_of(business("webshop", 100))
    >>> table.num_rows, [name for name in table.column_names if name.endswith("_at")]
    (100, ['placed_at', 'cancelled_at', 'promised_at', 'delivered_at'])
    """
    orders, promises = tables["orders"], tables["promises"]
    lever = lever or (orders.schema.metadata or {})[b"lever"].decode()
    promises = promises.filter(pc.equal(promises["lever"], lever))
    if not promises.num_rows:
        raise InputError(f"this business made no promise of {lever}: choose another lever")
    outcomes = _beside(promises["promise_id"], tables["outcomes"], "promise_id")
    feedback = _beside(orders["order_id"], tables["feedback"], "order_id")
    columns = {name: orders[name] for name in (*_ALWAYS, "placed_at", "cancelled_at")}
    columns |= _time(promises, outcomes) if lever == "time" else _number(promises, outcomes)
    taken = {*columns, "completed_at"}
    columns |= {name: orders[name] for name in orders.column_names if name not in taken}
    return pa.table({**columns, "score": feedback["score"]})


def _beside(keys: pa.ChunkedArray, table: pa.Table, key: str) -> pa.Table:
    """The rows that belong to these keys, in their order; empty where there is none."""
    return table.take(pc.index_in(keys, table[key].combine_chunks()))


def _time(promises: pa.Table, outcomes: pa.Table) -> dict[str, pa.ChunkedArray]:
    due = promises["due_at"]
    dated = promises["unit"][0].as_py() == "days"
    return {
        "promised_at": pc.cast(due, pa.date32(), safe=False) if dated else due,
        "delivered_at": outcomes["observed_at"],
    }


def _number(promises: pa.Table, outcomes: pa.Table) -> dict[str, pa.ChunkedArray]:
    return {
        "promised": promises["promised"],
        "actual": outcomes["actual"],
        "completed_at": outcomes["observed_at"],
    }
