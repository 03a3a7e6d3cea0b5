"""What ends care, what programs may do, and what a plan brings."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.actions import set_policy
from overdeliver.apps.business.models import Business
from overdeliver.apps.care import effects, made_up, plans, tasks
from overdeliver.apps.care.jobs import do_due, greet_years
from overdeliver.apps.care.models import Due, Plan, Run, Share, Task
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.care.sending import do
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.costs import ChannelCosts
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.card_parts import data_of
from overdeliver.apps.people.models import Customer
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.models import Order

SignedIn = Callable[[str], Client]
Ordered = Callable[..., str]


def test_an_order_taken_back_ends_everything(called: Task) -> None:
    Message.objects.filter(channel="mail").update(status="queued")
    promises.cancel_order("A-1", at=timezone.now())
    deliver_due()
    called.refresh_from_db()
    assert (called.status, called.outcome) == ("dropped", "cancelled")
    assert Message.objects.get(channel="mail").status == "cancelled"


def test_an_erased_customer_leaves_nothing(called: Task, who: Callable[..., Customer]) -> None:
    tasks.settle(called.pk, "reached", sequence=0, note="her mother is ill")
    assert "her mother is ill" in str(data_of(who().pk)["care"])
    people.erase_customer("c-1")
    deliver_due()
    called.refresh_from_db()
    assert called.note == "" and not Share.objects.filter(closed_at=None).exists()


def test_programs_list_calls_and_note_what_came_of_them(
    called: Task, api: Callable[..., Client]
) -> None:
    program = api("care.see", "care.write")
    found = program.get("/api/v1/care/tasks").json()["items"]
    assert [one["number"] for one in found] == [called.pk] and found[0]["customer"] == "c-1"
    path = f"/api/v1/care/tasks/{called.pk}/outcome"
    sent = {"outcome": "call_back", "sequence": 0}
    assert program.post(path, sent, "application/json").status_code == 422
    sent = {"outcome": "reached", "sequence": 0, "note": "x"}
    assert program.post(path, sent, "application/json").json()["status"] == "done"
    assert program.post(path, sent, "application/json").status_code == 409
    listed = program.get("/api/v1/care/plans").json()["items"]
    assert {one["name"] for one in listed if one["active"]} == {"order"}
    assert api("promises.see").get("/api/v1/care/tasks").status_code == 403


def test_an_effect_needs_enough_cases_and_says_when_it_did_not_pay(order: Ordered) -> None:
    set_policy(CarePolicy(held_out=0.5, needed=20))
    set_policy(ChannelCosts(call="2.50"))
    for number in range(90):
        order(f"A-{number}", f"c-{number}", email=f"c{number}@example.org")
    few = effects.report("order")
    assert few.effects[0].says == "too_few" and few.paid == "unknown"
    Run.objects.update(moment_at=timezone.now() - timedelta(days=20))
    Due.objects.update(next_at=timezone.now())
    do_due(limit=500)
    first = Task.objects.order_by("pk")[0]
    tasks.settle(first.pk, "reached", sequence=0)
    found = effects.report("order")
    cancelled = found.effects[0]
    assert cancelled.says == "no_difference" and cancelled.treated.happened == 0
    assert found.cost == Decimal("2.50") and found.paid == "did_not"
    held = list(Run.objects.filter(arm="held_out").values_list("order", flat=True))
    lost = Order.objects.filter(reference__in=held[: len(held) * 2 // 3])
    lost.update(cancelled_at=timezone.now() - timedelta(days=1))
    late = effects.report("order").effects[0]  # after the days that are watched: not the plan's
    assert late.held_out.happened == 0
    lost.update(cancelled_at=timezone.now() - timedelta(days=19))
    helped = effects.report("order")
    assert helped.effects[0].says == "helped" and helped.paid == "did"
    assert helped.effects[0].interval and helped.effects[0].interval.high < 0


def test_a_year_after_the_first_order_once(order: Ordered, monkeypatch: pytest.MonkeyPatch) -> None:
    plans.switch("anniversary", True)
    now = timezone.now().replace(hour=10)
    then = now.replace(year=now.year - 1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    order("A-old", at=then)
    order("A-new", "c-2", at=now - timedelta(hours=1), email="b@example.org")
    assert greet_years() == 1 and greet_years() == 0
    assert Run.objects.get(plan__moment="anniversary").order == "A-old"


def test_a_day_that_is_known_only_in_the_evening_is_no_fault_of_the_worker(
    order: Ordered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the past was brought in at night: the step is due from then on."""
    plans.switch("anniversary", True)
    now = timezone.now().replace(hour=15)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    order("A-old", at=now.replace(year=now.year - 1, hour=10))
    assert greet_years() == 1
    for due in Due.objects.filter(run__plan__moment="anniversary"):
        assert due.at < due.next_at == now
        do(due, now)
        due.refresh_from_db()
        assert due.reason != "overdue"


def test_the_businesss_own_cancellations_move_the_deadline(
    caring: Business, signed_in: SignedIn
) -> None:
    owner, placed = signed_in("owner"), timezone.now() - timedelta(days=10)

    def past(count: int, back: float | None) -> None:
        for n in range(count):
            name = promises.place_order(f"h-{back}-{n}", placed_at=placed, batch="past")
            if back is not None:
                at = placed + timedelta(hours=back)
                Order.objects.filter(reference=name).update(cancelled_at=at)

    past(60, None)
    past(12, 9.5)
    assert "12 of 20" in owner.get("/care/plans/order/").content.decode()
    past(13, 30)
    page = owner.get("/care/plans/order/").content.decode()
    assert "25 cancellations say: reassure within 9 hours" in page and "<svg" in page
    assert ">85 orders" in page and '<th scope="row" class="num">12</th>' in page
    owner.post("/care/plans/order/deadline/", {"version": "1"})
    mail, letter, call = plans.steps_of("order")
    assert (mail.within, letter.within, call.within) == (9, 24, 24)
    assert "is right" in owner.get("/care/plans/order/").content.decode()


def test_a_made_up_business_has_a_past_and_nothing_is_sent(order: Ordered) -> None:
    for number in range(12):
        reference = f"m-{number}"
        at = timezone.now() - timedelta(days=number + 2)
        promises.place_order(reference, placed_at=at, customer=f"m-{number}", batch="made-up")
    assert made_up.fill() == 12 and made_up.fill() == 0
    assert Due.objects.filter(state="done").exists() and not Message.objects.exists()
    assert not Task.objects.filter(status="open").exists()
    assert not Plan.objects.filter(active=False).exists()
