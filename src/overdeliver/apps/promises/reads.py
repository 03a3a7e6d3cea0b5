"""What other chapters and pages may know of orders and promises."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from overdeliver.apps.promises.cards import OrderCard, Row, order_card, rows_of
from overdeliver.apps.promises.drawing import plain
from overdeliver.apps.promises.ending import page_over
from overdeliver.apps.promises.lists import (
    CAP,
    PAGE,
    Filter,
    Page,
    count,
    day_span,
    every,
    full,
    promises,
    tally,
    turned_since,
)
from overdeliver.apps.promises.lists_orders import OrderFilter, orders
from overdeliver.apps.promises.models import Order, Outcome, Promise, Standing
from overdeliver.vocabulary.errors import InputError, NotFound
from overdeliver.vocabulary.gap import VERDICTS

__all__ = [
    "CAP",
    "PAGE",
    "Filter",
    "OpenCase",
    "OrderCard",
    "OrderFilter",
    "OutcomeCard",
    "Page",
    "Row",
    "broken_since",
    "choices",
    "count",
    "day_span",
    "due_between",
    "every",
    "kept_since",
    "open_cases",
    "open_due",
    "order",
    "order_of_page",
    "order_of_token",
    "orders",
    "outcomes",
    "promise",
    "promises",
    "promises_of_customer",
    "promises_of_order",
    "tally",
    "tally_of_customer",
    "thread",
]


@dataclass(frozen=True)
class OutcomeCard:
    """An outcome as it was written down; ``counts``: no later one corrects it."""

    actual: float
    observed_at: datetime
    happened_at: datetime | None
    recorded_at: datetime
    recorded_by: str
    counts: bool


@dataclass(frozen=True)
class OpenCase:
    """A promise still open, and what a model learns from: ``features`` known when it was made."""

    reference: str
    service: str
    lever: str
    unit: str
    whole: bool
    promised: float
    made_at: datetime
    revised: bool  # it is itself a revision
    features: Mapping[str, Any]


def promise(reference: str, *, named: bool = True) -> Row:
    """One promise; ``named``: with its service's name and classes. NotFound: there is none."""
    found = rows_of(full().filter(promise__reference=plain(reference)), named=named)
    if not found:
        raise NotFound(f"promise {reference!r}: there is none of that reference")
    return found[0]


def thread(reference: str) -> list[Row]:
    """The original of a promise and every revision of it, in the order they were made.

    NotFound: none of that reference.
    """
    row = _promise(reference)
    root = row.revises_id or row.pk
    found = full().filter(Q(promise_id=root) | Q(promise__revises_id=root))
    return rows_of(found.order_by("-original", "made_at", "promise_id"))


def outcomes(reference: str) -> list[OutcomeCard]:
    """Every outcome of a promise as it was written down, oldest first; one of them counts.

    NotFound: none of that reference.
    """
    rows = list(Outcome.objects.filter(promise=_promise(reference)).order_by("pk"))
    counting = max(rows, key=lambda one: (one.observed_at, one.pk), default=None)
    return [
        OutcomeCard(
            one.actual,
            one.observed_at,
            one.happened_at,
            one.recorded_at,
            one.recorded_by,
            one is counting,
        )
        for one in rows
    ]


def order(reference: str) -> OrderCard:
    """One order. NotFound: none of that reference."""
    row = Order.objects.filter(reference=plain(reference)).first()
    if row is None:
        raise NotFound(f"order {reference!r}: there is none of that reference")
    return order_card(row)


def order_of_token(token: str) -> OrderCard:
    """The order of a status page's link. NotFound: no such link, or its page has ended."""
    return _open_card(Order.objects.filter(token=plain(token)).first())


def order_of_page(reference: str) -> OrderCard:
    """An order whose status page is open. NotFound: none, or its page has ended."""
    return _open_card(Order.objects.filter(reference=plain(reference)).first())


