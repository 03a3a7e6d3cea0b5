"""A clock that is set back or forward: mail goes once, later at worst, and never twice."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from overdeliver.apps.outreach import listing
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.models import Message
from tests.apps.outreach.conftest import Inbox, sweep

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def write(key: str = "k") -> int:
    with transaction.atomic():
        return enqueue(
            Draft(
                key=key,
                channel="mail",
                purpose="service",
                because="",
                address="anna@example.org",
                subject="x",
                text="y",
            )
        )


def test_set_back_before_it_went_it_goes_when_its_moment_comes_again(
    shop: object, inbox: Inbox
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        number = write()
        clock.move_to(NOON - HOUR)
        sweep()
        assert not inbox.mails and listing.message(number).status == "queued"
        clock.move_to(NOON)
        for _ in range(3):
            sweep()
    assert len(inbox.mails) == 1 and listing.message(number).status == "sent"


def test_set_back_after_it_went_it_does_not_go_again(shop: object, inbox: Inbox) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        write()
        sweep()
        for moment in (NOON - HOUR, NOON, NOON + HOUR):
            clock.move_to(moment)
            sweep()
    assert len(inbox.mails) == 1


def test_a_lease_of_a_dead_worker_ends_after_the_clock_was_set_back(
    shop: object, inbox: Inbox
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        number = write()
        until = NOON + timedelta(minutes=3)
        Message.objects.filter(pk=number).update(
            status="leased", lease="gone", lease_until=until, attempts=1
        )
        clock.move_to(NOON - HOUR)
        sweep()
        assert listing.message(number).status == "leased"
        clock.move_to(NOON + timedelta(minutes=4))
        sweep()
        sweep()
    assert len(inbox.mails) == 1 and listing.message(number).status == "sent"


def test_set_forward_by_a_day_it_waits_for_a_person(shop: object, inbox: Inbox) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        number = write()
        clock.move_to(NOON + 24 * HOUR)
        sweep()
    assert (listing.message(number).status, listing.message(number).error) == ("held", "overdue")
    assert not inbox.mails


def test_set_forward_by_an_hour_all_goes_once(shop: object, inbox: Inbox) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        sent, leased = write(), write("dying")
        Message.objects.filter(pk=leased).update(
            status="leased", lease="gone", lease_until=NOON + timedelta(minutes=3), attempts=1
        )
        sweep()
        clock.move_to(NOON + HOUR)
        later = write("later")
        for _ in range(3):
            sweep()
        clock.move_to(NOON + timedelta(minutes=1))  # and back again
        sweep()
    assert {listing.message(one).status for one in (sent, leased, later)} == {"sent"}
    assert len(inbox.mails) == len({one["Message-ID"] for one in inbox.mails}) == 3
