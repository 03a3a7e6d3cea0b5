"""Orders with customer, money and how their promises ended: the rows of the money page."""

from typing import Any

import pyarrow as pa
from django.db.models import Case, IntegerField, Max, Q, Value, When
from django.utils import timezone

from overdeliver.apps.promises.models import Order
from overdeliver.apps.promises.rules import NO_PURCHASE

MOST = 300_000
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
    rows = Order.objects.filter(cancelled_at=None, standings__original=True)
    rows = rows.exclude(channel=NO_PURCHASE)
    ranked = rows.annotate(rank=Max(_rank())).order_by("-placed_at")
    values = ranked.values_list("rank", "customer_id", "placed_at", "amount", "currency")
    columns: list[tuple[Any, ...]] = list(zip(*values[:MOST], strict=True)) or [()] * 5
    verdicts = [_RANKS[rank - 1] if rank else None for rank in columns[0]]
    utc = timezone.get_fixed_timezone(0)
    moments = [moment.astimezone(utc).replace(tzinfo=None) for moment in columns[2]]
    amounts = [None if amount is None else float(amount) for amount in columns[3]]
    arrays = [verdicts, columns[1], moments, amounts, [code or None for code in columns[4]]]
    return pa.table(
        [pa.array(list(a), type=f.type) for a, f in zip(arrays, _SCHEMA, strict=True)],
        schema=_SCHEMA,
    )


def _rank() -> Case:
    whens = (
        When(Q(standings__verdict=verdict), then=Value(place))
        for place, verdict in enumerate(_RANKS, 1)
    )
    return Case(*whens, default=Value(0), output_field=IntegerField())
