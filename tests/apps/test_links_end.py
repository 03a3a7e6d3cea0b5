"""Links of customers end, so many days after nothing of what they show is open any more."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Business
from overdeliver.apps.care import sharing
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import links
from overdeliver.apps.people.models import Invitation, Staff
from overdeliver.apps.people.rules import RetentionPolicy
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.models import Order
from overdeliver.apps.recovery import actions as recovery
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.rules.complaint import Complaint
from tests.apps.recovery.conftest import STEPS

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=200)
OVER, NEARLY = timedelta(days=90, minutes=5), timedelta(days=90, minutes=-5)


@pytest.fixture
def placed(shop: Business) -> datetime:
    """An order of long ago; when it was placed."""
    at = timezone.now() - LONG_AGO
    people.keep_customer("c-1", name="Anna")
    promises.place_order("o-1", customer="c-1", service="parcel", placed_at=at)
    return at


def doors(order: str = "o-1") -> list[str]:
    """The links that hang on an order."""
    token = Order.objects.get(reference=order).token
    return [f"/s/{token}/", f"/c/o/{token}/", f"/m/{sharing.token_of(order)}/"]


def answers(paths: list[str]) -> set[int]:
    return {
        Client(REMOTE_ADDR=f"192.0.2.{n}").get(path).status_code for n, path in enumerate(paths)
    }


def promise(at: datetime, lever: str = "time", unit: str = "days", promised: float = 3) -> str:
    return promises.make_promise("o-1", lever=lever, unit=unit, promised=promised, made_at=at)


@pytest.mark.parametrize(("ago", "expected"), [(NEARLY, 200), (OVER, 404)])
def test_the_page_of_an_order_ends_90_days_after_its_last_promise_was_settled(
    placed: datetime, ago: timedelta, expected: int
) -> None:
    first, last = promise(placed), promise(placed, "cost", "KZT", 100)
    promises.record_outcome(first, happened_at=placed + timedelta(days=2))
    promises.record_outcome(last, actual=90, observed_at=timezone.now() - ago)
    assert answers(doors()) == {expected}


def test_it_never_ends_while_a_promise_is_open_or_overdue_and_nobody_said_what_came(
    placed: datetime,
) -> None:
    promises.record_outcome(promise(placed), happened_at=placed + timedelta(days=2))
    promise(placed, "cost", "KZT", 100)
    assert answers(doors()) == {200}


def test_an_order_of_which_nothing_is_known_does_not_end(placed: datetime) -> None:
    assert answers(doors()) == {200}


def test_of_a_revised_promise_the_last_counts(placed: datetime) -> None:
    first = promise(placed)
    promises.make_promise("o-1", lever="time", unit="days", promised=300, revises=first)
    assert answers(doors()) == {200}


@pytest.mark.parametrize(("ago", "expected"), [(NEARLY, 200), (OVER, 404)])
def test_an_order_taken_back_waits_for_nothing(
    placed: datetime, ago: timedelta, expected: int
) -> None:
    promise(placed, "cost", "KZT", 100)
    promises.cancel_order("o-1")
    Order.objects.update(cancelled_at=timezone.now() - ago)
    assert answers(doors()[:2]) == {expected}


def test_an_ended_link_is_answered_like_one_that_never_was(placed: datetime) -> None:
    promises.record_outcome(promise(placed), happened_at=placed)
    for path in doors():
        unknown = path.rsplit("/", 2)[0] + "/" + "A" * 32 + "/"
        ended, never = Client().get(path), Client().get(unknown)
        assert (ended.status_code, ended.content) == (never.status_code, never.content), path
        assert ended.headers["Cache-Control"] == never.headers["Cache-Control"]
    assert not Case.objects.exists()
    assert Client().post(doors()[1], {"text": "The lid came broken"}).status_code == 404
    assert not Case.objects.exists()


@pytest.mark.parametrize(("days", "expected"), [(0, 200), (30, 404), (250, 200)])
def test_the_days_are_a_setting(placed: datetime, days: int, expected: int) -> None:
    business.set_policy(RetentionPolicy(links_days=days))
    promises.record_outcome(promise(placed), happened_at=placed)
    row = closed(LONG_AGO)
    assert answers([*doors(), f"/c/k/{row.token}/"]) == {expected}


def closed(ago: timedelta) -> Case:
    """A complaint that went through its loop; it was closed so long ago."""
    row = recovery.open_case(Complaint(text="The lid came broken", contact="anna@example.org"))
    for name, told in STEPS:
        recovery.do_named(
            row.pk,
            name,
            recovery.Told(**told),
            cause="labels missing",
            change="labels checked",
            change_owner="Dana",
        )
    Case.objects.filter(pk=row.pk).update(closed_at=timezone.now() - ago)
    row.refresh_from_db()
    assert row.status == "closed"
    return row


@pytest.mark.parametrize(("ago", "expected"), [(NEARLY, 200), (OVER, 404)])
def test_the_page_of_a_complaint_ends_90_days_after_it_was_closed(
    shop: Business, ago: timedelta, expected: int
) -> None:
    row = closed(ago)
    assert answers([f"/c/k/{row.token}/"]) == {expected}
    if expected == 404:
        for act in ("judge", "choose"):
            page = f"/c/k/{row.token}/{act}"
            assert Client().post(page, {"good": "no", "choice": "redo"}).status_code == 404
        never = Client().get(f"/c/k/{'A' * 32}/")
        assert Client().get(f"/c/k/{row.token}/").content == never.content


def test_an_open_complaint_does_not_end_and_a_part_of_one_ends_with_it(shop: Business) -> None:
    open_one = recovery.open_case(Complaint(text="The lid came broken"))
    Case.objects.filter(pk=open_one.pk).update(received_at=timezone.now() - LONG_AGO)
    part = recovery.open_case(Complaint(text="The lid, once more"))
    recovery.merge(part.pk, open_one.pk)
    pages = [f"/c/k/{open_one.token}/", f"/c/k/{part.token}/"]
    assert answers(pages) == {200}
    whole = closed(OVER)
    Case.objects.filter(pk=part.pk).update(merged_into=whole)
    assert answers([pages[1]]) == {404}


def test_an_invitation_ends_after_three_days_and_a_link_for_a_password_after_an_hour(
    shop: Business, staff: Callable[[str], Staff]
) -> None:
    invited = links.invite("new@example.org", "agent", by=None)
    forgot = links.password_link(staff("agent").pk)
    spans = {
        row.staff_id is None: row.expires_at - row.created_at for row in Invitation.objects.all()
    }
    assert abs(spans[True] - timedelta(hours=72)) < timedelta(minutes=1)
    assert abs(spans[False] - timedelta(hours=1)) < timedelta(minutes=1)
    pages = [f"/join/{invited}/", f"/password/{forgot}/"]
    assert answers(pages) == {200}
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert answers(pages) == {404}
