"""Complaints for programs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from overdeliver.apps.business.models import Business
from overdeliver.apps.people import actions as people
from overdeliver.apps.recovery import actions
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.rules.complaint import Complaint

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def key(shop: Business, api: Callable[..., Client]) -> Client:
    """A program that may read and write complaints."""
    return api("cases.see", "cases.write")


def test_a_complaint_comes_in_and_goes_its_way(key: Client) -> None:
    people.keep_customer("c-1", name="Anna")
    told: dict[str, Any] = {"text": "The lid came broken", "customer": "c-1", "key": "k-1"}
    made = key.post("/api/v1/cases", told, content_type=JSON)
    assert made.status_code == 201
    body = made.json()
    assert body["next"] == ["admit"] and body["customer"] == "c-1"
    assert key.post("/api/v1/cases", told, content_type=JSON).json()["number"] == body["number"]
    path = f"/api/v1/cases/{body['number']}"
    early = key.post(f"{path}/steps", {"step": "close", "words": "x"}, content_type=JSON)
    assert early.status_code == 409 and "next comes admit" in early.json()["detail"]
    steps: list[dict[str, Any]] = [
        {"step": "admit", "words": "You are right.", "steps": 0},
        {"step": "apologise", "words": "We are sorry.", "remedy": "refund"},
        {"step": "find_cause", "words": "Seen", "cause": "labels"},
        {"step": "change", "words": "Seen", "change": "two rolls", "change_owner": "Dana"},
        {"step": "invite", "words": "Sent"},
        {"step": "good", "words": "Good"},
        {"step": "write_lesson", "words": "Check"},
        {"step": "close", "words": "Told"},
    ]
    for one in steps:
        answer = key.post(f"{path}/steps", one, content_type=JSON)
        assert answer.status_code == 200, answer.json()
    whole = key.get(path).json()
    assert whole["status"] == "closed" and whole["next"] == [] and len(whole["log"]) == 8
    assert (whole["cause"], whole["remedy"]) == ("labels", "refund")
    found = key.get("/api/v1/cases?status=closed").json()
    assert [one["number"] for one in found["items"]] == [body["number"]]
    assert key.get("/api/v1/cases?status=open").json()["items"] == []


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({}, 422),
        ({"text": "x"}, 422),
        ({"text": "The lid", "contact": "tomorrow"}, 422),
        ({"text": "The lid", "object": "moon"}, 422),
        ({"text": "The lid", "more": 1}, 422),
        ({"text": "The lid", "customer": "nobody"}, 404),
        ({"text": "The lid", "order": "none"}, 404),
    ],
)
def test_what_cannot_be_used_is_refused(told: dict[str, Any], status: int, key: Client) -> None:
    assert key.post("/api/v1/cases", told, content_type=JSON).status_code == status
    assert not Case.objects.exists()


def test_steps_are_refused_as_everywhere(key: Client, complaint: Case) -> None:
    path = f"/api/v1/cases/{complaint.pk}/steps"
    for told, status in (
        ({"step": "jump", "words": "x"}, 422),
        ({"step": "admit", "words": ""}, 422),
        ({"step": "admit", "words": "We will do better."}, 422),
        ({"step": "admit", "words": "Yes", "steps": 3}, 409),
        ({"step": "change", "words": "Yes", "change": "x", "change_owner": "y"}, 409),
    ):
        assert key.post(path, told, content_type=JSON).status_code == status, told
    assert key.post(
        "/api/v1/cases/999999/steps", {"step": "admit", "words": "x"}, content_type=JSON
    )
    assert key.get("/api/v1/cases/999999").status_code == 404
    assert Case.objects.get().status == "received"


def test_keys_without_the_right_are_refused(complaint: Case, api: Callable[..., Client]) -> None:
    other = api("promises.see")
    assert other.get("/api/v1/cases").status_code == 403
    reader = api("cases.see")
    told = {"text": "The lid"}
    assert reader.post("/api/v1/cases", told, content_type=JSON).status_code == 403


def test_a_complaint_costs_few_statements(open_days: Business) -> None:
    actions.open_case(Complaint(text="Warm"))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        actions.open_case(Complaint(text="The lid came broken"))
    writes = [one for one in seen.captured_queries if one["sql"].startswith("INSERT")]
    assert len(writes) == 3, "the complaint, its event, the event's listeners"
    assert len(seen.captured_queries) <= 12
