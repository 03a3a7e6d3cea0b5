"""What other chapters and pages may know of orders and promises."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from overdeliver.apps.people import reads as people
from overdeliver.apps.promises.models import Order, Promise, Standing
from overdeliver.vocabulary.errors import InputError, NotFound
from overdeliver.vocabulary.gap import LEVERS, VERDICTS

PAGE = 50
CAP = 10_000


@dataclass(frozen=True)
class Filter:
    """Which promises are asked for; empty parts ask nothing. Days are the business's."""

    verdict: str = ""
    lever: str = ""
    service: str = ""
    segment: str = ""
    channel: str = ""
    team: str = ""
    customer: str = ""
    made_from: date | None = None
    made_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None
    q: str = ""
    revised: bool = False  # the last revisions instead of the originals

    def __post_init__(self) -> None:
        if self.verdict and self.verdict not in (*VERDICTS, "kept"):
            raise InputError(f"verdict {self.verdict!r}: use one of {', '.join(VERDICTS)}")
        if self.lever and self.lever not in LEVERS:
            raise InputError(f"lever {self.lever!r}: use one of {', '.join(LEVERS)}")


@dataclass(frozen=True)
class Row:
    """One promise with how it stands."""

    id: int
    reference: str
    order: str
    customer: str  # the name shown
    customer_reference: str
    service: str
    segment: str
    lever: str
    promised: float
    unit: str
    words: str
    level: float | None
    source: str
    made_at: datetime
    due_at: datetime | None
    whole: bool
    verdict: str
    gap: float | None
    actual: float | None
    settled_at: datetime | None
    revises: str
    revised: bool


@dataclass(frozen=True)
class Page:
    """Some rows, and where the next and the previous ones begin."""

    rows: Sequence[Row]
    next: str = ""
    previous: str = ""


@dataclass(frozen=True)
class OrderCard:
    """An order as other chapters know it."""

    id: int
    reference: str
    customer: people.CustomerCard | None
    service: str
    segment: str
    channel: str
    team: str
    placed_at: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None
    amount: Decimal | None
    currency: str
    features: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    next_step: str = ""


def promises(asked: Filter, *, after: str = "", before: str = "", limit: int = PAGE) -> Page:
    """A page of promises, newest first; ``after`` and ``before`` come from the page before.

    InputError: a cursor that is none.
    """
    rows = _matching(asked)
    if before:
        made, pk = _cursor(before)
        later = rows.filter(Q(made_at__gt=made) | Q(made_at=made, promise_id__gt=pk))
        found = list(later.order_by("made_at", "promise_id")[: limit + 1])
        more, found = len(found) > limit, found[:limit][::-1]
        return _page(found, older=True, newer=more)
    if after:
        made, pk = _cursor(after)
        rows = rows.filter(Q(made_at__lt=made) | Q(made_at=made, promise_id__lt=pk))
    found = list(rows.order_by("-made_at", "-promise_id")[: limit + 1])
    return _page(found[:limit], older=len(found) > limit, newer=bool(after))


def count(asked: Filter, cap: int = CAP) -> int:
    """How many promises match, counted up to ``cap``."""
    return _matching(asked).order_by()[:cap].count()


def tally(asked: Filter) -> dict[str, int]:
    """How many promises stand how; every verdict is named."""
    found = _matching(asked).order_by().values_list("verdict").annotate(n=Count("pk"))
    return dict.fromkeys(VERDICTS, 0) | dict(found)


def promise(reference: str) -> Row:
    """One promise. NotFound: none of that reference."""
    row = _full().filter(promise__reference=reference).first()
    if row is None:
        raise NotFound(f"promise {reference!r}: there is none of that reference")
    return _row(row)


def thread(reference: str) -> list[Row]:
    """The original of a promise and every revision of it, oldest first."""
    first = Promise.objects.filter(reference=reference).select_related("revises").first()
    if first is None:
        raise NotFound(f"promise {reference!r}: there is none of that reference")
    while first.revises is not None:
        first = first.revises
    ids, last = [first.pk], first
    while (following := last.revisions.order_by("id").first()) is not None:
        ids.append(following.pk)
        last = following
    rows = {row.promise_id: _row(row) for row in _full().filter(promise_id__in=ids)}
    return [rows[pk] for pk in ids if pk in rows]


def outcomes(reference: str) -> list[dict[str, Any]]:
    """Every outcome of a promise, oldest first; the last one counts."""
    row = Promise.objects.filter(reference=reference).first()
    if row is None:
        raise NotFound(f"promise {reference!r}: there is none of that reference")
    return list(
        row.outcomes.order_by("observed_at", "id").values(
            "actual", "observed_at", "happened_at", "recorded_by", "recorded_at"
        )
    )


def order(reference: str) -> OrderCard:
    """One order. NotFound: none of that reference."""
    return _order_card(Order.objects.filter(reference=reference).first(), reference)


def order_of_token(token: str) -> OrderCard:
    """The order of a status page's link. NotFound: no such link, said the same way for all."""
    return _order_card(Order.objects.filter(token=token).first(), "of this link")


def promises_of_order(reference: str) -> list[Row]:
    """Every promise about an order, oldest first."""
    rows = _full().filter(promise__order__reference=reference)
    return [_row(row) for row in rows.order_by("made_at", "promise_id")]


def promises_of_customer(customer_id: int, limit: int = 20) -> list[Row]:
    """The latest promises made to a customer, newest first."""
    rows = _full().filter(promise__order__customer_id=customer_id)
    return [_row(row) for row in rows.order_by("-made_at", "-promise_id")[:limit]]


