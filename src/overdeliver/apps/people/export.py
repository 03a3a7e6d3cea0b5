"""A person's data as one JSON document: articles 15 and 20 of the GDPR."""

from typing import Any

from overdeliver.apps.journal import reads as journal
from overdeliver.apps.journal.events import plain
from overdeliver.apps.people import listing
from overdeliver.apps.people.card_parts import data_of
from overdeliver.apps.people.models import Customer
from overdeliver.vocabulary.errors import NotFound

SCHEMA = "overdeliver.person/1"
_FIELDS = ("reference", "name", "email", "phone", "postal", "language", "zone", "segment")


def person(reference: str) -> dict[str, Any]:
    """Everything held about a customer, as JSON values. NotFound: none of that reference."""
    row = Customer.objects.filter(reference=reference).first()
    if row is None:
        raise NotFound(f"customer {reference!r}: there is none of that reference")
    return {
        "schema": SCHEMA,
        "customer": {
            name: plain(getattr(row, name)) for name in (*_FIELDS, "created_at", "erased_at")
        },
        "consents": [
            {
                "purpose": one.purpose,
                "given": one.given,
                "source": one.source,
                "text": one.text,
                "at": one.at.isoformat(),
            }
            for line in listing.consents(row.pk)
            for one in line.history
        ],
        "journal": [
            {"at": entry.at.isoformat(), "what": entry.name, "data": plain(entry.data)}
            for entry in journal.life(f"customer:{reference}")
        ],
        **data_of(row.pk),
    }
