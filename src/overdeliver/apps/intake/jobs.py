"""What the worker does with files: looks, checks, imports, undoes; a bounded step at a time."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from overdeliver.apps.intake import events
from overdeliver.apps.intake.forgetting import forget_calls as forget_calls
from overdeliver.apps.intake.holding import LEASE
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.intake.pruning import prune_uploads as prune_uploads
from overdeliver.apps.intake.receiving import process_received as process_received
from overdeliver.apps.intake.rules.steps import TRIES, WORK
from overdeliver.apps.journal.actions import acting, record
from overdeliver.vocabulary.errors import InputError

_LOG = logging.getLogger(__name__)
_PAUSE = timedelta(seconds=5)


def import_due(only: str = "") -> int:
    """Take one file one step further; returns 1, or 0 when nothing is due.

    Safe beside other workers and against being killed: a step begun elsewhere is taken up again
    when its lease has run out. ``only``: this file alone.
    """
    row = _claim(only)
    if row is None:
        return 0
    with acting(row.by):
        try:
            _step(row.state)(row)
        except InputError as error:
            fail(row, str(error))
        except Exception as error:  # noqa: BLE001 - one file must not stop the worker
            _LOG.exception("import %s: %s failed", row.reference, row.state)
            _postpone(row, error)
    return 1


def fail(row: Upload, text: str) -> None:
    """The step has failed for good; the page says why."""
    with transaction.atomic():
        if Upload.objects.filter(pk=row.pk, state=row.state).update(
            state="failed", error=text, lease_until=None, changed_at=timezone.now()
        ):
            record(events.ImportFailed(subject=f"import:{row.reference}", step=row.state))


def _step(state: str) -> Callable[[Upload], None]:
    # Loaded here: Arrow is needed by the few workers that import, not by every process.
    from overdeliver.apps.intake import steps

    found: Mapping[str, Callable[[Upload], None]] = {
        "looking": steps.look,
        "checking": steps.check,
        "importing": steps.bring_in,
        "undoing": steps.take_back,
    }
    return found[state]


def _claim(only: str) -> Upload | None:
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    due = Upload.objects.filter(free, state__in=WORK)
    if only:
        due = due.filter(reference=only)
    for pk in list(due.order_by("changed_at", "pk").values_list("pk", flat=True)[:5]):
        claimed = Upload.objects.filter(free, pk=pk, state__in=WORK).update(
            lease_until=now + LEASE, attempts=F("attempts") + 1
        )
        if not claimed:
            continue
        row = Upload.objects.get(pk=pk)
        if row.attempts <= TRIES:
            return row
        fail(row, f"this step was begun {TRIES} times and never ended; the file may be too large")
    return None


def _postpone(row: Upload, error: Exception) -> None:
    if row.attempts >= TRIES:
        fail(row, f"the work stopped unexpectedly ({type(error).__name__}); try again")
        return
    Upload.objects.filter(pk=row.pk, state=row.state).update(lease_until=timezone.now() + _PAUSE)
