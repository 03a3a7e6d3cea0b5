"""The named procedure that erases a person's data; money, promises and outcomes stay."""

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import record
from overdeliver.apps.journal.append_only import lifted
from overdeliver.apps.people import events
from overdeliver.apps.people.models import Consent, Customer
from overdeliver.vocabulary.errors import NotFound

#: What a row keeps of a person: nothing but the reference, to which orders are tied.
BLANK = {
    "name": "",
    "email": "",
    "phone": "",
    "postal": "",
    "language": "",
    "zone": "",
    "segment": "",
    "search": "",
    "keep_until": None,
}


def erase_customer(reference: str, *, because: str = "asked") -> bool:
    """Blank a person's data for good; the chapters above hear ``people.customer_erased``.

    ``because``: asked, or retention. Returns False for one erased before. NotFound: no such
    customer.
    """
    with transaction.atomic():
        found = Customer.objects.filter(reference=reference)
        row = found.first()
        if row is None:
            raise NotFound(f"customer {reference!r}: there is none of that reference")
        erased = found.filter(erased_at__isnull=True).update(erased_at=timezone.now(), **BLANK)
        if not erased:
            return False
        with lifted():
            Consent.objects.filter(customer=row).update(text="", source="erased")
        record(
            events.CustomerErased(subject=f"customer:{reference}", customer=row.pk, because=because)
        )
    return True
