"""What happens by itself: mail comes in, deadlines pass."""

import imaplib
import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import acting, record
from overdeliver.apps.recovery import events, incoming
from overdeliver.apps.recovery.inbox import fetch, mailbox
from overdeliver.apps.recovery.models import Case
from overdeliver.vocabulary.errors import InputError

_LOG = logging.getLogger(__name__)


def poll_mail() -> int:
    """Take in what is new in the mailbox; returns how many. 0 where none is set or reachable."""
    address = settings.KNOBS.get("mailbox_url", "")
    if not address:
        return 0
    try:
        return fetch(mailbox(address))
    except (OSError, imaplib.IMAP4.error, InputError) as error:
        _LOG.warning("the mailbox cannot be read: %s", type(error).__name__)
        return 0


def read_mail() -> int:
    """Make complaints of the mails that wait; returns how many were looked at."""
    with acting("customer"):
        return incoming.read_waiting()


def forget_mails() -> int:
    """Blank what mails held, a month after they were read; returns how many."""
    return incoming.forget_raw()


def escalate_due(limit: int = 100) -> int:
    """Tell of steps that were not done in time, once each; returns how many."""
    now = timezone.now()
    late = Case.objects.filter(due_at__lte=now, escalated_at__isnull=True)
    late = late.filter(merged_into__isnull=True).exclude(status="closed").order_by("due_at")
    return sum(_escalate(number) for number in list(late.values_list("pk", flat=True)[:limit]))


def _escalate(number: int) -> int:
    now = timezone.now()
    with transaction.atomic(), acting("worker"):
        found = Case.objects.filter(pk=number, due_at__lte=now, escalated_at__isnull=True)
        if not found.update(escalated_at=now):
            return 0
        row = Case.objects.get(pk=number)
        if row.due_at is None:
            return 0
        record(events.Escalated(subject=f"case:{number}", status=row.status, due_at=row.due_at))
    return 1
