"""One question after an order: who is asked, what opening a link does, one answer."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from overdeliver.apps.business import actions as business
from overdeliver.apps.journal import jobs as journal
from overdeliver.apps.journal import reads as journal_reads
from overdeliver.apps.listening import answers, asking
from overdeliver.apps.listening.models import Ask, Feedback
from overdeliver.apps.listening.rules import SurveyPolicy
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import consents
from overdeliver.apps.promises import actions as promises

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 9, tzinfo=UTC)
LATER = NOON + timedelta(days=3)


@pytest.fixture
def anna(shop: object) -> str:
    """A customer who agreed to be asked, and an order of hers that is not complete yet."""
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        people.keep_customer("c-1", name="Anna", email="anna@example.org", language="ro")
        consents.note_consent("c-1", "asking", True, source="page")
        promises.place_order("o-1", customer="c-1", placed_at=NOON - timedelta(days=1))
    return "o-1"


def complete(order: str, at: datetime = NOON, told: datetime = NOON) -> None:
    """The order is complete, and everybody who listens has heard it."""
    with time_machine.travel(told, tick=False):
        promises.complete_order(order, at=at)
        while journal.deliver_due():
            pass


def link(order: str = "o-1") -> str:
    """The path of the question that went out for an order."""
    text = Message.objects.get(template__startswith="question_", about=f"order:{order}").text
    found = re.search(r"/a/[\w-]+/", text)
    assert found
    return found[0]


def ask(order: str) -> str:
    """An order is complete and its customer is asked; the link."""
    business.set_policy(SurveyPolicy(on=True, control_share=0))
    complete(order)
    with time_machine.travel(LATER, tick=False):
        asking.send_due()
    return link(order)


def test_nobody_is_asked_until_the_owner_says_so(anna: str) -> None:
    complete(anna)
    with time_machine.travel(LATER, tick=False):
        assert asking.send_due() == 0
    assert not Message.objects.exists() and not Ask.objects.exists()


def test_a_complete_order_is_asked_about_once_at_its_time(anna: str) -> None:
    business.set_policy(SurveyPolicy(on=True, control_share=0, hours_after=48))
    complete(anna)
    with time_machine.travel(NOON + timedelta(hours=47), tick=False):
        assert asking.send_due() == 0
    with time_machine.travel(NOON + timedelta(hours=49), tick=False):
        assert asking.send_due() == 1 and asking.send_due() == 0
    mail = Message.objects.get()
    assert (mail.purpose, mail.language) == ("asking", "ro")
    why = journal_reads.decisions("order:o-1")
    assert [one.rule for one in why] == ["overdeliver.apps.listening.rules.ask"]
    assert list(why[0].because) == ["asked 48 hours after the order"]


def test_an_old_order_that_was_brought_in_later_is_not_asked_about(anna: str) -> None:
    business.set_policy(SurveyPolicy(on=True, control_share=0))
    complete(anna, at=NOON, told=NOON + timedelta(days=10))
    assert not Ask.objects.exists()


def test_those_left_out_on_purpose_get_nothing_and_are_counted(anna: str) -> None:
    business.set_policy(SurveyPolicy(on=True, control_share=0.9))
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        for n in range(30):
            people.keep_customer(f"k-{n}", email=f"k{n}@example.org")
            promises.place_order(f"p-{n}", customer=f"k-{n}", placed_at=NOON - timedelta(days=1))
    for n in range(30):
        complete(f"p-{n}")
    with time_machine.travel(LATER, tick=False):
        asking.send_due()
    found = answers.asked()
    assert found.control + found.asked == 30 and found.control > 20
    assert Message.objects.count() == found.asked


def test_opening_a_link_records_nothing_whoever_opens_it(anna: str) -> None:
    page = ask(anna)
    with time_machine.travel(LATER, tick=False):
        for agent in ("Mozilla/5.0", "BarracudaCentral", "Microsoft Office", "curl/8", ""):
            reader = Client(headers={"user-agent": agent})
            assert reader.get(page).status_code == 200
            assert reader.head(page).status_code == 200
            assert reader.get(f"{page}?score=0").status_code == 200
        assert not Feedback.objects.exists()
        preselected = Client().get(f"{page}?score=9").content.decode()
        assert re.search(r'value="9"[^>]*checked', preselected)
        assert Client(enforce_csrf_checks=True).post(page, {"score": "9"}).status_code == 302
    said = Feedback.objects.get()
    assert (said.score, said.scale_max, said.kind, said.order.reference) == (9, 10, "survey", "o-1")  # type: ignore[union-attr]


def test_a_question_is_answered_once(anna: str) -> None:
    page = ask(anna)
    with time_machine.travel(LATER, tick=False):
        first = Client().post(page, {"score": "9", "text": "Bun"}, follow=True)
        assert "Mulțumim" in first.content.decode()
        Client().post(page, {"score": "0", "text": "<script>alert(1)</script>"})
    assert (Feedback.objects.get().score, Feedback.objects.get().text) == (9, "Bun")


@pytest.mark.parametrize("score", ["", "11", "-1", "4.5", "nine", "9" * 40])
def test_what_is_no_answer_is_said_and_nothing_is_lost(anna: str, score: str) -> None:
    page = ask(anna)
    with time_machine.travel(LATER, tick=False):
        answer = Client().post(page, {"score": score, "text": "păstrat"})
    assert answer.status_code == 422 and "păstrat" in answer.content.decode()
    assert not Feedback.objects.exists()


def test_a_link_ends_after_thirty_days_and_with_the_person(anna: str) -> None:
    page = ask(anna)
    with time_machine.travel(LATER + timedelta(days=31), tick=False):
        assert Client().get(page).status_code == 404
    people.erase_customer("c-1")
    with time_machine.travel(LATER, tick=False):
        gone, unknown = Client().get(page), Client().get("/a/never-was/")
    assert gone.status_code == unknown.status_code == 404 and gone.content == unknown.content


def test_two_orders_in_a_month_are_one_question(anna: str) -> None:
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        promises.place_order("o-2", customer="c-1", placed_at=NOON - timedelta(days=1))
    ask("o-1")
    complete("o-2")
    with time_machine.travel(LATER, tick=False):
        asking.send_due()
    states = Message.objects.order_by("pk").values_list("status", "error")
    assert list(states) == [("queued", ""), ("cancelled", "cooldown")]


def test_the_page_says_when_there_is_too_little(
    anna: str, signed_in: Callable[[str], Client]
) -> None:
    analyst = signed_in("analyst")
    assert "Nobody has said anything yet" in analyst.get("/answers/").content.decode()
    for n in range(19):
        Feedback.objects.create(
            reference=f"f-{n}",
            at=datetime.now(UTC),
            kind="survey",
            score=10,
            scale_min=0,
            scale_max=10,
            text=f"word {n}",
        )
    page = analyst.get("/answers/").content.decode()
    assert "not enough data yet (19 of 20)" in page and "100" not in page.split("<main")[1][:3000]
    Feedback.objects.create(
        reference="f-x", at=datetime.now(UTC), kind="survey", score=0, scale_min=0, scale_max=10
    )
    full = analyst.get("/answers/").content.decode()
    assert "score is 90, between 71 and 100" in full, full.split("<main")[1][:700]
    found = analyst.get("/answers/?q=word+7").content.decode()
    assert "word 7" in found and "word 8" not in found


def test_an_address_that_is_none_holds_nobody_else_up(shop: object) -> None:
    business.set_policy(SurveyPolicy(on=True, control_share=0))
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        for n, mail in enumerate(("ask at the desk", "bo@example.org")):
            people.keep_customer(f"k-{n}", batch="b", email=mail)
            consents.note_consent(f"k-{n}", "asking", True, source="page")
            placed = NOON - timedelta(days=1)
            promises.place_order(f"p-{n}", customer=f"k-{n}", placed_at=placed)
    for n in range(2):
        complete(f"p-{n}")
    with time_machine.travel(LATER, tick=False):
        asking.send_due()
    assert list(Ask.objects.order_by("pk").values_list("state", flat=True)) == ["unreached", "sent"]
    assert Message.objects.get().address == "bo@example.org"
