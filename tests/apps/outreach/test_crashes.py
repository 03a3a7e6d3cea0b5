"""A worker that dies with a message in its hands, and messages that break their carrier."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from overdeliver.apps.business import actions as business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.outreach import carriers, listing
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.answers import Outcome
from overdeliver.apps.outreach.rules.channels import CHANNELS
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.reads import customer
from tests.apps.outreach.conftest import Inbox, sweep

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def write(**changes: Any) -> int:
    draft = Draft(
        key="k-1",
        channel="mail",
        purpose="service",
        because="outreach.because.promise_revised",
        address="anna@example.org",
        subject="Your order",
        text="Hello Anna",
    )
    with transaction.atomic():
        return enqueue(replace(draft, **changes))


def events(number: int) -> set[str]:
    return {one.name for one in journal.life(f"message:{number}")}


@pytest.fixture
def courier() -> Iterator[Callable[[Callable[[carriers.Parcel], Outcome]], None]]:
    """A carrier of gifts for one test; nobody carries them afterwards."""

    def hire(how: Callable[[carriers.Parcel], Outcome]) -> None:
        carriers.carries("gift")(how)

    yield hire
    carriers.drop_carrier("gift")


@pytest.mark.parametrize(("tries", "status"), [(1, "sent"), (CHANNELS["mail"].tries, "failed")])
def test_what_a_dead_worker_had_goes_again_until_its_tries_are_over(
    shop: object, inbox: Inbox, tries: int, status: str
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        number = write()
        Message.objects.update(
            status="leased", lease="dead", lease_until=NOON + timedelta(minutes=1), attempts=tries
        )
        sweep()
        assert not inbox.mails  # it may be alive still
        clock.move_to(NOON + timedelta(minutes=2))
        sweep()
    assert listing.message(number).status == status
    assert len(inbox.mails) == (status == "sent")
    assert f"outreach.message_{status}" in events(number)


def test_a_gift_that_may_have_gone_is_not_sent_again_by_itself(
    shop: object, courier: Callable[..., None]
) -> None:
    def breaks(_: carriers.Parcel) -> Outcome:
        raise ValueError("Анна")

    courier(breaks)
    with time_machine.travel(NOON, tick=False):
        number = write(channel="gift", address="")
        sweep()
        sweep()
    found = listing.message(number)
    assert (found.status, found.error) == ("unknown", "broken")
    assert "outreach.message_unknown" in events(number)


def test_a_mail_that_breaks_its_carrier_stops_no_other_and_is_tried_again(
    shop: object, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from overdeliver.apps.outreach import mail

    whole = mail.made

    def picky(parcel: carriers.Parcel, unsubscribe: str = "") -> Any:
        if parcel.subject == "odd":
            raise RuntimeError("Анна")
        return whole(parcel, unsubscribe)

    monkeypatch.setattr(mail, "made", picky)
    with time_machine.travel(NOON, tick=False):
        odd, plain = write(subject="odd"), write(key="k-2")
        sweep()
    assert (listing.message(odd).status, listing.message(odd).error) == ("queued", "broken")
    assert listing.message(plain).status == "sent"


def test_a_new_try_neither_wakes_anybody_nor_comes_too_late(shop: object, inbox: Inbox) -> None:
    business.set_policy(OutboxPolicy(quiet_from=21, quiet_to=8, quiet_purposes=("reassurance",)))
    people.keep_customer("c-1", email="anna@example.org", zone="Europe/Bucharest")
    anna, late = customer("c-1").id, datetime(2026, 3, 5, 18, 59, 30, tzinfo=UTC)
    with time_machine.travel(late, tick=False):  # half a minute before nine there
        calm = write(purpose="reassurance", customer=anna)
        inbox.answers = ["450 4.2.0 later"]
        sweep()
        night = write(key="k-2", purpose="reassurance", customer=anna, not_after=late)
        inbox.answers = ["450 4.2.0 later"]
        sweep()
    assert listing.message(calm).next_at == datetime(2026, 3, 6, 6, tzinfo=UTC)
    assert (listing.message(night).status, listing.message(night).error) == ("held", "late")


def test_what_would_come_after_its_moment_in_the_morning_is_held_in_the_night(
    shop: object, inbox: Inbox
) -> None:
    business.set_policy(OutboxPolicy(quiet_from=21, quiet_to=8, quiet_purposes=("reassurance",)))
    people.keep_customer("c-1", email="anna@example.org", zone="Europe/Bucharest")
    night = datetime(2026, 3, 5, 20, tzinfo=UTC)
    with time_machine.travel(night, tick=False):
        number = write(
            purpose="reassurance",
            customer=customer("c-1").id,
            not_after=night + timedelta(hours=2),
        )
        sweep()
    assert (listing.message(number).status, listing.message(number).error) == ("held", "late")
    assert not inbox.mails
