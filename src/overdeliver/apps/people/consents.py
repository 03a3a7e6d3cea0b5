"""What customers agreed to, purpose by purpose; every yes and no stays."""

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import record
from overdeliver.apps.people import events
from overdeliver.apps.people.models import Consent, Customer
from overdeliver.apps.people.rules import PURPOSES
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound


def note_consent(reference: str, purpose: str, given: bool, *, source: str, text: str = "") -> None:
    """Write down a customer's yes or no to a purpose; the same again changes nothing.

    ``source``: where it was said (checkout, page, phone, unsubscribe, import); ``text``: the words
    agreed to. InputError: no such purpose, or no source; NotFound: no such customer; Conflict: the
    customer was erased.
    """
    if purpose not in PURPOSES:
        raise InputError(f"purpose {purpose!r}: use one of {', '.join(PURPOSES)}")
    if not source.strip():
        raise InputError("source: say where the customer said so")
    with transaction.atomic():
        row = Customer.objects.select_for_update().filter(reference=reference).first()
        if row is None:
            raise NotFound(f"customer {reference!r}: there is none of that reference")
        if row.erased_at:
            raise Conflict(f"customer {reference}: erased; nothing can be written down any more")
        last = Consent.objects.filter(customer=row, purpose=purpose).order_by("-at", "-id").first()
        if last is not None and last.given == given:
            return
        Consent.objects.create(
            customer=row,
            purpose=purpose,
            given=given,
            source=source.strip()[:100],
            text=text.strip(),
            at=timezone.now(),
        )
        event = events.ConsentGiven if given else events.ConsentWithdrawn
        record(event(subject=f"customer:{reference}", purpose=purpose))  # the rest stands above