def promises_of_order(reference: str) -> list[Row]:
    """Every promise about an order, oldest first."""
    rows = full().filter(order__reference=reference)
    return rows_of(rows.order_by("made_at", "promise_id"))


def promises_of_customer(customer_id: int, limit: int = 20) -> list[Row]:
    """The latest promises made to a customer, newest first."""
    rows = full().filter(order__customer_id=customer_id, original=True)
    return rows_of(rows.order_by("-made_at", "-promise_id")[:limit])


def tally_of_customer(customer_id: int) -> dict[str, int]:
    """How a customer's promises (the originals) stand; every verdict is named."""
    rows = Standing.objects.filter(order__customer_id=customer_id, original=True)
    found = rows.order_by().values_list("verdict").annotate(n=Count("pk"))
    return {**dict.fromkeys(map(str, VERDICTS), 0), **dict(found)}


def kept_since(moment: datetime) -> tuple[int, int]:
    """Kept and settled original promises since: outcome seen, or its moment passed without one."""
    # Neither filtered nor grouped by verdict: SQLite would read all of history by that index.
    found = Standing.objects.filter(turned_since(moment), original=True).aggregate(
        kept=Count("pk", filter=Q(verdict__in=["met", "exceeded"])),
        broken=Count("pk", filter=Q(verdict="broken")),
    )
    return found["kept"], found["kept"] + found["broken"]


def open_due(start: datetime, end: datetime) -> int:
    """How many promises are open and due in a span."""
    return Standing.objects.filter(
        latest=True, verdict="open", due_at__gte=start, due_at__lt=end
    ).count()


def due_between(start: datetime, end: datetime, limit: int = 100) -> list[Row]:
    """Open promises due in a span, the next first."""
    rows = full().filter(latest=True, verdict="open", due_at__gte=start, due_at__lt=end)
    return rows_of(rows.order_by("due_at")[:limit])


def open_cases(references: Collection[str]) -> list[OpenCase]:
    """The promises of these references that are open, with what was known when they were made."""
    rows = Standing.objects.filter(promise__reference__in=references, verdict="open", latest=True)
    return [_open_case(row) for row in rows.select_related("promise", "promise__order")]


def broken_since(moment: datetime, limit: int = 100) -> list[Row]:
    """Promises broken since a moment, whether observed or overdue, the latest first."""
    rows = full().filter(latest=True, verdict="broken")
    return rows_of(rows.filter(turned_since(moment)).order_by("-due_at", "-promise_id")[:limit])


def choices(column: str, limit: int = 60) -> Sequence[str]:
    """The values that recent orders have in a column, for filters: segment, channel, team, service.

    InputError: another column.
    """
    if column not in ("segment", "channel", "team", "service"):
        raise InputError(f"{column!r} is no column to filter by")
    recent = Order.objects.order_by("-placed_at").values_list(column, flat=True)[:5000]
    return sorted({value for value in recent if value})[:limit]


def _open_card(row: Order | None) -> OrderCard:
    over = page_over(row or Order(pk=0))  # asked of none too: both take equally long
    if row is None or over:
        raise NotFound("this link leads nowhere")  # said the same way for all
    return order_card(row)


def _open_case(row: Standing) -> OpenCase:
    made, placed = row.promise, row.promise.order
    known = {
        **placed.features,
        "segment": placed.segment,
        "channel": placed.channel,
        "team": placed.team,
        "amount": placed.amount,
        "currency": placed.currency,
    }
    return OpenCase(
        made.reference,
        row.service,
        made.lever,
        made.unit,
        made.whole and made.unit in ("days", "weeks"),
        made.promised,
        made.made_at,
        made.revises_id is not None,
        known,
    )


def _promise(reference: str) -> Promise:
    row = Promise.objects.filter(reference=plain(reference)).first()
    if row is None:
        raise NotFound(f"promise {reference!r}: there is none of that reference")
    return row
