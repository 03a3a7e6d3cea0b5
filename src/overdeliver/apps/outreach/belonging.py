"""Whose messages are: they are handed out with a person's data, and go with them."""

from typing import Any

from overdeliver.apps.outreach.models import Message

_GIVEN = (
    "channel",
    "purpose",
    "address",
    "subject",
    "text",
    "data",
    "status",
    "created_at",
    "sent_at",
)


def give_to(about: str, customer: int) -> int:
    """What was written about something (``case:5``) turns out to be a customer's; how many.

    A complaint often comes before anybody knows whose it is, and is answered meanwhile.
    """
    return Message.objects.filter(about=about, customer=None).update(customer_id=customer)


def messages_of(customer: int) -> list[dict[str, Any]]:
    """Everything written to a customer, the first first."""
    rows = Message.objects.filter(customer_id=customer).order_by("pk")
    return [{"about": row.about, **{n: getattr(row, n) for n in _GIVEN}} for row in rows]
