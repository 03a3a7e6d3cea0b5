"""A complaint comes in: one row, one event; everything else follows from the event."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import record
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.recovery import events
from overdeliver.apps.recovery.attachments import Kept, note_files
from overdeliver.apps.recovery.clocks import due_after
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.rules.complaint import Complaint, checked


def open_case(
    given: Complaint,
    *,
    customer: int | None = None,
    order: str = "",
    key: str = "",
    at: datetime | None = None,
    files: Sequence[Kept] = (),
) -> Case:
    """Take a complaint in and promise its first answer; returns its row.

    ``customer`` (id) or else the customer of ``order``; the same ``key`` again is the same
    complaint. InputError: nothing is said, or something that cannot be used; NotFound: no such
    order.
    """
    told = checked(given)
    if order and customer is None:
        placed = promises.order(order)
        customer = placed.customer.id if placed.customer else None
    now = at or timezone.now()
    due = due_after("received", now) or now
    row = Case(
        token=secrets.token_urlsafe(24),
        customer_id=customer,
        order=order,
        touchpoint=told.touchpoint,
        object=told.object,
        severity=told.severity,
        first=told.first,
        channel=told.channel,
        language=told.language,
        text=told.text,
        name=told.name,
        contact=told.contact,
        seconds=told.seconds,
        key=key or None,
        received_at=now,
        answer_by=due,
        step_since=now,
        due_at=due,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            note_files(row, files)
            record(_opened(row))
    except IntegrityError:
        known = Case.objects.filter(key=key).first() if key else None
        if known is None:
            raise
        return known
    return row


def _opened(row: Case) -> events.CaseOpened:
    return events.CaseOpened(
        subject=f"case:{row.pk}",
        order=row.order,
        channel=row.channel,
        object=row.object,
        severity=row.severity,
        first=row.first,
        answer_by=row.answer_by,
    )
