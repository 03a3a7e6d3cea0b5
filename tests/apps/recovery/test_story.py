"""One story from end to end, through the doors that people use."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.actions import set_policy
from overdeliver.apps.business.models import Business
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.people import actions as people
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises import reads as ledger
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.rules.policies import RemedyPolicy

pytestmark = pytest.mark.django_db


def test_a_broken_promise_becomes_a_lesson(
    open_days: Business, signed_in: Callable[[str], Client]
) -> None:
    places = ("https://reviews.example/shop",)
    set_policy(RemedyPolicy(offered=("redo",), review_places=places, ask_for_review=True))
    people.keep_customer("c-1", name="Айгерим", email="aigerim@example.org", language="kk")
    people.note_consent("c-1", "asking", True, source="page")
    made = timezone.now() - timedelta(days=4)
    promises.place_order("o-1", placed_at=made, customer="c-1", service="parcel")
    promise = promises.make_promise("o-1", lever="time", unit="days", promised=2, made_at=made)
    assert promises.record_outcome(promise, happened_at=timezone.now()) == "broken"

    buyer, agent = Client(), signed_in("agent")
    door = f"/c/o/{ledger.order('o-1').token}/"
    sent = buyer.post(door, {"text": "Сәлемдеме кешігіп келді", "first": "yes"})
    assert sent.status_code == 302
    own, row = sent["Location"], Case.objects.get()
    assert buyer.post(f"{own}choose", {"choice": "redo"}).status_code == 302
    worked()
    assert ledger.promise(f"case-{row.pk}").customer_reference == "c-1"

    def step(name: str, **more: Any) -> None:
        typed = {"step": name, "words": f"It was done: {name}", **more}
        assert agent.post(f"/cases/{row.pk}/step", typed).status_code == 302, name

    step("admit", words="Сіздікі дұрыс: екі күн кешіктік.")
    step("apologise", words="Кешірім сұраймыз. Жаңасы бүгін жолға шықты.")
    step("find_cause", new_cause="labels")
    change = {"change_owner": "Dana", "since": timezone.localdate().isoformat()}
    step("change", what="two rolls of labels", **change)
    step("invite")
    assert "good" in buyer.get(own).content.decode()
    assert buyer.post(f"{own}judge", {"good": "no", "words": "Әлі жоқ"}).status_code == 302
    worked()
    step("change", what="a person looks before the van leaves", **change)
    step("invite")
    assert buyer.post(f"{own}judge", {"good": "yes"}).status_code == 302
    step("write_lesson", words="Look before the van leaves.")
    step("close")
    worked()

    row.refresh_from_db()
    assert (row.status, row.reopened, row.choice) == ("closed", 1, "redo")
    assert ledger.promise(f"case-{row.pk}").verdict in ("met", "exceeded")
    letters = Message.objects.filter(about=f"case:{row.pk}").order_by("pk")
    assert [one.template for one in letters] == [
        "case_received",
        "case_answer",
        "case_answer",
        "case_judge",
        "case_judge",
        "case_review",
    ]
    assert {one.language for one in letters} == {"kk"}
    assert {one.address for one in letters} == {"aigerim@example.org"}
    story = agent.get(f"/cases/{row.pk}/").content.decode()
    for part in ("Әлі жоқ", "two rolls of labels", "Look before the van leaves.", "broken"):
        assert part in story
    assert "too early to say" in agent.get("/cases/causes/").content.decode()
    assert "Look before the van leaves." in agent.get("/cases/lessons/").content.decode()


def worked() -> None:
    """The worker has done what was due."""
    for _ in range(4):
        deliver_due()
