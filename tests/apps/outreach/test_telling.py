"""Customers are told of promises: as the policy says, in their language, at their clock."""

from datetime import timedelta

import pytest
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach import jobs, listing
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.telling import ToldPolicy
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import consents, erasure
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises import outcomes
from tests.apps.outreach.conftest import Inbox

pytestmark = pytest.mark.django_db


def revise(language: str = "ru", *, days_ago: float = 0.0) -> str:
    """An order whose promise was changed; the reference of the new promise."""
    people.keep_customer("c-1", name="Анна", email="anna@example.org", language=language)
    now = timezone.now() - timedelta(days=days_ago)
    promises.place_order("o-1", placed_at=now, customer="c-1")
    promises.make_promise("o-1", lever="time", unit="days", promised=2, made_at=now, whole=True)
    found = promises.make_promise(
        "o-1",
        lever="time",
        unit="days",
        promised=5,
        made_at=now,
        whole=True,
        revises=reference_of_first(),
    )
    heard()
    return str(found)


def reference_of_first() -> str:
    from overdeliver.apps.promises.reads import promises_of_order

    return promises_of_order("o-1")[0].reference


def heard() -> None:
    while deliver_due():
        pass


def test_a_change_is_told_with_both_promises_and_the_link(shop: object, inbox: Inbox) -> None:
    revise()
    jobs.send_due(threads=False)
    (mail,) = inbox.mails
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert mail["Subject"].strip() == "Заказ o-1: новое обещание"
    assert "Здравствуйте, Анна!" in text and "/s/" in text and "{{" not in text
    assert Message.objects.get().about.startswith("promise:")
    why = journal.decisions(Message.objects.get().about)
    assert [one.verdict for one in why if one.rule.endswith("telling.tell")] == ["yes"]


def test_what_was_brought_in_later_is_not_told(shop: object) -> None:
    revise(days_ago=2)
    assert not Message.objects.exists()


def test_who_said_no_is_not_told(shop: object) -> None:
    people.keep_customer("c-1", name="Anna", email="anna@example.org")
    consents.note_consent("c-1", "service", False, source="phone")
    revise()
    assert not Message.objects.exists()


def test_a_broken_promise_is_drafted_for_a_person(shop: object) -> None:
    business.set_policy(ToldPolicy(promise_made="yes", promise_revised="no"))
    revise("kk")
    outcomes.record_outcome(reference_of_latest(), actual=9.0, observed_at=timezone.now())
    heard()
    rows = {one.template: listing.message(one.pk) for one in Message.objects.all()}
    assert set(rows) == {"promise_made", "promise_broken"}
    assert (rows["promise_broken"].status, rows["promise_made"].status) == ("held", "queued")
    assert "уәдемізде тұрмадық" in rows["promise_broken"].subject


def test_the_order_page_is_told_once_where_the_promise_is_not(shop: object, inbox: Inbox) -> None:
    business.set_policy(ToldPolicy(status_link="yes", promise_revised="no"))
    revise("ro")
    promises.make_promise(  # a second promise about the same order
        "o-1", lever="cost", unit="RON", promised=90, made_at=timezone.now()
    )
    heard()
    jobs.send_due(threads=False)
    (mail,) = inbox.mails
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "o-1" in mail["Subject"] and "/s/" in text and "{{" not in text
    assert Message.objects.get().template == "status_link"


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (ToldPolicy(), {"promise_revised"}),
        (ToldPolicy(status_link="draft"), {"status_link", "promise_revised"}),
        (ToldPolicy(status_link="yes", promise_made="yes"), {"promise_made", "promise_revised"}),
    ],
)
def test_one_mail_tells_of_a_promise_and_of_the_page(
    shop: object, policy: ToldPolicy, told: set[str]
) -> None:
    business.set_policy(policy)
    revise()
    assert {one.template for one in Message.objects.all()} == told


def test_who_wants_no_mail_about_orders_gets_no_link_either(shop: object) -> None:
    business.set_policy(ToldPolicy(status_link="yes"))
    people.keep_customer("c-1", name="Anna", email="anna@example.org")
    consents.note_consent("c-1", "service", False, source="phone")
    revise()
    assert not Message.objects.exists()


def reference_of_latest() -> str:
    from overdeliver.apps.promises.reads import promises_of_order

    return promises_of_order("o-1")[-1].reference


def test_an_erased_customer_leaves_no_text_behind(shop: object, inbox: Inbox) -> None:
    revise()
    erasure.erase_customer("c-1")
    heard()
    row = Message.objects.get()
    assert (row.address, row.text, row.subject, row.status) == ("", "", "", "cancelled")
    jobs.send_due(threads=False)
    assert not inbox.mails
