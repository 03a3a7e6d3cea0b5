"""What this chapter does when something happens below, and what it adds to a customer's card."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max

from overdeliver.apps.journal.events import Heard, listens
from overdeliver.apps.people.card_parts import Part, gives_data, knows_last_seen, shows_part
from overdeliver.apps.promises import reads
from overdeliver.apps.promises.actions import judge_again
from overdeliver.apps.promises.drawing import tolerance_of
from overdeliver.apps.promises.models import Encounter, Order
from overdeliver.apps.promises.undo import blank_orders


@listens("people.customer_erased", "promises.blank_orders")
def blank(heard: Heard) -> None:
    """An erased customer's orders keep nothing of a person."""
    blank_orders(int(heard.data["customer"]), heard.reference)


@listens("business.service_changed", "promises.judge_again")
def judge(heard: Heard) -> None:
    """Another tolerance tells met and exceeded apart anew."""
    judge_again(heard.reference, tolerance_of(heard.reference))


@shows_part("promises", place=10)
def part(customer: int) -> Part:
    """The latest promises made to a customer."""
    rows = reads.promises_of_customer(customer)
    if not rows:
        return None
    return "promises/card.html", {"promises": rows, "tally": reads.tally_of_customer(customer)}


@gives_data("promises")
def data(customer: int) -> object:
    """Every order of a customer with its promises, outcomes and encounters."""
    orders = Order.objects.filter(customer_id=customer).order_by("placed_at", "pk")
    return [_order(row) for row in orders.prefetch_related("promises__outcomes", "encounters")]


@knows_last_seen("promises")
def seen(customers: Sequence[int]) -> Mapping[int, datetime]:
    """When each customer last ordered or was met."""
    last: dict[int, datetime] = {}
    rows = Order.objects.filter(customer_id__in=customers).values_list("customer_id")
    met = Encounter.objects.filter(customer_id__in=customers).values_list("customer_id")
    found = [*rows.annotate(at=Max("placed_at")), *met.annotate(at=Max("at"))]
    for customer, at in found:
        if customer is not None:
            last[customer] = max(at, last.get(customer, at))
    return last


def _order(row: Order) -> dict[str, Any]:
    return {
        "order": row.reference,
        "placed_at": row.placed_at,
        "completed_at": row.completed_at,
        "cancelled_at": row.cancelled_at,
        "service": row.service,
        "channel": row.channel,
        "amount": row.amount,
        "currency": row.currency,
        "features": row.features,
        "promises": [
            {
                "promise": one.reference,
                "words": one.words,
                "lever": one.lever,
                "promised": one.promised,
                "unit": one.unit,
                "made_at": one.made_at,
                "due_at": one.due_at,
                "outcomes": [
                    {"actual": out.actual, "observed_at": out.observed_at}
                    for out in one.outcomes.all()
                ],
            }
            for one in row.promises.all()
        ],
        "encounters": [
            {"touchpoint": one.touchpoint, "at": one.at} for one in row.encounters.all()
        ],
    }
