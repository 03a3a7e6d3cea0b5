"""Uploaded files are kept for a while only: they hold what customers are called."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.intake import events, uploads
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.intake.rules.steps import WORK
from overdeliver.apps.journal.actions import record
from overdeliver.apps.people.events import RETENTION
from overdeliver.apps.people.rules import RetentionPolicy

#: What never got as far as the ledger is given up with its file.
_UNFINISHED = ("mapped", "checked", "undone")


def prune_uploads(limit: int = 50) -> int:
    """Remove files some days after the last step of their import; returns how many imports.

    The days are those of the retention policy; 0 keeps them for ever. The report's counts stay,
    and what was stored can still be undone: only the file, its first rows and the samples go.
    """
    days = business.policy(RetentionPolicy).uploads_days
    if not days:
        return 0
    old = Upload.objects.filter(changed_at__lt=timezone.now() - timedelta(days=days))
    due = old.exclude(state__in=WORK).exclude(files=[]).order_by("pk")
    gone = sum(prune(row) for row in due[:limit])
    if gone:
        with transaction.atomic():
            record(events.FilesForgotten(subject=RETENTION, imports=gone))
    return gone


def prune(row: Upload) -> int:
    """Remove one import's files, first rows and samples; returns 1, or 0 if it moved meanwhile."""
    report = {name: value for name, value in row.report.items() if name != "sample"}
    with transaction.atomic():  # the row is held until the files are gone
        untouched = Upload.objects.filter(pk=row.pk, state=row.state, changed_at=row.changed_at)
        state = "dropped" if row.state in _UNFINISHED else row.state
        if not untouched.update(files=[], preview={}, report=report, state=state):
            return 0
        uploads.forget(row.reference)
    return 1
