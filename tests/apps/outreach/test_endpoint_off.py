"""A system that is told nothing any more, without anybody having chosen that: the owners hear."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach import endpoints, hooks, listing
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.people.models import Staff
from tests.apps.outreach.conftest import Inbox, Receiver, sweep

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
DEAD = "http://127.0.0.1:1/hooks?token=secret"


def sent() -> None:
    """The worker has heard of everything and sent what is due."""
    while deliver_due():
        pass
    sweep()


def texts(inbox: Inbox) -> list[str]:
    found = [mail.get_body(("plain",)) for mail in inbox.mails]
    return [part.get_content() for part in found if part]


@pytest.fixture
def owner(staff: Callable[[str], Staff]) -> Staff:
    staff("manager")
    return staff("owner")


def test_a_receiver_dead_for_five_days_is_switched_off_and_the_owner_gets_one_mail(
    shop: object, open_door: object, inbox: Inbox, owner: Staff
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        number, _ = endpoints.add(DEAD)
        for hour in range(0, 24 * 8, 6):
            clock.move_to(NOON + timedelta(hours=hour))
            if hour % 24 == 0:
                endpoints.test(number)
            sent()
            if hour == 24 * 5 - 6:
                assert listing.endpoint(number).active and not inbox.mails
    assert listing.endpoint(number).disabled_because == "failing"
    (text,) = texts(inbox)
    assert [one["To"] for one in inbox.mails] == ["owner@example.org"]
    assert "127.0.0.1:1" in text and "it failed for five days" in text
    assert f"/settings/webhooks/{number}/" in text and "{{" not in text
    assert "token" not in text, "the rest of an address may be a secret"


@pytest.mark.parametrize(
    ("language", "subject", "why"),
    [
        ("en", "a webhook was switched off", "it failed for five days"),
        ("pt", "um webhook foi desligado", "falhou durante cinco dias"),
        ("ru", "вебхук отключён", "не работал пять дней"),
        ("ro", "un webhook a fost oprit", "nu a mers cinci zile"),
        ("kk", "вебхук өшірілді", "бес күн жұмыс істемеді"),
    ],
)
def test_each_owner_reads_it_in_his_language(
    shop: object,
    open_door: object,
    inbox: Inbox,
    owner: Staff,
    language: str,
    subject: str,
    why: str,
) -> None:
    Staff.objects.filter(pk=owner.pk).update(language=language)
    Staff.objects.create_user("second@example.org", role="owner", language="en")
    Staff.objects.create_user("gone@example.org", role="owner", is_active=False)
    number, _ = endpoints.add(DEAD)
    hooks.switch_off(number, "failing")
    hooks.switch_off(number, "failing")
    sent()
    assert {one["To"] for one in inbox.mails} == {"owner@example.org", "second@example.org"}
    assert len(inbox.mails) == 2
    mine = next(n for n, one in enumerate(inbox.mails) if one["To"] == "owner@example.org")
    assert inbox.mails[mine]["Subject"].strip() == f"Shop: {subject}"
    assert why in texts(inbox)[mine]


def test_a_receiver_that_says_no_for_good_is_told_of_too_and_each_time_anew(
    shop: object, receiver: Receiver, inbox: Inbox, owner: Staff
) -> None:
    number, _ = endpoints.add(receiver.url)
    for times in (1, 2):
        receiver.answers = [(410, {})]
        endpoints.test(number)
        sweep()
        sent()
        assert len(inbox.mails) == times
        assert "wants nothing any more" in texts(inbox)[-1]
        endpoints.enable(number)
        sweep()


def test_who_switches_it_off_himself_gets_no_mail(
    shop: object, open_door: object, inbox: Inbox, owner: Staff
) -> None:
    endpoints.disable(endpoints.add(DEAD)[0])
    sent()
    assert not inbox.mails


def test_without_a_mail_server_the_page_alone_says_it(
    shop: object, open_door: object, no_server: None, owner: Staff
) -> None:
    number, _ = endpoints.add(DEAD)
    hooks.switch_off(number, "failing")
    sent()
    assert not Message.objects.exists() and not listing.endpoint(number).active
