"""Orders with customer, money and how their promises ended: the rows of the money page."""

import ibis
import pyarrow as pa

from overdeliver.apps.promises.cases import ledger
from overdeliver.apps.promises.rules import NO_PURCHASE

MOST = 1_000_000
_SCHEMA = pa.schema(
    [
        ("verdict", pa.string()),
        ("customer_id", pa.int64()),
        ("made_at", pa.timestamp("us")),
        ("amount", pa.float64()),
        ("currency", pa.string()),
    ]
)
#: One broken promise breaks the order; an order counts as exceeded where one was and none broke.
_RANKS = ("met", "exceeded", "broken")


def paid_table() -> pa.Table:
    """The newest orders that were not taken back, one row each, with the verdict of all their
    original promises; made_at is when the order was placed, by UTC's wall clock.

    The verdict is null while none of them is settled: such an order still shows that its customer
    came again.
    """
    cases = ledger().table
    bought = cases["channel"].isnull() | (cases["channel"] != NO_PURCHASE)
    cases = cases.filter(cases["cancelled_at"].isnull() & bought)
    places = [(cases["verdict"] == name, place) for place, name in enumerate(_RANKS, 1)]
    orders = cases.group_by("order").aggregate(
        rank=ibis.cases(*places, else_=0).max(),
        # the same in every row of an order
        customer_id=cases["customer_id"].max(),
        made_at=cases["placed_at"].max(),
        amount=cases["amount"].max().cast("float64"),
        currency=cases["currency"].max(),
    )
    named = [(orders["rank"] == place, name) for place, name in enumerate(_RANKS, 1)]
    orders = orders.mutate(verdict=ibis.cases(*named, else_=ibis.null("string")))
    orders = orders.order_by(ibis.desc("made_at")).limit(MOST)
    found = orders.select(_SCHEMA.names).to_pyarrow()
    columns = [found[field.name].cast(field.type) for field in _SCHEMA]
    return pa.table(columns, schema=_SCHEMA)
