"""Unsubscribing and choosing: looking changes nothing, one click does, nobody is asked twice."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from overdeliver.apps.business import actions as business
from overdeliver.apps.outreach import listing, preferences
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.asking import AskingPolicy
from overdeliver.apps.outreach.rules.costs import ChannelCosts
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.models import Consent
from overdeliver.apps.people.reads import agreed_to, customer
from tests.apps.outreach.conftest import Inbox, sweep

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 9, tzinfo=UTC)  # 14:00 in Almaty


def write(key: str, purpose: str = "asking", **more: object) -> int:
    with transaction.atomic():
        return enqueue(
            Draft(
                key=key,
                channel="mail",
                purpose=purpose,
                because="outreach.because.promise_made",
                address="anna@example.org",
                customer=customer("c-1").id,
                subject="How was it?",
                text="Dear Anna,\n\nhow was it?",
                language="en",
                **more,  # type: ignore[arg-type]
            )
        )


def link(purpose: str = "asking") -> str:
    return preferences.link(customer("c-1").id, purpose).removeprefix("http://127.0.0.1:8000")


def test_a_mail_says_why_it_came_and_where_to_choose(anna: int, inbox: Inbox) -> None:
    with time_machine.travel(NOON, tick=False):
        write("a")
        sweep()
    mail = inbox.mails[0]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"].strip(" <>")
    text, page = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert address in text and f'href="{address}"' in page
    assert "Why you get this: A promise was made to the customer." in text
    assert 'lang="en"' in page and "{" not in re.sub(r"<style.*?</style>", "", page, flags=re.S)
    assert set(re.findall(r"""(?:src|href)=["']?([^"'>]+)""", page)) == {address}
    assert "@import" not in page and "url(" not in page


def test_scanners_change_nothing_and_one_click_does(anna: int) -> None:
    page = link()
    for _ in range(3):
        assert Client().get(page).status_code == 200
        assert Client().head(page).status_code == 200
    before = Consent.objects.count()
    assert agreed_to("asking", [anna])
    strict = Client(enforce_csrf_checks=True)  # no cookie, no session, no referrer
    assert strict.post(page, {"List-Unsubscribe": "Wrong"}).status_code == 400
    assert Consent.objects.count() == before
    for _ in range(2):
        assert strict.post(page, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not agreed_to("asking", [anna]) and agreed_to("marketing", [anna])
    assert Consent.objects.count() == before + 1


def test_what_was_unsubscribed_is_not_sent_any_more(anna: int, inbox: Inbox) -> None:
    with time_machine.travel(NOON, tick=False):
        number = write("a")
        Client().post(link(), {"List-Unsubscribe": "One-Click"})
        sweep()
    assert listing.message(number).error == "no_consent" and not inbox.mails


def test_the_page_speaks_the_customers_language_and_keeps_each_choice(anna: int) -> None:
    page = Client().get(link())
    assert page.headers["Content-Language"] == "kk" and "Бізден не аласыз" in page.content.decode()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    saved = Client().post(link(), {"form": "choices", "stories": "yes"}, follow=True)
    assert saved.status_code == 200
    assert agreed_to("stories", [anna])
    assert not any(agreed_to(one, [anna]) for one in ("asking", "marketing", "reassurance"))
    assert agreed_to("service", [anna])


@pytest.mark.parametrize("cut", [0, 3, -1])
def test_a_link_that_is_none_says_the_same_whatever_is_wrong(anna: int, cut: int) -> None:
    whole = preferences.token(anna, "asking")
    broken = "x" if cut == 0 else whole[:cut]
    people.keep_customer("c-2", name="B")
    gone = preferences.token(customer("c-2").id, "asking")
    people.erase_customer("c-2")
    answers = [Client().get(f"/u/{one}/") for one in (broken, gone, "a" * 60)]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1
    assert Client().post(f"/u/{broken}/", {"List-Unsubscribe": "One-Click"}).status_code == 404


def test_who_tries_many_links_has_to_wait(anna: int) -> None:
    guesser = Client(REMOTE_ADDR="198.51.100.7")
    found = [guesser.get(f"/u/guess-{n}/").status_code for n in range(40)]
    assert found[:30] == [404] * 30 and set(found[30:]) == {429}


def test_nobody_is_asked_twice_within_the_cooldown(anna: int, inbox: Inbox) -> None:
    with time_machine.travel(NOON, tick=False):
        first, second = write("a"), write("b")
        assert write("a") == first  # the same reason is the same message
        sweep()
    assert len(inbox.mails) == 1
    assert (listing.message(second).status, listing.message(second).error) == (
        "cancelled",
        "cooldown",
    )
    with time_machine.travel(NOON + timedelta(days=31), tick=False):
        later = write("c")
        sweep()
        assert listing.message(later).status == "sent"


def test_two_messages_a_day_and_the_rest_waits_or_is_held(anna: int, inbox: Inbox) -> None:
    business.set_policy(AskingPolicy(most_a_day=2))
    with time_machine.travel(NOON, tick=False):
        numbers = [write(f"m-{n}", "marketing") for n in range(9)]
        short = write("m-9", "marketing", not_after=NOON + timedelta(hours=3))
        needed = write("s", "service")
        for _ in range(3):
            sweep()
    status = [listing.message(one) for one in numbers]
    assert [one.status for one in status] == ["sent"] * 2 + ["queued"] * 7
    assert status[-1].error == "enough_today" and status[-1].attempts == 0
    assert (listing.message(short).status, listing.message(short).error) == ("held", "enough_today")
    assert listing.message(needed).status == "sent"
    with time_machine.travel(NOON + timedelta(days=1, minutes=1), tick=False):
        sweep()
    assert sum(one.status == "sent" for one in map(listing.message, numbers)) == 4


def test_what_a_message_cost_stays_with_it(anna: int, inbox: Inbox) -> None:
    business.set_policy(ChannelCosts(mail="0,02"))
    with time_machine.travel(NOON, tick=False):
        write("a")
        sweep()
    business.set_policy(ChannelCosts(mail="5"))
    row = Message.objects.get()
    assert (str(row.cost.normalize()), row.currency) == ("0.02", "KZT")  # type: ignore[union-attr]


def test_a_person_sees_and_changes_what_is_blocked(signed_in: object, shop: object) -> None:
    owner = signed_in("owner")  # type: ignore[operator]
    page = "/settings/blocked/"
    assert "No address is blocked" in owner.get(page).content.decode()
    owner.post(page, {"address": "Bo@Example.org", "act": "block"})
    found = owner.post(page, {"address": "bo@example.org"}).content.decode()
    assert "It is blocked since" in found and "by hand" in found
    assert "bo@example.org" not in owner.get(page).content.decode()
    owner.post(page, {"address": "bo@example.org", "act": "unblock"})
    assert "It is not blocked" in owner.post(page, {"address": "bo@example.org"}).content.decode()
    assert owner.post(page, {"address": "nobody"}).status_code == 422


def test_two_asks_written_at_the_same_moment_are_one(anna: int, inbox: Inbox) -> None:
    """Neither transaction saw the other: the later one is stopped when it would go."""
    with time_machine.travel(NOON, tick=False):
        first, second = write("a"), write("b")
        Message.objects.filter(pk=second).update(status="queued", error="")
        sweep()
    assert [listing.message(one).status for one in (first, second)] == ["sent", "cancelled"]
    assert listing.message(second).error == "cooldown" and len(inbox.mails) == 1
