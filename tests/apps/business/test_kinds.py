"""A fixed fault: what services there are was remembered for ever."""

import pytest

from overdeliver.apps.business import reads
from overdeliver.apps.business.models import Business, Service

pytestmark = pytest.mark.django_db


def test_a_service_added_later_is_known_at_once(shop: Business) -> None:
    before = reads.service_kinds()
    Service.objects.create(slug="later", name="Later", lever="cost", unit="EUR")
    assert [*before, ("later", "cost", "EUR")] == reads.service_kinds()
