"""Addresses that must not be written to: kept as hashes, so the list survives an erasure."""

import hashlib

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import record
from overdeliver.apps.outreach import events
from overdeliver.apps.outreach.models import Suppressed
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
