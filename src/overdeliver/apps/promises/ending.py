"""When the page of an order ends: so many days after nothing about the order was open any more."""

from datetime import datetime, timedelta

from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.people.rules import RetentionPolicy
from overdeliver.apps.promises.models import Order, Standing
from overdeliver.apps.promises.rules import finished_at


def page_over(order: Order, now: datetime | None = None) -> bool:
    """Whether the order's page is opened no longer; never while a promise of it is open.

    The days are those of the retention policy; 0 keeps the page for ever.
    """
    days = business.policy(RetentionPolicy).links_days
    if not days:
        return False
    rows = Standing.objects.filter(order_id=order.pk, latest=True)
    settled = rows.values_list("settled_at", flat=True)
    ended = finished_at(settled, order.completed_at, order.cancelled_at)
    return ended is not None and ended + timedelta(days=days) <= (now or timezone.now())