def kept_since(moment: datetime) -> tuple[int, int]:
    """Kept and settled original promises whose outcome became known since."""
    settled = Standing.objects.filter(
        original=True, verdict__in=["broken", "met", "exceeded"], settled_at__gte=moment
    )
    counted = dict(settled.order_by().values_list("verdict").annotate(n=Count("pk")))
    return counted.get("met", 0) + counted.get("exceeded", 0), sum(counted.values())


def open_due(start: datetime, end: datetime) -> int:
    """How many promises are open and due in a span."""
    return Standing.objects.filter(
        latest=True, verdict="open", due_at__gte=start, due_at__lt=end
    ).count()


def due_between(start: datetime, end: datetime, limit: int = 100) -> list[Row]:
    """Open promises due in a span, the next first."""
    rows = _full().filter(latest=True, verdict="open", due_at__gte=start, due_at__lt=end)
    return [_row(row) for row in rows.order_by("due_at")[:limit]]


def broken_since(moment: datetime, limit: int = 100) -> list[Row]:
    """Promises broken since a moment, whether observed or overdue, the latest first."""
    rows = _full().filter(latest=True, verdict="broken")
    when = Q(settled_at__gte=moment) | Q(settled_at__isnull=True, due_at__gte=moment)
    return [_row(row) for row in rows.filter(when).order_by("-due_at", "-promise_id")[:limit]]


def choices(column: str, limit: int = 60) -> list[str]:
    """The values of a column of orders, for filters: segment, channel, team or service."""
    if column not in ("segment", "channel", "team", "service"):
        raise InputError(f"{column!r} is no column to filter by")
    recent = Order.objects.order_by("-placed_at").values_list(column, flat=True)[:5000]
    return sorted({value for value in recent if value})[:limit]


def day_span(start: date | None, end: date | None) -> tuple[datetime | None, datetime | None]:
    """The moments from the start of a day to the end of another, in the business's zone."""
    zone = timezone.get_current_timezone()
    first = datetime.combine(start, time(), zone) if start else None
    last = datetime.combine(end + timedelta(days=1), time(), zone) if end else None
    return first, last


def _full() -> QuerySet[Standing]:
    return Standing.objects.select_related(
        "promise", "promise__order", "promise__order__customer", "promise__revises"
    )


def _matching(asked: Filter) -> QuerySet[Standing]:
    rows = _full().filter(**({"latest": True} if asked.revised else {"original": True}))
    if asked.verdict == "kept":
        rows = rows.filter(verdict__in=["met", "exceeded"])
    elif asked.verdict:
        rows = rows.filter(verdict=asked.verdict)
    for name in ("lever", "service"):
        if value := getattr(asked, name):
            rows = rows.filter(**{name: value})
    for name in ("segment", "channel", "team"):
        if value := getattr(asked, name):
            rows = rows.filter(**{f"promise__order__{name}": value})
    if asked.customer:
        rows = rows.filter(promise__order__customer__reference=asked.customer)
    for column, start, end in (
        ("made_at", asked.made_from, asked.made_to),
        ("due_at", asked.due_from, asked.due_to),
    ):
        first, last = day_span(start, end)
        if first:
            rows = rows.filter(**{f"{column}__gte": first})
        if last:
            rows = rows.filter(**{f"{column}__lt": last})
    return rows.filter(_search(asked.q)) if asked.q.strip() else rows


def _search(text: str) -> Q:
    wanted = text.strip()
    customers = people.search_ids(wanted, limit=500)
    return (
        Q(promise__reference__startswith=wanted)
        | Q(promise__order__reference__startswith=wanted)
        | Q(promise__order__customer_id__in=customers)
    )


def _page(found: list[Standing], *, older: bool, newer: bool) -> Page:
    rows = [_row(one) for one in found]
    return Page(
        rows,
        next=_mark(found[-1]) if found and older else "",
        previous=_mark(found[0]) if found and newer else "",
    )


def _mark(row: Standing) -> str:
    return f"{row.made_at.timestamp():.6f}_{row.promise_id}"


def _cursor(text: str) -> tuple[datetime, int]:
    moment, _, pk = text.partition("_")
    try:
        made = datetime.fromtimestamp(float(moment), timezone.get_current_timezone())
        return made, int(pk)
    except (ValueError, OverflowError, OSError):
        raise InputError("the page asked for does not exist; start from the first") from None


def _row(row: Standing) -> Row:
    made, placed = row.promise, row.promise.order
    customer = placed.customer
    return Row(
        id=made.pk,
        reference=made.reference,
        order=placed.reference,
        customer=(customer.name or customer.reference) if customer else "",
        customer_reference=customer.reference if customer else "",
        service=placed.service,
        segment=placed.segment,
        lever=made.lever,
        promised=made.promised,
        unit=made.unit,
        words=made.words,
        level=made.level,
        source=made.source,
        made_at=made.made_at,
        due_at=made.due_at,
        whole=made.whole,
        verdict=row.verdict,
        gap=row.gap,
        actual=row.actual,
        settled_at=row.settled_at,
        revises=made.revises.reference if made.revises else "",
        revised=not row.latest,
    )


def _order_card(row: Order | None, asked: str) -> OrderCard:
    if row is None:
        raise NotFound(f"order {asked}: there is none of that reference")
    customer = (
        people.customers_of([row.customer_id]).get(row.customer_id) if row.customer_id else None
    )
    return OrderCard(
        row.pk,
        row.reference,
        customer,
        row.service,
        row.segment,
        row.channel,
        row.team,
        row.placed_at,
        row.completed_at,
        row.cancelled_at,
        row.amount,
        row.currency,
        row.features,
        row.token,
        row.next_step,
    )
