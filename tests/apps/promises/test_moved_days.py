"""The clocks change after the promise: what was said stays, the day stays the day, all see it."""

import shutil
import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db.models import Model
from django.test import Client

from overdeliver.apps.business import actions as business
from overdeliver.apps.promises import actions, moved_days
from overdeliver.apps.promises.models import Order, Promise, Standing
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db
#: The last moment of 7 March in Almaty: five hours east of Greenwich, six by the rules until 2024.
WRITTEN = datetime(2026, 3, 7, 18, 59, 59, 999_999, tzinfo=UTC)
EARLIER = WRITTEN - timedelta(hours=1)


@pytest.fixture(autouse=True)
def _looked_at_anew() -> Iterator[None]:
    moved_days.forget()
    with time_machine.travel(NOON, tick=False):
        yield
    moved_days.forget()


@pytest.fixture
def promise(shop: object) -> str:
    """A parcel promised for 7 March."""
    actions.place_order("o-1", placed_at=NOON, service="parcel")
    days = {"lever": "time", "unit": "days", "whole": True}
    return actions.make_promise("o-1", promised=2, words="by Saturday", reference="p-1", **days)  # type: ignore[arg-type]


@pytest.fixture
def other_rules(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Almaty gets the rules of Bishkek, as a new edition of the zone data would bring them."""

    def read_from(*folders: str | Path) -> None:
        zoneinfo.reset_tzpath([str(one) for one in folders])
        zoneinfo.ZoneInfo.clear_cache()
        moved_days.forget()  # a process reads the rules when it starts

    def change() -> None:
        old = next(path for one in before if (path := Path(one) / "Asia/Bishkek").is_file())
        (tmp_path / "Asia").mkdir()
        shutil.copy(old, tmp_path / "Asia/Almaty")
        read_from(tmp_path, *before)

    before = zoneinfo.TZPATH
    yield change
    read_from(*before)


def ledger() -> list[tuple[object, ...]]:
    tables: tuple[type[Model], ...] = (Order, Promise, Standing)
    return [row for table in tables for row in table._default_manager.order_by("pk").values_list()]


def test_a_day_whose_last_hour_comes_twice_is_in_order(shop: object) -> None:
    # On 1 March 2024 Kazakhstan set the clocks back at midnight: 29 February had 25 hours.
    with time_machine.travel(datetime(2024, 2, 27, 9, tzinfo=UTC), tick=False):
        actions.place_order("o-1", placed_at=datetime(2024, 2, 27, 9, tzinfo=UTC), service="parcel")
        actions.make_promise("o-1", lever="time", promised=2, unit="days", whole=True)
        assert Promise.objects.get().due_at == datetime(
            2024, 2, 29, 18, 59, 59, 999_999, tzinfo=UTC
        )
        assert not moved_days.moved()


def test_while_the_rules_stay_nothing_is_listed(promise: str, signed_in) -> None:  # type: ignore[no-untyped-def]
    assert Promise.objects.get().due_at == WRITTEN
    assert not moved_days.moved()
    page = signed_in("owner").get("/promises/moved/").content.decode()
    assert "every promised day ends when it was written down" in page


def test_new_rules_list_the_open_days_and_change_nothing(
    promise: str, signed_in: Callable[[str], Client], other_rules: Callable[[], None]
) -> None:
    actions.make_promise("o-1", lever="time", unit="minutes", promised=5000)  # no day: never meant
    kept = actions.make_promise("o-1", lever="time", unit="days", whole=True, promised=3)
    actions.record_outcome(kept, actual=1)  # not open any more
    before = ledger()
    other_rules()
    (found,) = moved_days.moved()
    assert (found.row.reference, found.row.words) == (promise, "by Saturday")
    assert (found.day, found.row.due_at, found.ends) == (date(2026, 3, 7), WRITTEN, EARLIER)
    owner = signed_in("owner")
    page = owner.get("/promises/moved/").content.decode()
    assert "by Saturday" in page
    both = (f"{WRITTEN:%Y-%m-%dT%H:%M}+00:00", "2026-03-07T23:59+06:00")
    assert all(one in page for one in both)
    today = owner.get("/").content.decode()
    assert "/promises/moved/" in today and "1 open promise of a day ends at another moment" in today
    assert ledger() == before


def test_a_business_that_moves_sees_its_open_days_and_everybody_the_promised_day(
    promise: str, signed_in: Callable[[str], Client]
) -> None:
    business.change_business(zone="Pacific/Auckland")
    (found,) = moved_days.moved()
    assert (found.day, found.ends) == (
        date(2026, 3, 7),
        datetime(2026, 3, 7, 10, 59, 59, 999_999, UTC),
    )
    link = f"/s/{Order.objects.get().token}/"
    for page in (signed_in("owner").get("/promises/"), Client().get(link)):
        text = page.content.decode()
        assert (
            "7 March" in text and "8 March" not in text
        )  # by Auckland's clocks it ends on the 8th


def test_a_day_promised_anew_is_off_the_list(promise: str, other_rules: Callable[[], None]) -> None:
    other_rules()
    days = {"lever": "time", "unit": "days", "whole": True}
    actions.make_promise("o-1", promised=2, revises=promise, **days)  # type: ignore[arg-type]
    assert not moved_days.moved()
    assert Standing.objects.get(latest=True).due_at == EARLIER


@pytest.mark.parametrize(("after", "verdict"), [(-1, "met"), (+1, "broken")])
def test_an_outcome_counts_by_the_day_of_the_wall(
    promise: str, other_rules: Callable[[], None], after: int, verdict: str
) -> None:
    """A minute before and after midnight by the new clocks."""
    other_rules()
    happened = EARLIER + timedelta(minutes=after)
    with time_machine.travel(happened + timedelta(minutes=1), tick=False):
        assert actions.record_outcome(promise, happened_at=happened) == verdict


def test_what_was_brought_in_keeps_the_zone_it_came_with(shop: object) -> None:
    actions.place_order("o-2", placed_at=NOON, batch="b")
    business.change_business(zone="America/Sao_Paulo")
    days = {"lever": "time", "unit": "days", "whole": True}
    actions.make_promise("o-2", promised=2, made_at=NOON, batch="b", **days)  # type: ignore[arg-type]
    business.change_business(zone="Asia/Almaty")
    assert not moved_days.moved()
