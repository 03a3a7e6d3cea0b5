"""What a receiver of webhooks may answer, and what follows."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import pytest
import time_machine
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from overdeliver.apps.outreach import endpoints, listing, net
from overdeliver.apps.outreach.models import Lane
from overdeliver.apps.outreach.rules.channels import JITTER, channel, wait_after
from tests.apps.outreach.conftest import Receiver, sweep
from tests.apps.outreach.test_net import strange

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_only_a_yes_is_a_yes(shop: object, receiver: Receiver, status: int) -> None:
    message = endpoints.test(endpoints.add(receiver.url)[0])
    receiver.answers = [(status, {})]
    sweep()
    assert listing.message(message).status == "sent" and not Lane.objects.exists()


@pytest.mark.parametrize(
    ("status", "least"),
    [
        *((code, 5) for code in (300, 301, 302, 303, 304, 307, 308)),
        *((code, 5) for code in (400, 401, 403, 404, 408, 500, 501, 503)),
        *((code, 30) for code in (429, 502, 504)),
    ],
)
def test_a_no_is_tried_again_and_a_redirect_is_a_no(
    shop: object, receiver: Receiver, status: int, least: int
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        message = endpoints.test(endpoints.add(receiver.url)[0])
        receiver.answers = [(status, {"Location": f"{receiver.url}/elsewhere"})]
        sweep()
        row = listing.message(message)
        assert (row.status, row.error, len(receiver.got)) == ("queued", f"http_{status}", 1)
        wait = (row.next_at - NOON).total_seconds()
        assert least * (1 - JITTER) <= wait <= least * (1 + JITTER)
        clock.move_to(max(row.next_at, Lane.objects.get().paused_until))
        sweep()
        assert listing.message(message).status == "sent" and len(receiver.got) == 2
    first, second = (headers for headers, _ in receiver.got)
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-timestamp"] < second["webhook-timestamp"]
    assert receiver.got[0][1] == receiver.got[1][1]


def test_who_does_not_answer_is_tried_again(
    shop: object, open_door: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(net, "fetch", partial(net.fetch, seconds=0.3))
    with strange(b"", drip=False) as silent:
        message = endpoints.test(endpoints.add(silent)[0])
        sweep()
    row = listing.message(message)
    assert (row.status, row.error) == ("queued", "timeout")


def test_who_has_no_certificate_in_order_is_told_nothing(shop: object, receiver: Receiver) -> None:
    secure = receiver.url.replace("http://", "https://")
    message = endpoints.test(endpoints.add(secure)[0])
    sweep()
    assert (listing.message(message).status, listing.message(message).error) == ("queued", "tls")
    assert not receiver.got


def test_the_ten_tries_take_three_days_a_fifth_more_or_less() -> None:
    waits = channel("webhook").waits
    assert channel("webhook").tries == 10
    assert sum(waits) == timedelta(hours=75, minutes=35, seconds=5).total_seconds()
    for attempt, wait in enumerate(waits, start=1):
        for chance, spread in ((0.0, 1 - JITTER), (0.5, 1.0), (1.0, 1 + JITTER)):
            found = wait_after("webhook", attempt, chance)
            assert found is not None and found.total_seconds() == pytest.approx(wait * spread)
    assert wait_after("webhook", 10, 0.5) is None


@pytest.mark.parametrize(("hours", "kept"), [(5, 5), (23.9, 23.9), (30, 24)])
@pytest.mark.parametrize("dated", [False, True])
def test_who_asks_for_peace_gets_it_for_a_day_at_most(
    shop: object, receiver: Receiver, hours: float, kept: float, dated: bool
) -> None:
    until = NOON + timedelta(hours=hours)
    asked = format_datetime(until, usegmt=True) if dated else str(int(hours * 3600))
    with time_machine.travel(NOON, tick=False) as clock:
        number, _ = endpoints.add(receiver.url)
        message, other = endpoints.test(number), endpoints.test(number)
        receiver.answers = [(503, {"Retry-After": asked})]
        sweep()
        assert listing.message(message).next_at == NOON + timedelta(hours=kept)
        clock.move_to(NOON + timedelta(hours=kept, seconds=-1))
        sweep()
        assert len(receiver.got) == 1, "the others wait too"
        clock.move_to(NOON + timedelta(hours=kept))
        sweep()
        assert {listing.message(one).status for one in (message, other)} == {"sent"}


def test_the_old_secret_signs_for_a_day_and_no_longer(shop: object, receiver: Receiver) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        number, old = endpoints.add(receiver.url)
        new = endpoints.change_secret(number)
        for hours, both in ((23.99, True), (24, False)):
            clock.move_to(NOON + timedelta(hours=hours))
            endpoints.test(number)
            sweep()
            headers, body = receiver.got[-1]
            Webhook(new).verify(body, headers)
            if both:
                Webhook(old).verify(body, headers)
            else:
                with pytest.raises(WebhookVerificationError):
                    Webhook(old).verify(body, headers)


def test_whoever_changes_a_secret_twice_in_a_day_cuts_nobody_off(
    shop: object, receiver: Receiver
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        number, first = endpoints.add(receiver.url)
        second = endpoints.change_secret(number)
        clock.move_to(NOON + timedelta(hours=12))
        third = endpoints.change_secret(number)
        for hours, good in ((12, 3), (24, 2), (36, 1)):
            clock.move_to(NOON + timedelta(hours=hours))
            endpoints.test(number)
            sweep()
            headers, body = receiver.got[-1]
            for secret in (third, second, first)[:good]:
                Webhook(secret).verify(body, headers)
            assert headers["webhook-signature"].count("v1,") == good
