"""What is kept of quotes, and for how long: a customer's own, and those that nobody accepted."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import blank_inputs, record
from overdeliver.apps.people.events import RETENTION
from overdeliver.apps.people.rules import RetentionPolicy
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.quoting import events
from overdeliver.apps.quoting.models import Quote

_ALL = 100_000
_PART = 500
_SAID = ("reference", "order", "service", "lever", "promised", "unit", "level", "low", "high")
_GIVEN = (*_SAID, "due_at", "words", "because", "features", "made_at", "accepted_at")


def blank_quotes(customer: int) -> int:
    """Take the features out of the quotes of a customer's orders; returns how many there were.

    They stood in the decision behind each quote as well.
    """
    found = 0
    with transaction.atomic():
        for some in _orders(customer):
            rows = Quote.objects.filter(order__in=some)
            _blank_decisions(rows)
            found += rows.update(features={})
    return found


def quotes_of(customer: int) -> list[dict[str, Any]]:
    """The quotes a customer accepted, the first first: what was asked, said and known then."""
    found: list[dict[str, Any]] = []
    for some in _orders(customer):
        found += Quote.objects.filter(order__in=some).values(*_GIVEN)
    return sorted(found, key=lambda one: (one["made_at"], one["reference"]))


def prune_quotes(limit: int = 1_000) -> int:
    """Forget quotes that nobody accepted, some days after they ran out; returns how many.

    The days are those of the retention policy; 0 keeps them for ever.
    """
    days = business.policy(RetentionPolicy).quotes_days
    if not days:
        return 0
    before = timezone.now() - timedelta(days=days)
    due = Quote.objects.filter(accepted_at=None, expires_at__lt=before)
    some = list(due.order_by("pk").values_list("pk", flat=True)[:limit])
    if not some:
        return 0
    with transaction.atomic():
        rows = Quote.objects.filter(pk__in=some, accepted_at=None)
        _blank_decisions(rows)
        gone = rows.delete()[0]
        if gone:
            record(events.QuotesForgotten(subject=RETENTION, quotes=gone))
    return gone


def _blank_decisions(rows: QuerySet[Quote]) -> None:
    told = rows.filter(decision__isnull=False).values_list("decision", flat=True)
    blank_inputs([number for number in told if number is not None])


def _orders(customer: int) -> list[list[str]]:
    rows = promises.promises_of_customer(customer, limit=_ALL)
    orders = sorted({row.order for row in rows})
    return [orders[start : start + _PART] for start in range(0, len(orders), _PART)]
