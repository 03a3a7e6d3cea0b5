"""A worker that dies at any step of sending: nothing is lost, a double can be told by its id."""

import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from overdeliver.apps.outreach import endpoints, hooks, listing, mail, net, outbox
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.carriers import carries, drop_carrier
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.answers import SENT, Outcome
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.reads import customer
from tests.apps.outreach.conftest import Inbox, Receiver, sweep

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 9, tzinfo=UTC)
LATER = timedelta(minutes=4)  # longer than any lease


class Killed(BaseException):
    """What nothing in the house catches, as nothing can hold kill -9."""


def write(key: str = "k", **more: Any) -> int:
    told = {"channel": "mail", "purpose": "service", "because": "", "address": "anna@example.org"}
    with transaction.atomic():
        return enqueue(Draft(key=key, **{**told, "subject": "x", "text": "y", **more}))


def dies(at: Any, name: str, *, after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies as something begins, or just after it was done."""
    real: Callable[..., Any] = getattr(at, name)

    def do(*args: Any, **more: Any) -> Any:
        if after:
            real(*args, **more)
        raise Killed

    monkeypatch.setattr(at, name, do)


def unanswered(self: smtplib.SMTP, data: bytes) -> None:
    """All of the mail is handed over; the worker dies before it hears what came of it."""
    self.putcmd("data")
    self.getreply()
    self.send(data + b"\r\n.\r\n")
    raise Killed


MAIL = {
    "before the lease": (outbox, "_take", False, 1),
    "after the lease": (outbox, "_may_go", False, 1),
    "rendered": (mail, "made", True, 1),
    "connected": (mail.Post, "ready", True, 1),
    "after the last dot": (smtplib.SMTP, "data", None, 2),
    "after it was taken": (outbox, "settle", False, 2),
    "after it was marked": (outbox, "settle", True, 1),
}
WEBHOOK = {
    "before the lease": (outbox, "_take", False, 1),
    "after the lease": (outbox, "_may_go", False, 1),
    "rendered": (hooks, "signed", True, 1),
    "before the call": (net, "_connect", False, 1),
    "after the call": (net, "fetch", True, 2),
    "after it was taken": (outbox, "settle", False, 2),
    "after it was marked": (outbox, "settle", True, 1),
}


def crash(
    clock: Any, step: tuple[Any, str, bool | None, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sweep that dies at a step, then the sweeps of another worker, when the lease is over."""
    at, name, after, _ = step
    with monkeypatch.context() as dying:
        if after is None:
            dying.setattr(at, name, unanswered)
        else:
            dies(at, name, after=after, monkeypatch=dying)
        with pytest.raises(Killed):
            sweep()
    for _ in range(3):
        clock.move_to(datetime.now(UTC) + LATER)
        sweep()


@pytest.mark.parametrize("step", MAIL)
def test_a_mail_survives_a_crash_at_any_step(
    step: str, shop: object, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        number = write()
        crash(clock, MAIL[step], monkeypatch)
    assert len(inbox.mails) == MAIL[step][3]
    assert len({one["Message-ID"] for one in inbox.mails}) == 1
    assert listing.message(number).status == "sent"


@pytest.mark.parametrize("step", WEBHOOK)
def test_a_webhook_survives_a_crash_at_any_step(
    step: str, shop: object, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        message = endpoints.test(endpoints.add(receiver.url)[0])
        crash(clock, WEBHOOK[step], monkeypatch)
    assert len(receiver.got) == WEBHOOK[step][3]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert listing.message(message).status == "sent"


@pytest.mark.parametrize("channel", ["letter", "gift", "call"])
def test_what_must_not_go_twice_waits_for_a_person_after_a_crash(
    channel: str, shop: object
) -> None:
    went: list[int] = []

    @carries(channel)
    def dying(parcel: Any) -> Outcome:
        went.append(parcel.id)
        raise Killed

    try:
        with time_machine.travel(NOON, tick=False) as clock:
            number = write(channel=channel)
            with pytest.raises(Killed):
                sweep()
            for _ in range(4):
                clock.move_to(datetime.now(UTC) + 2 * LATER)
                sweep()
    finally:
        drop_carrier(channel)
    assert went == [number] and listing.message(number).status == "unknown"
    assert listing.message(number).acts == ("done", "cancel")


def test_poison_is_parked_and_holds_nobody_up(
    shop: object, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = mail.made

    def made(parcel: Any, unsubscribe: str = "") -> Any:
        if parcel.subject == "poison":
            raise RecursionError("secret of anna@example.org")
        return real(parcel, unsubscribe)

    monkeypatch.setattr(mail, "made", made)
    with time_machine.travel(NOON, tick=False) as clock:
        poison = write("p", subject="poison")
        others = [write(f"k-{n}", text="y" * (10_000_000 if n == 0 else 10)) for n in range(5)]
        sweep()
        assert {listing.message(one).status for one in others} == {"sent"}
        for _ in range(8):
            row = listing.message(poison)
            if row.status != "queued":
                break
            clock.move_to(row.next_at)
            sweep()
    found = Message.objects.get(pk=poison)
    assert (found.status, found.error, found.attempts) == ("failed", "broken", 6)


def test_of_a_customer_who_is_erased_meanwhile_only_what_was_on_its_way_goes(
    shop: object, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.keep_customer("c-1", name="Anna", email="anna@example.org")
    mine = customer("c-1").id
    erased: list[bool] = []

    @carries("call")
    def erasing(parcel: Any) -> Outcome:
        erased.append(people.erase_customer("c-1"))
        return SENT

    try:
        going = write("a", channel="call", customer=mine)
        rest = [write(f"k-{n}", customer=mine) for n in range(3)]
        sweep()
        sweep()
    finally:
        drop_carrier("call")
    assert erased == [True] and listing.message(going).status == "sent"
    assert not inbox.mails
    assert {listing.message(one).status for one in rest} == {"cancelled"}


HEADERS = ["\r\nBcc: x@evil.example", "\nBcc: x@evil.example", "\rBcc: x@evil.example"]


@pytest.mark.parametrize("bad", HEADERS)
@pytest.mark.parametrize("place", ["subject", "address", "business", "because"])
def test_no_line_break_makes_a_header(
    place: str, bad: str, shop: Any, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = write("other")
    if place == "business":
        shop.name = f"Shop{bad}"
        shop.save()
        number = write()
    else:
        number = write()
        said = {"address": f"anna@example.org{bad}"}.get(place, f"x{bad}")
        Message.objects.filter(pk=number).update(**{place: said})
    sweep()
    assert listing.message(other).status == "sent", "the batch goes on"
    assert listing.message(number).status in ("sent", "failed")
    assert not any(one["Bcc"] for one in inbox.mails)
    assert {one["To"] for one in inbox.mails} == {"anna@example.org"}


@pytest.mark.parametrize(
    "name",
    ['Anna, "Ann" <x@evil.example>', "Aigerim 🎁 Әйгерім", "x" * 200, "A;B", "=?utf-8?q?x?="],
)
def test_any_name_of_a_business_is_one_sender(name: str, shop: Any, inbox: Inbox) -> None:
    shop.name = name
    shop.save()
    write()
    sweep()
    (got,) = inbox.mails
    (sender,) = got["From"].addresses
    assert sender.addr_spec == "overdeliver@localhost" and got["Bcc"] is None
