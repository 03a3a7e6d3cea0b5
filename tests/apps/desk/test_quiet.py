"""A shop that has switched its webhook off says nothing, and that is noticed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.desk import reads
from overdeliver.apps.intake import sources
from overdeliver.apps.intake.models import Received, Source

pytestmark = pytest.mark.django_db
SEES = {"settings.see"}
#: Every hour of the opening hours, closed on Sundays.
HOURS = [
    datetime(2026, 3, day, hour, tzinfo=UTC)
    for day in range(1, 15)
    for hour in range(8, 20)
    if day not in (1, 8)
]


@pytest.fixture
def source(shop: object) -> Source:
    slug, _ = sources.add("woocommerce", "Corner shop")
    row = Source.objects.get(slug=slug)
    called(row, HOURS)
    return row


def called(row: Source, moments: list[datetime]) -> None:
    for moment in moments:
        call = Received.objects.create(source=row, key=f"{moment}", body="{}", next_at=moment)
        Received.objects.filter(pk=call.pk).update(at=moment, processed_at=moment, result="done")


@pytest.mark.parametrize(
    ("hours", "noticed"), [(1, False), (13, False), (37, False), (110, False), (112, True)]
)
def test_a_shop_is_quiet_when_it_is_silent_three_times_as_long_as_ever(
    source: Source, hours: float, noticed: bool
) -> None:
    facts = reads.today(HOURS[-1] + timedelta(hours=hours), SEES)
    assert bool(facts) == noticed, "its longest silence was 37 hours, over a Sunday"


def test_the_line_says_since_when_and_leads_to_its_calls(
    source: Source, signed_in: Callable[[str], Client]
) -> None:
    now = HOURS[-1] + timedelta(days=6)
    (fact,) = reads.today(now, SEES)
    assert (fact.name, fact.url) == ("Corner shop", f"/settings/sources/{source.slug}/")
    assert "No call since" in fact.because[0] and "webhook" in fact.because[0]
    client = signed_in("manager")
    assert client.get(fact.url).status_code == 200
    shown = client.get(f"/today/why/{fact.key}/").content.decode()
    assert "after five failures in a row" in shown
    assert client.post("/today/mark", {"key": fact.key, "state": "done"}).status_code == 302
    assert not reads.today(now, SEES)
    called(source, [now, now + timedelta(hours=1)])
    (again,) = reads.today(now + timedelta(days=30), SEES)
    assert again.key != fact.key, "the next silence is another"


def test_who_called_seldom_or_is_switched_off_is_not_waited_for(source: Source) -> None:
    later = timezone.now() + timedelta(days=300)
    Source.objects.update(active=False)
    assert not reads.today(later, SEES)
    Source.objects.update(active=True)
    Received.objects.exclude(pk__in=Received.objects.order_by("-at")[:19]).delete()
    assert not reads.today(later, SEES)


def test_who_may_not_see_the_settings_is_not_told(source: Source) -> None:
    assert not reads.today(HOURS[-1] + timedelta(days=6), {"today.see"})
