"""Quotes of a customer who was erased keep their terms and nothing else."""

from overdeliver.apps.promises import reads as promises
from overdeliver.apps.quoting.models import Quote

_ALL = 100_000


def blank_quotes(customer: int) -> int:
    """Take the features out of the quotes of a customer's orders; returns how many there were."""
    orders = {row.order for row in promises.promises_of_customer(customer, limit=_ALL)}
    found = 0
    for start in range(0, len(orders), 500):
        some = sorted(orders)[start : start + 500]
        found += Quote.objects.filter(order__in=some).update(features={})
    return found
