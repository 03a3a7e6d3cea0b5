"""Webhooks out: signed, thin, tried again, switched off."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook

from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach import endpoints, jobs, listing
from overdeliver.apps.outreach.models import Message, Try
from overdeliver.apps.people import actions as people
from overdeliver.apps.promises import actions as promises
from overdeliver.vocabulary.errors import InputError
from tests.apps.outreach.conftest import Receiver

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def send_due() -> int:
    return jobs.send_due(timezone.now(), threads=False)


def sent(receiver: Receiver) -> list[dict[str, object]]:
    return [json.loads(body) for _, body in receiver.got]


def test_a_promise_is_told_signed_and_without_a_person(shop: object, receiver: Receiver) -> None:
    number, secret = endpoints.add(receiver.url)
    people.keep_customer("c-1", name="Anna", email="anna@example.org")
    promises.place_order("o-1", placed_at=NOON, customer="c-1")
    promises.make_promise("o-1", lever="time", unit="days", promised=2, made_at=NOON)
    while deliver_due():
        pass
    send_due()
    ((headers, body),) = receiver.got
    Webhook(secret).verify(body, headers)
    told = json.loads(body)
    assert told["type"] == "promises.promise_made"
    assert set(told["data"]) == {"subject", "order"} and told["data"]["order"] == "o-1"
    assert b"Anna" not in body and b"example.org" not in body
    assert Message.objects.get().status == "sent"
    assert [one.status for one in listing.tries(number)] == [200]


def test_only_what_was_chosen_is_told(shop: object, receiver: Receiver) -> None:
    endpoints.add(receiver.url, ["promises.order_cancelled"])
    promises.place_order("o-1", placed_at=NOON)
    promises.make_promise("o-1", lever="time", unit="days", promised=2, made_at=NOON)
    promises.cancel_order("o-1")
    while deliver_due():
        pass
    send_due()
    assert [one["type"] for one in sent(receiver)] == ["promises.order_cancelled"]
    with pytest.raises(InputError):
        endpoints.add(receiver.url, ["people.customer_changed"])


def test_ten_tries_over_three_days_with_one_id_and_new_moments(
    shop: object, receiver: Receiver
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        number, _ = endpoints.add(receiver.url)
        message = endpoints.test(number)
        receiver.answers = [(500, {})] * 20
        for _ in range(40):
            if listing.message(message).status == "failed":
                break
            clock.move_to(max(listing.message(message).next_at, _resting()))
            send_due()
        hours = (datetime.now(UTC) - NOON).total_seconds() / 3600
        assert len(receiver.got) == 10 and 75.6 * 0.8 <= hours <= 75.6 * 1.2 + 1
        assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
        assert len({headers["webhook-timestamp"] for headers, _ in receiver.got}) == 10
        assert endpoints.replay(number) == 1
        receiver.answers = []
        send_due()
        assert listing.message(message).status == "sent"
        assert receiver.got[-1][0]["webhook-id"] == receiver.got[0][0]["webhook-id"]


def _resting() -> datetime:
    from overdeliver.apps.outreach.models import Lane

    row = Lane.objects.first()
    return row.paused_until if row else NOON


@pytest.mark.parametrize(("answer", "seconds"), [("600", 600), ("9999999", 86400)])
def test_who_asks_to_be_left_alone_is(
    shop: object, receiver: Receiver, answer: str, seconds: int
) -> None:
    with time_machine.travel(NOON, tick=False):
        number, _ = endpoints.add(receiver.url)
        message = endpoints.test(number)
        receiver.answers = [(429, {"Retry-After": answer})]
        send_due()
        found = listing.message(message).next_at - NOON
        assert timedelta(seconds=seconds) <= found <= timedelta(seconds=seconds * 1.2)


def test_410_switches_it_off_and_nothing_is_lost(shop: object, receiver: Receiver) -> None:
    number, _ = endpoints.add(receiver.url)
    endpoints.test(number)
    endpoints.test(number)
    receiver.answers = [(410, {})]
    send_due()
    found = listing.endpoint(number)
    assert (found.active, found.disabled_because, found.failed) == (False, "gone", 2)
    send_due()
    assert len(receiver.got) == 1
    endpoints.enable(number)
    endpoints.replay(number)
    send_due()
    assert len(receiver.got) == 3


def test_a_dead_one_is_switched_off_after_five_days(shop: object, receiver: Receiver) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        number, _ = endpoints.add("http://127.0.0.1:1/hooks")
        for hour in range(0, 24 * 6, 6):
            clock.move_to(NOON + timedelta(hours=hour))
            endpoints.test(number)
            send_due()
        assert listing.endpoint(number).disabled_because == "failing"
        assert Try.objects.filter(error="connection").exists()


def test_both_secrets_hold_for_a_day(shop: object, receiver: Receiver) -> None:
    number, old = endpoints.add(receiver.url)
    new = endpoints.change_secret(number)
    with transaction.atomic():
        endpoints.test(number)
    send_due()
    headers, body = receiver.got[0]
    Webhook(old).verify(body, headers)
    Webhook(new).verify(body, headers)
