"""What is kept of quotes, and for how long: a customer's own, and those that nobody accepted."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.people.rules import RetentionPolicy
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.quoting.models import Quote

_ALL = 100_000
_PART = 500
_SAID = ("reference", "order", "service", "lever", "promised", "unit", "level", "low", "high")
_GIVEN = (*_SAID, "due_at", "words", "because", "features", "made_at", "accepted_at")


def blank_quotes(customer: int) -> int:
    """Take the features out of the quotes of a customer's orders; returns how many there were."""
    found = 0
    for some in _orders(customer):
        found += Quote.objects.filter(order__in=some).update(features={})
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
    return Quote.objects.filter(pk__in=some, accepted_at=None).delete()[0] if some else 0


def _orders(customer: int) -> list[list[str]]:
    rows = promises.promises_of_customer(customer, limit=_ALL)
    orders = sorted({row.order for row in rows})
    return [orders[start : start + _PART] for start in range(0, len(orders), _PART)]
