"""What other chapters may know of what customers said."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from overdeliver.apps.listening.models import Feedback


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


def said_of_customer(customer: int, limit: int = 20) -> list[Said]:
    """What a customer said last, newest first."""
    return _said(Feedback.objects.filter(customer_id=customer), limit)


def said_of_order(order: str, limit: int = 20) -> list[Said]:
    """What was said about an order, newest first."""
    return _said(Feedback.objects.filter(order__reference=order), limit)


def _said(rows: QuerySet[Feedback], limit: int) -> list[Said]:
    found = rows.select_related("order").order_by("-at", "-pk")[:limit]
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
        )
        for row in found
    ]
