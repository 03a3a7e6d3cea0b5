"""A shop with its plans on, and customers who order."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from overdeliver.apps.business.actions import set_policy
from overdeliver.apps.business.models import Business
from overdeliver.apps.care import plans
from overdeliver.apps.care.jobs import do_due
from overdeliver.apps.care.models import Due, Task
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.models import Customer
from overdeliver.apps.promises import actions as promises

Order = Callable[..., str]


@pytest.fixture
def caring(shop: Business) -> Business:
    """The shop: nobody is held out, nobody rests, and the plan after an order is on."""
    set_policy(CarePolicy(held_out=0))
    set_policy(OutboxPolicy(quiet_from=0, quiet_to=0))
    plans.make_starters()
    plans.switch("order", True)
    return shop


@pytest.fixture
def order(caring: Business) -> Order:
    """Somebody orders; returns the order's reference. What listens has heard of it."""

    def make(
        reference: str = "A-1",
        customer: str = "c-1",
        *,
        hours_ago: float = 1,
        at: datetime | None = None,
        **details: str,
    ) -> str:
        given = {"name": "Aigerim Санжар", "email": "a@example.org", "phone": "+77011234567"}
        people.keep_customer(customer, **{**given, "postal": "Abai 1\nAlmaty", **details})
        placed = at or timezone.now() - timedelta(hours=hours_ago)
        promises.place_order(reference, placed_at=placed, customer=customer, service="parcel")
        deliver_due()
        return reference

    return make


@pytest.fixture
def who() -> Callable[..., Customer]:
    """A customer's row by its reference."""

    def find(reference: str = "c-1") -> Customer:
        return Customer.objects.get(reference=reference)

    return find


@pytest.fixture
def called(order: Order) -> Task:
    """An order whose steps have been done: a call stands in the list."""
    order()
    Due.objects.update(next_at=timezone.now())
    do_due()
    return Task.objects.get()
