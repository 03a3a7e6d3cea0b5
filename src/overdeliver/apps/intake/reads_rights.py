"""What shops have passed on of people's rights and a person has to see to."""

from dataclasses import dataclass
from datetime import datetime

from overdeliver.apps.intake.models import Received
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.people import reads as people


@dataclass(frozen=True)
class Asked:
    """A customer wants to know what is held of him; ``shop`` has passed it on."""

    number: int  # of the call
    shop: str
    customer: people.CustomerCard
    at: datetime


@dataclass(frozen=True)
class Gone:
    """A shop took the connection away and wants its customers forgotten."""

    number: int
    shop: str
    slug: str
    at: datetime


def data_asked(since: datetime, limit: int = 50) -> list[Asked]:
    """Customers who asked since a moment and were handed nothing out after they did."""
    rows = _told("customers/data_request", since, limit)
    cards = people.customers_named([row.subject for row in rows])
    subjects = [f"customer:{reference}" for reference in cards]
    out = journal.last("people.customer_exported", subjects)
    found = []
    for row in rows:
        card = cards.get(row.subject)
        if card is None or card.erased_at:
            continue
        handed = out.get(f"customer:{row.subject}")
        if handed is None or handed < row.at:
            found.append(Asked(row.pk, row.source.name, card, row.at))
    return found


def shops_gone(since: datetime, limit: int = 50) -> list[Gone]:
    """Shops that went since a moment."""
    rows = _told("shop/redact", since, limit)
    return [Gone(row.pk, row.source.name, row.source.slug, row.at) for row in rows]


def _told(topic: str, since: datetime, limit: int) -> list[Received]:
    rows = Received.objects.filter(topic=topic, result="done", at__gte=since)
    return list(rows.select_related("source").order_by("pk")[:limit])
