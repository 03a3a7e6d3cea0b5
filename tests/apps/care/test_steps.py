"""An order is placed: a plan's steps become dated rows, a mail goes out, a call stands ready."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from overdeliver.apps.business.actions import set_policy
from overdeliver.apps.care import plans
from overdeliver.apps.care.jobs import do_due
from overdeliver.apps.care.models import Due, Run, Task
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.models import Customer
from overdeliver.apps.promises import actions as promises


def _due_now() -> None:
    Due.objects.filter(state="waiting").update(next_at=timezone.now())


def test_an_order_is_confirmed_by_mail_and_letter_and_a_call_stands_in_the_list(
    order: Callable[..., str],
) -> None:
    order()
    dues = list(Due.objects.order_by("number"))
    assert [one.channel for one in dues] == ["mail", "letter", "call"]
    assert {one.state for one in dues} == {"waiting"}
    _due_now()
    assert do_due() == 3
    mail = Message.objects.get(channel="mail", purpose="reassurance")
    assert mail.address == "a@example.org" and "A-1" in mail.subject
    assert "/m/" in mail.text and "within 14 days" in mail.text
    assert mail.not_after == dues[0].not_after
    letter = Message.objects.get(channel="letter")
    assert letter.address.splitlines()[1:] == ["Abai 1", "Almaty"]
    task = Task.objects.get()
    assert task.kind == "call" and task.order == "A-1" and task.status == "open"


def test_done_twice_is_done_once(order: Callable[..., str]) -> None:
    order()
    _due_now()
    assert do_due() == 3 and do_due() == 0
    run = Run.objects.get()
    promises.place_order("A-1", placed_at=timezone.now(), customer="c-1")
    deliver_due()
    assert Run.objects.get() == run and Due.objects.count() == 3


def test_after_its_moment_a_step_is_held_and_not_sent(order: Callable[..., str]) -> None:
    order(hours_ago=25)
    _due_now()
    do_due()
    found = set(Due.objects.values_list("channel", "state", "reason"))
    assert found == {
        ("mail", "held", "late"),
        ("letter", "held", "late"),
        ("call", "held", "late"),
    }
    assert not Message.objects.exists() and not Task.objects.exists()


@pytest.mark.parametrize("reason", ["cancelled", "no_consent", "erased", "off", "no_address"])
def test_what_speaks_against_a_step_stops_it(
    order: Callable[..., str], who: Callable[..., Customer], reason: str
) -> None:
    order(**({"email": ""} if reason == "no_address" else {}))
    if reason == "cancelled":
        promises.cancel_order("A-1", at=timezone.now())
    if reason == "no_consent":
        people.note_consent("c-1", "reassurance", False, source="page")
    if reason == "erased":
        people.erase_customer("c-1")
    if reason == "off":
        plans.switch("order", False)
    _due_now()
    do_due()
    mail = Due.objects.get(channel="mail")
    assert (mail.state, mail.reason) == ("dropped", reason)
    assert not Message.objects.filter(channel="mail", purpose="reassurance").exists()


def test_those_held_out_get_nothing_and_are_remembered(order: Callable[..., str]) -> None:
    set_policy(CarePolicy(held_out=0.5))
    for number in range(60):
        order(f"A-{number}", f"c-{number}", email=f"c{number}@example.org")
    arms = list(Run.objects.values_list("arm", flat=True))
    assert 15 <= arms.count("held_out") <= 45 and len(arms) == 60
    assert not Due.objects.filter(run__arm="held_out").exists()


def test_old_orders_set_nothing_off(order: Callable[..., str]) -> None:
    order(hours_ago=24 * 4)
    assert not Run.objects.exists()


def test_a_step_that_fails_is_tried_again_and_then_held(
    order: Callable[..., str],
) -> None:
    order()
    Due.objects.filter(channel="mail").update(content="care_nothing")
    for _ in range(7):
        _due_now()
        do_due()
    failed = Due.objects.get(channel="mail")
    assert (failed.state, failed.reason) == ("held", "failed")
    assert Due.objects.filter(state="done").count() == 2


def test_praise_waits_while_a_promise_is_broken(order: Callable[..., str]) -> None:
    order()
    made = promises.make_promise("A-1", lever="time", unit="hours", promised=1)
    promises.record_outcome(made, actual=9, observed_at=timezone.now() + timedelta(hours=9))
    _due_now()
    do_due()
    assert set(Due.objects.values_list("state", "reason")) == {("held", "broken")}
