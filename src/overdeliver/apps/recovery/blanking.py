"""An erased customer's complaints keep nothing of a person; the loop and its dates stay."""

from django.db import transaction

from overdeliver.apps.journal.actions import record
from overdeliver.apps.journal.append_only import lifted
from overdeliver.apps.recovery import events
from overdeliver.apps.recovery.attachments import drop_files
from overdeliver.apps.recovery.models import Attachment, Case, Incoming, Step

BLANK = "–"  # the database wants words that show a step


def blank_loose_mails() -> int:
    """Blank the mails that became no complaint: returned, written by machines, empty; how many.

    Nothing says whose they are, so an erasure takes them all; they served no purpose any more.
    """
    loose = Incoming.objects.filter(status="ignored", case=None).exclude(raw=b"")
    return loose.update(raw=b"")


def blank_cases(customer: int, reference: str) -> int:
    """Blank texts, contacts, mails and files of a customer's complaints; returns how many."""
    with transaction.atomic():
        mine = list(Case.objects.filter(customer_id=customer).values_list("pk", flat=True))
        if not mine:
            return 0
        Case.objects.filter(pk__in=mine).update(text=BLANK, name="", contact="")
        with lifted():
            Step.objects.filter(case_id__in=mine).update(words=BLANK)
        Incoming.objects.filter(case_id__in=mine).update(raw=b"")
        files = list(Attachment.objects.filter(case_id__in=mine))
        Attachment.objects.filter(case_id__in=mine).delete()
        transaction.on_commit(lambda: drop_files(files))
        record(events.CasesBlanked(subject=f"customer:{reference}", cases=len(mine)))
    return len(mine)
