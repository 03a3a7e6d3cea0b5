"""The outbox: what was written goes out once, at its time, or waits for a person."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from overdeliver.apps.business import actions as business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.outreach import actions, blocking, jobs, listing, reads
from overdeliver.apps.outreach.actions import enqueue
from overdeliver.apps.outreach.models import Lane, Message
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.reads import customer
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound
from tests.apps.outreach.conftest import MAIL, Inbox, write

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def send_due() -> int:
    return jobs.send_due(timezone.now(), threads=False)


def status(number: int) -> str:
    return listing.message(number).status


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written(shop: object) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        enqueue(MAIL)
    assert reads.counts()["queued"] == 0


@pytest.mark.django_db(transaction=True)
def test_a_message_shares_the_fate_of_its_transaction(shop: object) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue(MAIL)
        raise ZeroDivisionError
    assert reads.counts()["queued"] == 0


def test_the_same_reason_twice_is_one_message(shop: object) -> None:
    assert write() == write(subject="Again")
    assert Message.objects.get().subject == "Your order"
    assert [one.name for one in journal.life(f"message:{write()}")] == ["outreach.message_queued"]


@pytest.mark.parametrize("address", ["", "nobody", "a@b\r\nBcc: x@y.org", "a b@example.org"])
def test_mail_needs_an_address(shop: object, address: str) -> None:
    with pytest.raises(InputError):
        write(address=address)
    with pytest.raises(InputError, match="pigeon"):
        write(channel="pigeon")


def test_mail_goes_out_once_with_its_id(shop: object, inbox: Inbox) -> None:
    number = write(subject="Your\r\nBcc: x@y.org order")
    assert send_due() == 1
    assert send_due() == 0
    (mail,) = inbox.mails
    assert mail["To"] == "anna@example.org" and mail["Bcc"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == Message.objects.get().message_id
    assert "it comes on Friday" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "<p>it comes on Friday.</p>" in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert status(number) == "sent"
    names = [one.name for one in journal.life(f"message:{number}")]
    assert set(names) == {"outreach.message_queued", "outreach.message_sent"}


def test_without_a_mail_server_nothing_is_lost(
    shop: object, no_server: None, settings: Settings
) -> None:
    numbers = [write(key=f"k-{n}") for n in range(3)]
    send_due()
    assert {listing.message(n).error for n in numbers} == {"no_mail_server"}
    assert reads.counts()["held"] == 3
    assert actions.release_all("no_mail_server") == 3
    assert reads.counts()["queued"] == 3


def test_it_waits_for_its_moment_and_never_goes_after_it(shop: object, inbox: Inbox) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        soon = write(not_before=NOON + timedelta(hours=1))
        late = write(key="k-2", not_after=NOON + timedelta(minutes=1), not_before=NOON)
        clock.move_to(NOON + timedelta(minutes=2))
        send_due()
        assert (status(soon), status(late)) == ("queued", "held")
        assert listing.message(late).error == "late" and not inbox.mails
        clock.move_to(NOON + timedelta(hours=1))
        send_due()
        assert status(soon) == "sent"
        actions.release(late)
        send_due()
        assert status(late) == "sent"


def test_after_an_outage_and_a_restoring_a_person_looks(
    shop: object, inbox: Inbox, settings: Settings, tmp_path: Path
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        old = write()
        clock.move_to(NOON + timedelta(hours=7))
        send_due()
        assert listing.message(old).error == "overdue"
        before = write(key="k-2")
        later = write(key="k-3", not_before=NOON + timedelta(hours=8))
        settings.DATA = tmp_path
        (tmp_path / "restored-at").write_text((NOON + timedelta(hours=7.5)).isoformat())
        clock.move_to(NOON + timedelta(hours=8))
        send_due()
        assert listing.message(before).error == "restored"
        assert status(later) == "sent" and len(inbox.mails) == 1


def test_people_are_not_written_to_while_they_sleep(shop: object, inbox: Inbox) -> None:
    business.set_policy(OutboxPolicy(quiet_from=21, quiet_to=8, quiet_purposes=("reassurance",)))
    people.keep_customer("c-1", name="Anna", email="anna@example.org", zone="Europe/Bucharest")
    late = datetime(2026, 3, 5, 20, tzinfo=UTC)  # 22:00 in Bucharest
    with time_machine.travel(late, tick=False) as clock:
        asked = write(purpose="reassurance", customer=customer("c-1").id)
        told = write(key="k-2", customer=customer("c-1").id)
        send_due()
        assert (status(asked), status(told)) == ("queued", "sent")
        assert listing.message(asked).next_at == datetime(2026, 3, 6, 6, tzinfo=UTC)
        clock.move_to(datetime(2026, 3, 6, 6, tzinfo=UTC))
        send_due()
        assert status(asked) == "sent"


def test_a_mailing_without_a_way_out_of_it_does_not_go(shop: object, inbox: Inbox) -> None:
    with time_machine.travel(NOON, tick=False):
        number = write(purpose="marketing")  # to no customer, so nobody could unsubscribe
        send_due()
    assert listing.message(number).error == "no_unsubscribe" and not inbox.mails


def test_who_said_no_or_is_blocked_gets_nothing(shop: object, inbox: Inbox) -> None:
    people.keep_customer("c-1", name="Anna", email="anna@example.org")
    with time_machine.travel(NOON, tick=False):  # while people are awake
        asked = write(purpose="asking", customer=customer("c-1").id)
        blocking.block("Boris@example.org", "complaint")
        stopped = write(key="k-2", address="boris@example.org")
        send_due()
    assert not inbox.mails
    assert (listing.message(asked).error, listing.message(stopped).error) == (
        "no_consent",
        "blocked",
    )
    assert status(asked) == status(stopped) == "cancelled"


def test_a_server_that_asks_for_patience_gets_it(shop: object, inbox: Inbox) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        number = write()
        inbox.answers = ["450 4.2.0 later"]
        send_due()
        row = listing.message(number)
        assert (row.status, row.error, row.attempts) == ("queued", "mail_450", 1)
        assert 48 <= (row.next_at - NOON).total_seconds() <= 72
        clock.move_to(NOON + timedelta(seconds=73))
        send_due()
        assert status(number) == "sent" and len(inbox.mails) == 1


def test_nobody_of_that_address_is_never_tried_again(shop: object, inbox: Inbox) -> None:
    inbox.answers = ["550 5.1.1 no such user", "552 5.2.2 full"]
    first, second = write(), write(key="k-2", address="b@example.org")
    send_due()
    assert (status(first), status(second)) == ("failed", "failed")
    assert blocking.block_reason("anna@example.org") and not blocking.block_reason("b@example.org")
    assert len(reads.failed()) == 2


def test_a_server_that_is_away_costs_no_try(shop: object, inbox: Inbox, settings: Settings) -> None:
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    with time_machine.travel(NOON, tick=False) as clock:
        numbers = [write(key=f"k-{n}") for n in range(3)]
        send_due()
        send_due()
        assert Lane.objects.get().because == "mail_unreachable"
        assert [listing.message(n).attempts for n in numbers] == [0, 0, 0]
        settings.EMAIL_PORT = there
        for minute in (1, 2):
            clock.move_to(NOON + timedelta(minutes=minute))
            send_due()
        assert {status(n) for n in numbers} == {"sent"} and not Lane.objects.exists()


@pytest.mark.parametrize(("channel", "then"), [("mail", "queued"), ("letter", "unknown")])
def test_a_worker_that_died(shop: object, channel: str, then: str) -> None:
    number = write(channel=channel, not_before=timezone.now() + timedelta(hours=1))
    past = timezone.now() - timedelta(seconds=1)
    Message.objects.update(status="leased", lease="x", lease_until=past)
    send_due()
    assert status(number) == then


def test_what_a_person_does_by_hand_waits_for_him(shop: object) -> None:
    number = write(channel="letter", address="")
    send_due()
    assert listing.message(number).acts == ("done", "cancel")
    with pytest.raises(Conflict):
        actions.release(number)
    actions.mark_done(number)
    assert status(number) == "sent"
    actions.take_back(number)
    assert status(number) == "held"
    actions.cancel(number)
    assert status(number) == "cancelled"
    with pytest.raises(NotFound):
        actions.cancel(10**9)


def test_a_draft_waits(shop: object, inbox: Inbox) -> None:
    number = write(by_hand=True)
    send_due()
    assert status(number) == "held" and not inbox.mails
    (card,) = reads.waiting_for_person()
    assert (card.reference, card.because) == (f"message:{number}", "draft")
    actions.release(number)
    with pytest.raises(Conflict):
        actions.release(number)
    send_due()
    assert status(number) == "sent"
