"""What is done about customers, staff and keys."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import record
from overdeliver.apps.people import events
from overdeliver.apps.people.consents import note_consent
from overdeliver.apps.people.details import cleaned, read_where_possible
from overdeliver.apps.people.erasure import erase_customer
from overdeliver.apps.people.folding import folded
from overdeliver.apps.people.links import first_link
from overdeliver.apps.people.models import ApiKey, Customer
from overdeliver.apps.people.rules import KEY_RIGHTS
from overdeliver.apps.people.staffing import make_owner
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

__all__ = [
    "FIELDS",
    "change_customer",
    "erase_customer",
    "first_link",
    "keep_customer",
    "make_key",
    "make_owner",
    "note_consent",
    "revoke_key",
]

FIELDS = ("name", "email", "phone", "postal", "language", "zone", "segment")


def keep_customer(reference: str, *, batch: str = "", **given: str) -> int:
    """Make a customer or bring it up to date; returns its id.

    ``given``: name, email, phone, postal, language, zone, segment; an empty text changes nothing.
    Data of an import (``batch``) are tidied where they can be read, else kept as they came.
    InputError: no reference, a field that is none, or (outside an import) one that is wrong.
    """
    reference = reference.strip()
    if not reference or len(reference) > 200 or "\x00" in reference:
        raise InputError("customer: it needs a reference, such as the shop's own number")
    said = {name: value for name, value in _known(given).items() if value.strip()}
    if said:
        tidy = read_where_possible if batch else cleaned
        said = {name: value for name, value in tidy(said, _country()).items() if value}
    with transaction.atomic():
        row, new = Customer.objects.get_or_create(
            reference=reference,
            defaults={"batch": batch, **said, "search": _search(reference, said)},
        )
        if not new and not row.erased_at:
            _write(row, said)
    return row.pk


def change_customer(reference: str, **given: str) -> None:
    """Change a customer's details by hand; an empty text clears one.

    InputError: a field is wrong or none; NotFound: no such customer; Conflict: it was erased.
    """
    said = cleaned(_known(given), _country())
    with transaction.atomic():
        row = Customer.objects.select_for_update().filter(reference=reference).first()
        if row is None:
            raise NotFound(f"customer {reference!r}: there is none of that reference")
        if row.erased_at:
            raise Conflict(f"customer {reference}: erased; nothing can be written down any more")
        if changed := _write(row, said):
            record(events.CustomerChanged(subject=f"customer:{reference}", fields=tuple(changed)))


def make_key(
    name: str,
    rights: Sequence[str],
    *,
    by: int | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a key for programs; the answer is the only time the key is seen.

    InputError: no name, no right, a right that keys cannot have, or an end that has passed.
    """
    if not name.strip():
        raise InputError("name: say which program the key is for")
    if unknown := set(rights) - set(KEY_RIGHTS):
        raise InputError(f"rights: {sorted(unknown)[0]!r} is not for keys")
    if expires_at is not None and expires_at <= timezone.now():
        raise InputError("expires: that day is over already")
    key = f"od_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        row = ApiKey.objects.create(
            name=name.strip()[:100],
            prefix=key[:12],
            hash=hashlib.sha256(key.encode()).hexdigest(),
            rights=sorted(rights),
            created_by_id=by,
            expires_at=expires_at,
        )
        record(events.KeyMade(subject=f"key:{row.pk}", rights=tuple(sorted(rights))))
    return key


def revoke_key(number: int) -> None:
    """A key works no longer, for good; the second time changes nothing. NotFound: no such key."""
    with transaction.atomic():
        found = ApiKey.objects.filter(pk=number)
        if found.filter(revoked_at__isnull=True).update(revoked_at=timezone.now()):
            record(events.KeyRevoked(subject=f"key:{number}"))
        elif not found.exists():
            raise NotFound(f"key {number}: there is none of that number")


def _known(given: dict[str, str]) -> dict[str, str]:
    if unknown := set(given) - set(FIELDS):
        raise InputError(f"customer: {sorted(unknown)[0]!r} is no field")
    return {name: value or "" for name, value in given.items()}


def _country() -> str:
    here = business.business()
    return here.country if here else ""


def _write(row: Customer, said: dict[str, str]) -> list[str]:
    """Write the details that differ; returns their names."""
    changed = [name for name, value in said.items() if getattr(row, name) != value]
    if changed:
        now = {name: getattr(row, name) for name in FIELDS} | said
        Customer.objects.filter(pk=row.pk).update(
            **{name: said[name] for name in changed}, search=_search(row.reference, now)
        )
    return changed


def _search(reference: str, said: dict[str, str]) -> str:
    return folded(said.get("name", ""), said.get("email", ""), said.get("phone", ""), reference)
