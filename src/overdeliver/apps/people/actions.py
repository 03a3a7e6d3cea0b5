"""What is done about customers and staff."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from unicodedata import normalize

from django.db import transaction

from overdeliver.apps.people.models import ApiKey, Customer
from overdeliver.apps.people.rules import KEY_RIGHTS
from overdeliver.vocabulary.errors import InputError

FIELDS = ("name", "email", "phone", "language", "zone", "segment")


def keep_customer(reference: str, *, batch: str = "", **given: str) -> int:
    """Make a customer or bring it up to date; returns its id.

    ``given``: name, email, phone, language, zone, segment; an empty text changes nothing.
    InputError: no reference, or a field that is none.
    """
    if not reference.strip():
        raise InputError("customer: it needs a reference, such as the shop's own number")
    if unknown := set(given) - set(FIELDS):
        raise InputError(f"customer: {sorted(unknown)[0]!r} is no field")
    with transaction.atomic():
        row, _ = Customer.objects.get_or_create(reference=reference, defaults={"batch": batch})
        for name, value in given.items():
            if value and not row.erased_at:
                setattr(row, name, value)
        row.search = folded(row.name, row.email, row.phone, row.reference)
        row.save()
    return row.pk


def folded(*texts: str) -> str:
    """Texts as they are searched: no accents, no case.

    >>> folded("João Ștefan", "A@b.RO")
    'joao stefan a@b.ro'
    """
    plain = normalize("NFKD", " ".join(text for text in texts if text)).casefold()
    return "".join(c for c in plain if not "\u0300" <= c <= "\u036f")[:700]


def make_key(
    name: str,
    rights: Sequence[str],
    *,
    by: int | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a key for programs; the answer is the only time the key is seen.

    InputError: a right that keys cannot have.
    """
    if unknown := set(rights) - set(KEY_RIGHTS):
        raise InputError(f"key: the right {sorted(unknown)[0]!r} is not for keys")
    key = f"od_{secrets.token_urlsafe(32)}"
    ApiKey.objects.create(
        name=name,
        prefix=key[:12],
        hash=hashlib.sha256(key.encode()).hexdigest(),
        rights=sorted(rights),
        created_by_id=by,
        expires_at=expires_at,
    )
    return key
