"""Addresses that must not be written to: kept as hashes, so the list survives an erasure."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import record
from overdeliver.apps.outreach import events
from overdeliver.apps.outreach.models import Message, SoftBounce, Suppressed
from overdeliver.apps.outreach.rules.asking import AskingPolicy, asked_enough
from overdeliver.apps.outreach.rules.bounces import rests_until
from overdeliver.apps.people import reads as people
from overdeliver.apps.people.details import mail_address
from overdeliver.vocabulary.errors import InputError, NotFound

REASONS = ("hard_bounce", "complaint", "by_hand")


def hash_of(address: str) -> str:
    """The hash of an address, whatever its case."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()


def block_reason(address: str) -> str:
    """Why an address must not be written to; empty: it may be."""
    row = Suppressed.objects.filter(hash=hash_of(address)).first()
    return row.reason if row else ""


def blocked_since(address: str) -> datetime | None:
    """Since when an address is blocked; None: it is not. InputError: it is no address."""
    row = Suppressed.objects.filter(hash=hash_of(mail_address(address.strip()))).first()
    return row.at if row else None


def block(address: str, reason: str = "by_hand") -> None:
    """Never write to an address again; a second time changes nothing.

    InputError: no address, no such reason.
    """
    if reason not in REASONS:
        raise InputError(f"reason {reason!r}: use one of {', '.join(REASONS)}")
    hash_ = hash_of(mail_address(address.strip()))
    with transaction.atomic():
        _, made = Suppressed.objects.get_or_create(
            hash=hash_, defaults={"reason": reason, "at": timezone.now()}
        )
        if made:
            record(events.AddressBlocked(subject=f"address:{hash_[:16]}", reason=reason))


def unblock(address: str) -> None:
    """An address may be written to again. NotFound: it was not blocked."""
    hash_ = hash_of(address)
    with transaction.atomic():
        if not Suppressed.objects.filter(hash=hash_).delete()[0]:
            raise NotFound("address: it is not blocked")
        record(events.AddressUnblocked(subject=f"address:{hash_[:16]}"))


def counts() -> Mapping[str, int]:
    """How many addresses are blocked, by reason."""
    found = Suppressed.objects.order_by().values_list("reason").annotate(n=Count("pk"))
    return dict.fromkeys(REASONS, 0) | dict(found)


def note_soft(address: str, message: int, at: datetime) -> None:
    """Write down that an address could not be reached just then; once for a message."""
    SoftBounce.objects.get_or_create(hash=hash_of(address), message_id=message, defaults={"at": at})


def resting_until(address: str, now: datetime) -> datetime | None:
    """Until when an address that could not be reached again and again rests; None: it does not."""
    recent = SoftBounce.objects.filter(hash=hash_of(address), at__gt=now - timedelta(days=60))
    return rests_until(list(recent.values_list("at", flat=True)), now)


def unwanted(row: Message) -> str:
    """Why nobody wants a message any more, asked at the last moment; empty: it is wanted."""
    if row.channel == "webhook":
        return ""
    if row.customer_id and not people.agreed_to(row.purpose, [row.customer_id]):
        return "no_consent"
    blocked = block_reason(row.address) if row.channel == "mail" else ""
    if blocked and (row.purpose != "staff" or blocked == "hard_bounce"):
        return "blocked"  # staff come in by their mail, whatever they said as customers
    # Two chapters may have asked at the same moment, neither seeing the other: the first one goes.
    asks = row.purpose == "asking" and row.customer_id
    if asks and asked_lately(row.customer_id or 0, row.created_at, before=row.pk):
        return "cooldown"
    return ""


def asked_lately(customer: int, now: datetime, *, key: str = "", before: int | None = None) -> bool:
    """Whether a customer has been asked, or is about to be, within the cooldown before ``now``.

    Left aside is the message ``key`` itself; with ``before`` those written after that number.
    """
    going = Message.objects.filter(
        customer_id=customer,
        purpose="asking",
        status__in=["queued", "leased", "held", "sent", "unknown"],
    ).exclude(key=key)
    if before is not None:
        going = going.filter(pk__lt=before)
    last = going.order_by("-created_at").values_list("created_at", flat=True).first()
    return asked_enough(last, now, business.policy(AskingPolicy))
