"""The answer to a complaint is promised on an order that is no purchase: no thanks for that."""

from datetime import UTC, datetime, timedelta

import pytest

from overdeliver.apps.care import plans
from overdeliver.apps.care.models import Run
from overdeliver.apps.journal import jobs as journal
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.reads import customer
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises import fates
from overdeliver.apps.promises.rules import NO_PURCHASE

pytestmark = pytest.mark.django_db


def test_a_complaints_order_sets_no_plan_off_and_counts_as_no_purchase(shop: object) -> None:
    plans.make_starters()
    plans.switch("order", True)
    people.keep_customer("c-1", name="Anna", email="anna@example.org")
    now = datetime.now(UTC)
    for reference, channel in (("o-1", "shop"), ("case-1", NO_PURCHASE)):
        placed = now - timedelta(hours=1 if channel == "shop" else 2)
        promises.place_order(reference, customer="c-1", placed_at=placed, channel=channel)
    while journal.deliver_due():
        pass
    assert {run.order for run in Run.objects.all()} <= {"o-1"} and Run.objects.exists()
    assert fates.first_order_of(customer("c-1").id) == "o-1"
    assert fates.latest(9) == ["o-1"]
    assert len(fates.moments_of([customer("c-1").id])[customer("c-1").id]) == 1
