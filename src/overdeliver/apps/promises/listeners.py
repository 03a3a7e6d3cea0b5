"""What this chapter does when something happens below, and what it adds to a customer's card."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from markupsafe import Markup

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.events import Heard, listens
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach.rules.telling import ToldPolicy, text_for
from overdeliver.apps.outreach.writing import Occasion, tell_customer
from overdeliver.apps.people.card_parts import Part, gives_data, knows_last_seen, shows_part
from overdeliver.apps.promises import reads
from overdeliver.apps.promises.models import Encounter, Order
from overdeliver.apps.promises.rules import NO_PURCHASE
from overdeliver.apps.promises.saying import until
from overdeliver.apps.promises.undo import blank_orders
from overdeliver.vocabulary.moments import zone_named

#: What is older was brought in later: nobody is written to about it.
_FRESH, _RECENT = timedelta(days=1), timedelta(days=3)


@listens("people.customer_erased", "promises.blank_orders")
def blank(heard: Heard) -> None:
    """An erased customer's orders keep nothing of a person."""
    blank_orders(int(heard.data["customer"]), heard.reference)


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


@gives_data("encounters")
def met(customer: int) -> object:
    """Where a customer was met without an order."""
    rows = Encounter.objects.filter(customer_id=customer, order=None).order_by("at", "pk")
    return list(rows.values("touchpoint", "at", "team"))


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
        "segment": row.segment,
        "channel": row.channel,
        "team": row.team,
        "next_step": row.next_step,
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


@listens("promises.promise_made", "promises.tell_made")
@listens("promises.promise_revised", "promises.tell_revised")
def tell_given(heard: Heard) -> None:
    """The customer is told what was promised, as the policy says; not what was brought in later."""
    row = reads.promise(heard.reference)
    if timezone.now() - row.made_at < _FRESH:
        _tell(heard, row, str(heard.data.get("replaces", "")))


@listens("promises.promise_broken", "promises.tell_broken")
def tell_broken(heard: Heard) -> None:
    """The customer is told that a promise was not kept, unless that is long ago or made up for."""
    row = reads.promise(heard.reference)
    since = row.due_at or row.made_at
    if heard.data.get("latest", True) and timezone.now() - since < _RECENT:
        _tell(heard, row, "")


def _tell(heard: Heard, row: reads.Row, before: str) -> None:
    order = reads.order(row.order)
    if order.customer is None or order.cancelled_at or row.batch:
        return
    if order.channel == NO_PURCHASE:  # whoever made it writes himself
        return
    name = text_for(heard.name.partition(".")[2], business.policy(ToldPolicy))
    key = f"{name}:{order.id if name == 'status_link' else heard.id}"  # the link: once an order
    zone = order.customer.zone or business.zone()

    def values() -> dict[str, str]:
        with timezone.override(zone_named(zone)):
            return {
                "order.reference": order.reference,
                "order.link": f"{settings.PUBLIC_URL}/s/{order.token}/",
                "order.next": order.next_step or _plain(word("promises.status.next_late")),
                "promise.words": _plain(until(row)),
                "promise.before": _plain(until(reads.promise(before))) if before else "",
            }

    occasion = Occasion(
        key=key,
        because=f"outreach.because.{name}",
        about=heard.subject,
        cause=heard.id,
    )
    tell_customer(name, occasion, values, customer=order.customer.id)


def _plain(said: Markup) -> str:
    return said.striptags()
