"""Hand events to their listeners, each once, each in a transaction of its own."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from overdeliver.apps.journal.actions import acting
from overdeliver.apps.journal.events import LISTENERS, Heard
from overdeliver.apps.journal.models import Delivery

TRIES = 8
_FIRST_WAIT = timedelta(seconds=5)


def deliver_due(limit: int = 200) -> int:
    """Run the listeners that are due; returns how many ran. Safe beside other workers."""
    due = Delivery.objects.filter(
        done_at__isnull=True, given_up=False, next_at__lte=timezone.now()
    ).order_by("next_at", "id")[:limit]
    return sum(_deliver(pk) for pk in list(due.values_list("pk", flat=True)))


def _deliver(pk: int) -> bool:
    """One delivery: the listener's writes and "done" are one transaction, so it happens once."""
    now = timezone.now()
    try:
        with transaction.atomic():
            # Whoever updates first holds the row; the others find it done.
            claimed = Delivery.objects.filter(pk=pk, done_at__isnull=True, next_at__lte=now).update(
                done_at=now, error=""
            )
            if not claimed:
                return False
            row = Delivery.objects.select_related("event").get(pk=pk)
            listener = LISTENERS.get(row.event.name, {}).get(row.listener)
            if listener is None:
                raise LookupError(f"no listener {row.listener} any more")
            event = row.event
            heard = Heard(event.pk, event.name, event.subject, event.at, event.data)
            with acting("worker", cause=event.pk):
                listener(heard)
    except Exception as error:  # noqa: BLE001 - a listener's failure is its own: the others go on
        _postpone(pk, error)
    return True


def _postpone(pk: int, error: Exception) -> None:
    row = Delivery.objects.get(pk=pk)
    tries = row.attempts + 1
    Delivery.objects.filter(pk=pk, done_at__isnull=True).update(
        attempts=F("attempts") + 1,
        error=type(error).__name__,  # no text: it may hold personal data
        next_at=timezone.now() + _FIRST_WAIT * 4 ** min(tries - 1, 6),
        given_up=tries >= TRIES,
    )
