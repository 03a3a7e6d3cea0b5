"""Who answers for a complaint."""

from django.db import transaction

from overdeliver.apps.journal.actions import record
from overdeliver.apps.recovery import events
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.stepping import case_row
from overdeliver.vocabulary.errors import Conflict


def take(number: int, staff: int) -> None:
    """Take a complaint that nobody has (``staff``: the id).

    NotFound: no such complaint; Conflict: somebody else has it.
    """
    with transaction.atomic():
        row = case_row(number)
        if row.owner_id == staff:
            return
        if not Case.objects.filter(pk=number, owner__isnull=True).update(owner_id=staff):
            raise Conflict(f"complaint {number}: somebody else has taken it")
        record(events.CaseTaken(subject=f"case:{number}", owner=f"staff:{staff}"))


def assign(number: int, staff: int | None) -> None:
    """Give a complaint to somebody, whoever has it; None: to nobody. NotFound: no such one."""
    with transaction.atomic():
        case_row(number)
        if Case.objects.filter(pk=number).exclude(owner_id=staff).update(owner_id=staff):
            owner = f"staff:{staff}" if staff else ""
            record(events.CaseTaken(subject=f"case:{number}", owner=owner))
