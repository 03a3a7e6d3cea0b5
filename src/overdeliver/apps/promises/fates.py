"""What became of orders: taken back, delivered, followed by another one."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Count, Min, QuerySet

from overdeliver.apps.promises.models import Order
from overdeliver.apps.promises.rules import NO_PURCHASE

_AT_ONCE = 500
Item = TypeVar("Item")


@dataclass(frozen=True)
class Fate:
    """When an order was placed, delivered and taken back; moments are aware, None: it was not."""

    reference: str
    customer: int | None
    placed_at: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None


def fates(references: Collection[str]) -> dict[str, Fate]:
    """What became of these orders, by their references; unknown ones are left out."""
    found: dict[str, Fate] = {}
    for part in _parts(sorted(references)):
        rows = Order.objects.filter(reference__in=part).values_list(*_COLUMNS)
        found |= {row[0]: Fate(*row) for row in rows}
    return found


def moments_of(customers: Collection[int]) -> dict[int, list[datetime]]:
    """When each of these customers (ids) ordered, in order; orders taken back are left out."""
    found: dict[int, list[datetime]] = {}
    for part in _parts(sorted(customers)):
        rows = purchases().filter(customer_id__in=part, cancelled_at=None).order_by("placed_at")
        for customer, at in rows.values_list("customer_id", "placed_at"):
            if customer is not None:
                found.setdefault(customer, []).append(at)
    return found


def first_order_of(customer: int) -> str:
    """The reference of a customer's (id) first order; empty: there is none."""
    rows = purchases().filter(customer_id=customer).order_by("placed_at", "pk")
    return rows.values_list("reference", flat=True).first() or ""


def taken_back_since(moment: datetime, limit: int = 20_000) -> tuple[int, list[Fate]]:
    """How many orders were placed since, and those of them that were taken back, latest first."""
    placed = purchases().filter(placed_at__gte=moment)
    back = placed.filter(cancelled_at__isnull=False).order_by("-placed_at")
    return placed.count(), [Fate(*row) for row in back.values_list(*_COLUMNS)[:limit]]


def newcomers(start: datetime, end: datetime, limit: int = 2000) -> list[Fate]:
    """The first orders of those customers who first ordered in a span."""
    firsts = (
        purchases()
        .filter(customer_id__isnull=False, cancelled_at=None)
        .values("customer_id")
        .annotate(first=Min("placed_at"), n=Count("pk"))
        .filter(first__gte=start, first__lt=end)
        .order_by("first")[:limit]
    )
    who = {row["customer_id"]: row["first"] for row in firsts}
    rows = purchases().filter(customer_id__in=who, placed_at__gte=start, placed_at__lt=end)
    found = [Fate(*row) for row in rows.order_by("placed_at").values_list(*_COLUMNS)]
    return [one for one in found if who.get(one.customer or 0) == one.placed_at]


def latest(limit: int) -> list[str]:
    """The references of the latest orders, the newest first."""
    return list(purchases().order_by("-placed_at").values_list("reference", flat=True)[:limit])


def purchases() -> QuerySet[Order]:
    """Orders that are purchases: the promise of an answer to a complaint has one that is none."""
    return Order.objects.exclude(channel=NO_PURCHASE)


_COLUMNS = ("reference", "customer_id", "placed_at", "completed_at", "cancelled_at")


def _parts(items: list[Item]) -> Iterator[list[Item]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
