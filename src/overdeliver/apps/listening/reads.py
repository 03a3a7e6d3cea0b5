"""What other chapters may know of what customers said."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from overdeliver.apps.listening.models import Feedback
from overdeliver.vocabulary.errors import InputError


@dataclass(frozen=True)
class Said:
    """A score, a text, or both; ``order`` is empty where it is about none."""

    reference: str
    at: datetime
    kind: str
    order: str
    score: float | None
    scale_min: float | None
    scale_max: float | None
    text: str
    language: str
    channel: str
    customer: str = ""  # the reference


def said_of_customer(customer: int, limit: int = 20) -> list[Said]:
    """What a customer said last, newest first."""
    return _said(Feedback.objects.filter(of_customer(customer)), limit)


def of_customer(customer: int) -> Q:
    """What a customer said himself, or what was said about an order of his."""
    return Q(customer_id=customer) | Q(customer=None, order__customer_id=customer)


def said_of_order(order: str, limit: int = 20) -> list[Said]:
    """What was said about an order, newest first."""
    return _said(Feedback.objects.filter(order__reference=order), limit)


def complaints_about(orders: Collection[str]) -> dict[str, datetime]:
    """When the first complaint about each of these orders was made; the others are left out."""
    found: dict[str, datetime] = {}
    asked = sorted(orders)
    for start in range(0, len(asked), 500):
        rows = Feedback.objects.filter(
            kind="complaint", order__reference__in=asked[start : start + 500]
        ).order_by("-at")
        found |= dict(rows.values_list("order__reference", "at"))
    return found


def some_feedback(
    *,
    kind: str = "",
    customer: str = "",
    order: str = "",
    since: datetime | None = None,
    after: str = "",
    limit: int = 50,
) -> tuple[list[Said], str]:
    """What customers said, the last written down first, and where the next page begins.

    ``since``: said since. InputError: a cursor that is none.
    """
    given = {
        "kind": kind or None,
        "customer__reference": customer or None,
        "order__reference": order or None,
        "at__gte": since,
    }
    rows = Feedback.objects.filter(**{name: one for name, one in given.items() if one is not None})
    if after:
        if not (after.isascii() and after.isdecimal() and len(after) <= 18):
            raise InputError("the page asked for does not exist; start from the first")
        rows = rows.filter(pk__lt=int(after))
    found = list(with_names(rows).order_by("-pk")[: limit + 1])
    return cards_of(found[:limit]), str(found[limit - 1].pk) if len(found) > limit else ""


def _said(rows: QuerySet[Feedback], limit: int) -> list[Said]:
    return cards_of(with_names(rows).order_by("-at", "-pk")[:limit])


def with_names(rows: QuerySet[Feedback]) -> QuerySet[Feedback]:
    """The rows with their orders and customers."""
    return rows.select_related("order", "customer")


def cards_of(rows: Iterable[Feedback]) -> list[Said]:
    """Rows as other chapters see them."""
    return [
        Said(
            row.reference,
            row.at,
            row.kind,
            row.order.reference if row.order else "",
            row.score,
            row.scale_min,
            row.scale_max,
            row.text,
            row.language,
            row.channel,
            row.customer.reference if row.customer else "",
        )
        for row in rows
    ]
