"""What other chapters may know of messages: what waits for a person, how many of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Count
from django.utils import timezone

from overdeliver.apps.outreach.models import Lane, Message
from overdeliver.apps.outreach.rules.statuses import STATUSES, WAITING


@dataclass(frozen=True)
class MessageCard:
    """A message in a list; ``about`` is the journal's subject it belongs to (``promise:p-1``)."""

    id: int
    channel: str
    purpose: str
    subject: str
    status: str
    reason: str  # a short code: why it is held, failed or cancelled
    about: str
    customer: int | None
    created_at: datetime
    next_at: datetime


def held(limit: int = 100) -> list[MessageCard]:
    """Messages that wait for a person to send or drop them (unknown ones too), the oldest first."""
    rows = Message.objects.filter(status__in=["held", "unknown"]).exclude(channel="webhook")
    return [card(row) for row in rows.order_by("pk")[:limit]]


def failed(limit: int = 100) -> list[MessageCard]:
    """Messages given up after all tries, the oldest first; webhooks have a log of their own."""
    rows = Message.objects.filter(status="failed").exclude(channel="webhook")
    return [card(row) for row in rows.order_by("pk")[:limit]]


@dataclass(frozen=True)
class Waiter:
    """A message that waits for a person; ``because`` is a short code of ours (``late``)."""

    reference: str  # message:NUMBER
    channel: str
    purpose: str
    status: str
    because: str
    created_at: datetime


def waiting_for_person(limit: int = 100) -> list[Waiter]:
    """Every message a person has to look at, the oldest first; webhooks and letters have pages of
    their own, and with made-up data nothing is to be sent.
    """
    rows = Message.objects.filter(status__in=WAITING).exclude(channel__in=["webhook", "letter"])
    rows = rows.exclude(error="demo").order_by("pk")
    return [
        Waiter(f"message:{row.pk}", row.channel, row.purpose, row.status, row.error, row.created_at)
        for row in rows[:limit]
    ]


def counts() -> Mapping[str, int]:
    """How many messages there are of every status."""
    found = Message.objects.order_by().values_list("status").annotate(n=Count("pk"))
    return dict.fromkeys(STATUSES, 0) | dict(found)


def takes_mail(address: str) -> bool:
    """Whether mail can be addressed so; what was imported is kept as it came and may be none."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def no_mail_server() -> bool:
    """Whether mail has no way out because none was set."""
    return not settings.KNOBS["mail_url"]


def held_because(reason: str) -> int:
    """How many mails are held for a reason (``no_mail_server``)."""
    return Message.objects.filter(status="held", channel="mail", error=reason).count()


def late(now: datetime | None = None) -> int:
    """How many are due and not yet taken: 0, or a few seconds' worth, where a worker is at work."""
    at = now or timezone.now()
    return Message.objects.filter(status="queued", next_at__lt=at).count()


@dataclass(frozen=True)
class MailTrouble:
    """Mail does not go out: since when, why (a short code), how many mails wait for it to go."""

    since: datetime
    because: str
    waiting: int


def mail_trouble() -> MailTrouble | None:
    """The trouble with the mail server, or None: it takes mail, or there is none for it."""
    row = Lane.objects.filter(name="mail").first()
    waiting = Message.objects.filter(lane="mail", status__in=["queued", "leased"]).count()
    return MailTrouble(row.down_since, row.because, waiting) if row and waiting else None


def of_customer(customer: int, limit: int = 10) -> list[MessageCard]:
    """The latest messages to a customer (id), newest first."""
    rows = Message.objects.filter(customer_id=customer).order_by("-pk")
    return [card(row) for row in rows[:limit]]


def about(subject: str, limit: int = 20) -> list[MessageCard]:
    """The messages about something (``promise:p-1``), newest first."""
    return [card(row) for row in Message.objects.filter(about=subject).order_by("-pk")[:limit]]


def card(row: Message) -> MessageCard:
    """A row as a card."""
    return MessageCard(
        row.pk,
        row.channel,
        row.purpose,
        row.subject,
        row.status,
        row.error,
        row.about,
        row.customer_id,
        row.created_at,
        row.next_at,
    )
