"""What became of messages, for the chapters that wrote them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from overdeliver.apps.outreach.models import Message

_AT_ONCE = 500


@dataclass(frozen=True)
class Sent:
    """A message by its status, and what it has cost; ``cost`` None: nothing yet."""

    status: str
    reason: str
    sent_at: datetime | None
    cost: Decimal | None
    currency: str


def states_of(numbers: Collection[int]) -> dict[int, Sent]:
    """What became of these messages, by their numbers."""
    found: dict[int, Sent] = {}
    asked = sorted(numbers)
    for start in range(0, len(asked), _AT_ONCE):
        rows = Message.objects.filter(pk__in=asked[start : start + _AT_ONCE])
        for row in rows.values_list("pk", "status", "error", "sent_at", "cost", "currency"):
            found[row[0]] = Sent(*row[1:])
    return found
