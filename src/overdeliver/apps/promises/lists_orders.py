"""Lists of orders: the newest first, a page beginning where the one before it ended."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from overdeliver.apps.promises.cards import OrderCard, order_cards
from overdeliver.apps.promises.models import Order
from overdeliver.vocabulary.errors import InputError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True)
class OrderFilter:
    """Which orders are asked for; empty parts ask nothing."""

    customer: str = ""  # the reference
    service: str = ""
    placed_since: datetime | None = None
    placed_before: datetime | None = None


def orders(asked: OrderFilter, *, after: str = "", limit: int = 50) -> tuple[list[OrderCard], str]:
    """A page of orders, and where the next one begins (empty at the end).

    InputError: a cursor that is none.
    """
    rows = _matching(asked)
    if after:
        at, pk = _marked(after)
        rows = rows.filter(placed_at__lte=at).filter(Q(placed_at__lt=at) | Q(pk__lt=pk))
    found = list(rows.order_by("-placed_at", "-pk")[: limit + 1])
    page = found[:limit]
    return order_cards(page), _mark(page[-1]) if len(found) > limit else ""


def _matching(asked: OrderFilter) -> QuerySet[Order]:
    given = {
        "customer__reference": asked.customer or None,
        "service": asked.service or None,
        "placed_at__gte": asked.placed_since,
        "placed_at__lt": asked.placed_before,
    }
    return Order.objects.filter(**{name: one for name, one in given.items() if one is not None})


def _mark(row: Order) -> str:
    return f"{(row.placed_at - _EPOCH) // _MICRO}_{row.pk}"


def _marked(mark: str) -> tuple[datetime, int]:
    at, _, pk = mark.partition("_")
    try:
        number = int(pk)
        if not 0 <= number < 2**63:
            raise ValueError
        return _EPOCH + int(at) * _MICRO, number
    except (ValueError, OverflowError):
        raise InputError("the page asked for does not exist; start from the first") from None
