"""Made-up data are filled in once, also where the worker was killed in between."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.business import reads
from overdeliver.apps.promises.models import Order, Promise
from overdeliver.server import demo

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A business of 150 orders to be made up."""
    monkeypatch.setattr(business, "DEMO_ORDERS", 150)
    business.begin("webshop", "en", "Shop", "GB", "Europe/London", "GBP", demo=True)
    business.ask_for_demo()


def test_a_killed_filling_is_taken_up_again_when_its_lease_has_run_out(asked: None) -> None:
    assert business.take_demo() and not business.take_demo()
    demo.fill("webshop", "en", "Europe/London", 150)  # killed before it said that it was done
    orders, promises = Order.objects.count(), Promise.objects.count()
    assert orders > 100 and demo.fill_asked() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert demo.fill_asked() == 1
        assert demo.fill_asked() == 0
    here = reads.business()
    assert here is not None and here.made_up == "done"
    assert orders <= Order.objects.count() <= orders + 5
    assert promises <= Promise.objects.count() <= promises + 5


def test_nobody_fills_in_what_was_not_asked_for(shop: object) -> None:
    assert demo.fill_asked() == 0 and not Order.objects.exists()
