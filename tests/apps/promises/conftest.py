"""Orders and promises for the tests of this chapter."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from overdeliver.apps.business.models import Business, Service, ServiceClass
from overdeliver.apps.promises import actions
from tests.apps.conftest import NOON


@pytest.fixture(autouse=True)
def _no_misses() -> None:
    cache.clear()


@pytest.fixture
def order(shop: Business) -> str:
    """An order of the courier, placed at noon."""
    return actions.place_order(
        "o-1", placed_at=NOON, customer="c-1", service="courier", segment="regular", channel="web"
    )


@pytest.fixture
def estimates(shop: Business) -> Service:
    """A service whose promise is a ceiling in euros."""
    return Service.objects.create(slug="crown", name="Crown", lever="cost", unit="EUR", whole=False)


@pytest.fixture
def cabins(shop: Business) -> Service:
    """A service with two classes, economy below business."""
    row = Service.objects.create(slug="seat", name="Seat", lever="service", unit="class")
    for rank, name in enumerate(("economy", "business"), 1):
        ServiceClass.objects.create(service=row, name=name, rank=rank)
    return row


@pytest.fixture
def courier(shop: Business) -> Callable[..., str]:
    """Makes a promise of the courier and, with ``took``, its outcome; answers its reference."""

    def make(number: int, *, took: float | None = None, days_ago: float = 3, **more: Any) -> str:
        made = timezone.now() - timedelta(days=days_ago)
        order = {"service": "courier", "segment": "regular", "channel": "web", **more}
        terms = {name: order.pop(name) for name in ("promised", "level") if name in order}
        placed = actions.place_order(f"o-{number}", placed_at=made, **order)
        promise = actions.make_promise(
            placed,
            lever="time",
            unit="minutes",
            made_at=made,
            reference=f"p-{number}",
            **{"promised": 60, **terms},
        )
        if took is not None:
            actions.record_outcome(promise, happened_at=made + timedelta(minutes=took))
        return promise

    return make
