"""The journal's pages: what happened, and why."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from overdeliver.apps.journal.actions import acting, decide, record
from overdeliver.apps.journal.events import Event
from overdeliver.vocabulary.decisions import Decision

pytestmark = pytest.mark.django_db
Sign = Callable[[str], Client]
RULE = "overdeliver.apps.quoting.rules.choose"


def text(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def test_why_tells_reasons_rule_and_policy(shop: object, signed_in: Sign) -> None:
    reasons = ("<b>19 outcomes</b>", "kept at 90 %")
    with transaction.atomic():
        decision = decide(
            Decision(verdict="three days", because=reasons, policy=4),
            rule=RULE,
            subject="quote:q-1",
            inputs={"level": 0.9},
        )
        record(Event(subject="promise:p-1"), decision=decision)
    page = text(signed_in("agent").get("/why/promise:p-1/"))
    for said in ("three days", "kept at 90 %", RULE, "policy version 4", "0.9"):
        assert said in page
    assert "&lt;b&gt;19 outcomes" in page and "<b>19" not in page
    assert f'id="decision-{decision}"' in page


def test_a_cause_leads_to_what_it_was_about(shop: object, signed_in: Sign) -> None:
    with transaction.atomic():
        first = record(Event(subject="order:o-1"))
        with acting("worker", cause=first):
            record(Event(subject="promise:p-1"))
    page = text(signed_in("analyst").get("/why/promise:p-1/"))
    assert f'href="/why/order:o-1/#event-{first}"' in page


def test_of_what_was_never_heard_of_there_is_nothing(shop: object, signed_in: Sign) -> None:
    assert signed_in("manager").get("/why/promise:none/").status_code == 404


def test_the_log_is_filtered_and_paged(shop: object, signed_in: Sign) -> None:
    with transaction.atomic():
        for number in range(60):
            record(Event(subject=f"order:o-{number}"))
    client = signed_in("manager")
    first = client.get("/journal/")
    assert len(first.context["entries"]) == 50
    rest = client.get(f"/journal/?before={first.context['next']}")
    assert [one.subject for one in rest.context["entries"]][-1] == "order:o-0"
    assert len(client.get("/journal/?about=order:o-7").context["entries"]) == 1
    assert "Nothing was written down" in text(client.get("/journal/?about=order:none"))
    assert client.get("/journal/?before=x").status_code == 422


def test_the_journal_needs_its_right(shop: object) -> None:
    assert Client().get("/journal/").status_code == 302
