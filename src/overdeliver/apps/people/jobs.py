"""What this chapter does by itself: forget customers whose time is over."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.people import calls
from overdeliver.apps.people.card_parts import last_seen
from overdeliver.apps.people.erasure import erase_customer
from overdeliver.apps.people.models import Customer
from overdeliver.apps.people.rules import RetentionPolicy

_MONTH = timedelta(days=30.4375)


def forget_due(limit: int = 200) -> int:
    """Erase customers with whom nothing has happened for the months the policy says.

    Off while the policy says 0 months. Returns how many rows were looked at. Safe beside other
    workers: an erasure is one conditional UPDATE.
    """
    months = business.policy(RetentionPolicy).customers_months
    if not months:
        return 0
    now = timezone.now()
    before = now - months * _MONTH
    due = Customer.objects.filter(erased_at__isnull=True, created_at__lt=before).filter(
        Q(keep_until__isnull=True) | Q(keep_until__lt=now)
    )
    rows = list(due.order_by("created_at")[:limit])
    seen = last_seen([row.pk for row in rows])
    for row in rows:
        _forget(row, seen.get(row.pk, row.created_at), before, months)
    return len(rows)


def _forget(row: Customer, seen: datetime, before: datetime, months: int) -> None:
    if seen < before:
        erase_customer(row.reference, because="retention")
    else:
        Customer.objects.filter(pk=row.pk).update(keep_until=seen + months * _MONTH)


def prune_calls() -> int:
    """Forget old answers to calls; returns how many."""
    return calls.prune()
