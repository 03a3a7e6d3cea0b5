"""Complaints that are the same, and whose they are: proposed by reads, done by a person."""

from django.db import transaction

from overdeliver.apps.journal.actions import record
from overdeliver.apps.outreach.belonging import give_to
from overdeliver.apps.people import reads as people
from overdeliver.apps.recovery import events
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.stepping import case_row
from overdeliver.vocabulary.errors import Conflict, InputError


def merge(number: int, into: int) -> None:
    """Make a complaint part of another; its own loop rests, and it can be undone.

    NotFound: one of them is not there; InputError: into itself; Conflict: one of them is closed or
    is part of a third already.
    """
    if number == into:
        raise InputError("into: a complaint cannot be part of itself")
    with transaction.atomic():
        row, other = case_row(number), case_row(into)
        if row.status == "closed" or other.status == "closed":
            raise Conflict(f"complaint {number}: closed ones stay as they are")
        if other.merged_into_id:
            raise Conflict(f"complaint {into}: it is part of complaint {other.merged_into_id}")
        if Case.objects.filter(merged_into_id=number).exists():
            raise Conflict(f"complaint {number}: others are part of it; merge them first")
        free = Case.objects.filter(pk=number, merged_into__isnull=True)
        if not free.update(merged_into_id=into):
            raise Conflict(f"complaint {number}: it is part of another one already")
        record(events.CaseMerged(subject=f"case:{number}", into=into))


def unmerge(number: int) -> None:
    """Undo a merge: the complaint goes on where it stood. Conflict: it is not merged."""
    with transaction.atomic():
        case_row(number)
        if not Case.objects.filter(pk=number, merged_into__isnull=False).update(merged_into=None):
            raise Conflict(f"complaint {number}: it is part of no other")
        record(events.CaseMerged(subject=f"case:{number}", into=0))


def link_customer(number: int, reference: str) -> None:
    """Say whose complaint it is. NotFound: no such complaint or customer; Conflict: erased."""
    with transaction.atomic():
        case_row(number)
        card = people.customer(reference.strip())
        if card.erased_at:
            raise Conflict(f"customer {reference}: erased; nothing can be tied to it any more")
        if Case.objects.filter(pk=number).exclude(customer_id=card.id).update(customer_id=card.id):
            give_to(f"case:{number}", card.id)
            record(events.CaseLinked(subject=f"case:{number}", customer=card.reference))
