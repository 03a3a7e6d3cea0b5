"""What the pages of messages and webhooks show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from overdeliver.apps.outreach.models import Endpoint, Lane, Message, Try
from overdeliver.apps.outreach.rules.statuses import ACTS, STATUSES, WAITING, acts
from overdeliver.apps.people import reads as people
from overdeliver.vocabulary.errors import InputError, NotFound

PAGE = 50


@dataclass(frozen=True)
class Line:
    """A message as its page shows it."""

    id: int
    channel: str
    purpose: str
    address: str
    customer: str  # name or reference
    customer_reference: str
    subject: str
    text: str
    data: dict[str, Any]
    because: str
    about: str
    status: str
    error: str
    attempts: int
    acts: tuple[str, ...]
    can_undo: bool  # what a person did last
    next_at: datetime
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class Page:
    """A page of messages, newest first; ``next`` and ``previous`` are keys, None at the ends."""

    rows: Sequence[Line]
    next: int | None
    previous: int | None


@dataclass(frozen=True)
class EndpointLine:
    """An endpoint with how it is doing; its secret is never shown again."""

    id: int
    url: str
    events: tuple[str, ...]
    active: bool
    disabled_because: str
    created_at: datetime
    waiting: int
    failed: int  # given up or held: may be sent again
    last: datetime | None  # of the latest try
    down_since: datetime | None


@dataclass(frozen=True)
class TryLine:
    """One try to deliver a webhook."""

    message: int
    kind: str
    at: datetime
    took_ms: int
    status: int | None
    error: str


def messages(
    *,
    status: str = "",
    channel: str = "",
    text: str = "",
    after: int | None = None,
    before: int | None = None,
) -> Page:
    """Messages newest first; ``status`` may be ``waiting`` for all that need a person.

    ``text`` is part of a customer's name or reference, of an address or of what it is about.
    InputError: no such status.
    """
    rows = Message.objects.all()
    if status == "waiting":
        rows = rows.filter(status__in=WAITING)
    elif status:
        if status not in STATUSES:
            raise InputError(f"status: use one of {', '.join(STATUSES)}")
        rows = rows.filter(status=status)
    rows = rows.filter(channel=channel) if channel else rows.exclude(channel="webhook")
    if needle := text.strip()[:100]:
        near = people.search_ids(needle)
        rows = rows.filter(
            Q(customer__in=near) | Q(address__icontains=needle) | Q(about__icontains=needle)
        )
    if before is not None:
        found = list(rows.filter(pk__gt=before).order_by("pk")[: PAGE + 1])
        shown = found[:PAGE][::-1]
        more = shown[0].pk if len(found) > PAGE else None
        return Page(lines_of(shown), shown[-1].pk if shown else None, more)
    found = list((rows.filter(pk__lt=after) if after else rows).order_by("-pk")[: PAGE + 1])
    shown = found[:PAGE]
    following = shown[-1].pk if len(found) > PAGE else None
    return Page(lines_of(shown), following, shown[0].pk if shown and after else None)


def message(number: int) -> Line:
    """One message. NotFound: there is none of that number."""
    row = Message.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"message {number}: there is none of that number")
    return lines_of([row])[0]


def endpoints() -> list[EndpointLine]:
    """Every endpoint, the oldest first."""
    return [_endpoint(row) for row in Endpoint.objects.order_by("pk")]


def endpoint(number: int) -> EndpointLine:
    """One endpoint. NotFound: there is none of that number."""
    row = Endpoint.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"endpoint {number}: there is none of that number")
    return _endpoint(row)


def tries(number: int, limit: int = 30) -> list[TryLine]:
    """The latest tries of an endpoint, newest first."""
    rows = Try.objects.filter(message__lane=f"webhook:{number}").select_related("message")
    return [
        TryLine(
            one.message_id,
            str(one.message.data.get("payload", {}).get("type", "")),
            one.at,
            one.took_ms,
            one.status,
            one.error,
        )
        for one in rows.order_by("-pk")[:limit]
    ]


def _endpoint(row: Endpoint) -> EndpointLine:
    lane = f"webhook:{row.pk}"
    rows = Message.objects.filter(lane=lane).order_by().values_list("status")
    found = dict(rows.annotate(n=Count("pk")))
    last = Try.objects.filter(message__lane=lane).order_by("-pk").first()
    down = Lane.objects.filter(name=lane).first()
    return EndpointLine(
        row.pk,
        row.url,
        tuple(row.events),
        row.active,
        row.disabled_because,
        row.created_at,
        found.get("queued", 0) + found.get("leased", 0),
        found.get("failed", 0) + found.get("held", 0),
        last.at if last else None,
        down.down_since if down else None,
    )


def lines_of(rows: Sequence[Message]) -> list[Line]:
    """Rows as pages show them, with the customers' names."""
    cards = people.customers_of([row.customer_id for row in rows if row.customer_id])
    return [_line(row, cards.get(row.customer_id or 0)) for row in rows]


def _line(row: Message, customer: people.CustomerCard | None) -> Line:
    return Line(
        row.pk,
        row.channel,
        row.purpose,
        row.address,
        customer.shown if customer else "",
        customer.reference if customer else "",
        row.subject,
        row.text,
        row.data,
        row.because,
        row.about,
        row.status,
        row.error,
        row.attempts,
        tuple(acts(row.status, row.channel)),
        bool(row.was) and row.status in ACTS.values(),
        row.next_at,
        row.created_at,
        row.sent_at,
    )
