"""What a customer is asked, offered, written, and what is left of him when he is erased."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.actions import set_policy
from overdeliver.apps.business.models import Business
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.export import person
from overdeliver.apps.recovery import actions
from overdeliver.apps.recovery.attachments import root
from overdeliver.apps.recovery.models import Attachment, Case, Step
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.apps.recovery.rules.policies import LoopPolicy, RemedyPolicy
from overdeliver.apps.recovery.rules.tone import remarks
from overdeliver.vocabulary.errors import Conflict, InputError

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
PLACES = ("https://reviews.example/shop",)


def test_a_remedy_is_offered_where_the_policy_says_so(complaint: Case, client: Client) -> None:
    page, path = f"/c/k/{complaint.token}/", f"/c/k/{complaint.token}/choose"
    assert "Money back" not in client.get(page).content.decode()
    assert client.post(path, {"choice": "refund"}).status_code == 422, "not offered"
    set_policy(RemedyPolicy(offered=("refund", "redo")))
    assert "Money back" in client.get(page).content.decode()
    assert client.post(path, {"choice": "credit"}).status_code == 422
    assert client.post(path, {"choice": "refund"}).status_code == 302
    assert Case.objects.get().choice == "refund"
    for name in ("admit", "apologise"):
        actions.do_step(complaint.pk, name, actions.Told(words="We are sorry."))
    assert client.post(path, {"choice": "redo"}).status_code == 409, "too late"


def test_apologies_are_used_up(shop: Business) -> None:
    people.keep_customer("c-1", email="anna@example.org")
    customer = people.keep_customer("c-1")
    rows = [
        actions.open_case(Complaint(text=f"Complaint {n}"), customer=customer) for n in range(3)
    ]
    for row in rows:
        actions.do_step(row.pk, "admit", actions.Told(words="You are right."))
    for row in rows[:2]:
        actions.do_step(row.pk, "apologise", actions.Told(words="We are sorry."))
    for remedy in ("", "apology"):
        with pytest.raises(InputError, match="one more apology would do harm"):
            told = actions.Told(words="We are sorry.", remedy=remedy)
            actions.do_step(rows[2].pk, "apologise", told)
    told = actions.Told(words="We are sorry.", remedy="refund")
    assert actions.do_step(rows[2].pk, "apologise", told) == "apologised"
    other = actions.open_case(Complaint(text="Somebody else"))
    actions.do_step(other.pk, "admit", actions.Told(words="You are right."))
    actions.do_step(other.pk, "apologise", actions.Told(words="We are sorry."))


EMPTY = [
    "We will do better.",
    "Wir... we'll  improve",
    "Vamos melhorar.",
    "Мы исправимся.",
    "Больше не повторится.",
    "Vom face mai bine.",
    "Біз жақсарамыз.",
]


@pytest.mark.parametrize("words", EMPTY)
def test_nobody_promises_to_do_better_without_a_change(words: str, complaint: Case) -> None:
    for name in ("admit", "apologise"):
        with pytest.raises(InputError, match="needs a change first"):
            actions.do_step(complaint.pk, name, actions.Told(words=words))
        actions.do_step(complaint.pk, name, actions.Told(words="We are sorry."))
    assert Case.objects.get().status == "apologised"


def test_with_a_change_it_may_be_said(complaint: Case, until: Callable[[int, str], Case]) -> None:
    until(complaint.pk, "changed")
    assert actions.do_step(complaint.pk, "invite", actions.Told(words="We will do better."))


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("The parcel came two days late. That was our mistake.", []),
        ("Это ваша вина.", ["blame"]),
        ("A culpa é sua!", ["blame", "shouting"]),
        ("Nu e vina noastră.", ["excuse"]),
        ("Өзіңіз кінәлісіз.", ["blame"]),
        ("READ the terms", ["shouting"]),
        ("The TV set and the USB stick", []),
    ],
)
def test_the_tone_of_drafts(words: str, kinds: list[str]) -> None:
    assert [one.kind for one in remarks(words)] == kinds


def test_everybody_is_asked_for_a_review_in_the_same_words(
    shop: Business, until: Callable[[int, str], Case], step: Callable[..., str]
) -> None:
    set_policy(RemedyPolicy(review_places=PLACES, ask_for_review=True))
    for n in (1, 2):
        people.keep_customer(f"c-{n}", email=f"a{n}@example.org", language="en")
        people.note_consent(f"c-{n}", "asking", True, source="page")
    glad, cross = (
        actions.open_case(Complaint(text="Late"), customer=people.keep_customer(f"c-{n}"))
        for n in (1, 2)
    )
    until(glad.pk, "closed")
    until(cross.pk, "invited")
    step(cross.pk, "not_good")
    for name in ("change", "invite", "good", "write_lesson", "close"):
        step(cross.pk, name)
    for _ in range(3):
        deliver_due()
    texts = list(Message.objects.filter(template="case_review").values_list("text", "purpose"))
    assert len(texts) == 2 and texts[0] == texts[1] and texts[0][1] == "asking"
    assert PLACES[0] in texts[0][0] and "good or bad" in texts[0][0]
    assert Case.objects.filter(review_asked_at__isnull=False).count() == 2


def test_nobody_is_asked_unless_the_business_wants_to(
    complaint: Case, until: Callable[[int, str], Case]
) -> None:
    until(complaint.pk, "closed")
    deliver_due()
    assert not Message.objects.filter(template="case_review").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"offered": ("gold",)},
        {"most_apologies": 0},
        {"most_alike": 1.0},
        {"review_places": ("http://x",)},
        {"ask_for_review": True},
    ],
)
def test_policies_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        dataclasses.replace(RemedyPolicy(), **wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        LoopPolicy(hours_to_admit=0)


def test_an_erased_customer_leaves_nothing_of_a_person(
    shop: Business, until: Callable[[int, str], Case]
) -> None:
    customer = people.keep_customer("c-1", name="Anna", email="anna@example.org")
    files = actions.keep_files([PNG])
    row = actions.open_case(
        Complaint(text="Anna here", name="Anna", contact="anna@example.org"),
        customer=customer,
        files=files,
    )
    until(row.pk, "apologised")
    data = person("c-1")["complaints"]
    assert data[0]["text"] == "Anna here" and len(data[0]["steps"]) == 2
    assert data[0]["files"] == [{"kind": "png", "size": len(PNG)}]
    people.erase_customer("c-1")
    deliver_due()
    row.refresh_from_db()
    assert (row.text, row.name, row.contact) == ("–", "", "")
    assert set(Step.objects.values_list("words", flat=True)) == {"–"}
    assert not Attachment.objects.exists()
    assert row.status == "apologised", "the loop stays as it was"
    with pytest.raises(DatabaseError):
        Step.objects.update(words="x")


def test_a_stored_file_is_gone_with_the_customer(
    shop: Business, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    customer = people.keep_customer("c-1")
    [kept] = actions.keep_files([PNG])
    actions.open_case(Complaint(text="See it"), customer=customer, files=[kept])
    assert (root() / kept.path).is_file()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        actions.blank_cases(customer, "c-1")
    assert not (root() / kept.path).exists()


def test_a_customer_is_linked_by_a_person_where_the_address_says_nothing(
    complaint: Case, client: Client
) -> None:
    people.keep_customer("c-1", email="anna@example.org")
    people.keep_customer("c-2", email="anna@example.org")
    deliver_due()
    assert Case.objects.get().customer is None, "two have that address"
    actions.link_customer(complaint.pk, "c-2")
    assert Case.objects.get().customer is not None
    people.erase_customer("c-1")
    with pytest.raises(Conflict):
        actions.link_customer(complaint.pk, "c-1")


def test_a_customers_card_shows_his_complaints(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    customer = people.keep_customer("c-1", name="Anna")
    actions.open_case(Complaint(text="The lid came broken"), customer=customer)
    text = signed_in("agent").get("/customers/c-1/").content.decode()
    assert "The lid came broken" in text and "Received" in text


def test_a_complaint_without_an_address_is_answered_on_its_page(
    shop: Business, client: Client
) -> None:
    row = actions.open_case(Complaint(text="The lid"), at=timezone.now() - timedelta(hours=1))
    actions.do_step(row.pk, "admit", actions.Told(words="You are right.\n\nA new one comes."))
    deliver_due()
    assert not Message.objects.exists()
    assert "A new one comes." in client.get(f"/c/k/{row.token}/").content.decode()
