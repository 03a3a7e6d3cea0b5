"""Lists that can be walked while others write, and calls of many rows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from overdeliver.apps.promises import actions
from overdeliver.apps.promises.models import Order, Promise, Standing
from tests.apps.api.conftest import ORDER, PROMISE, post

pytestmark = pytest.mark.django_db


def walked(client: Client, path: str, between: Callable[[], Any], **asked: Any) -> list[str]:
    """The references of all pages of two; something happens between them."""
    seen: list[str] = []
    after = ""
    while True:
        page = client.get(f"/api/v1{path}", {**asked, "limit": 2, "after": after}).json()
        assert len(page["items"]) <= 2
        seen += [one["reference"] for one in page["items"]]
        between()
        if not (after := page["next"]):
            return seen


def test_orders_are_walked_without_gap_or_double_while_more_come_in(shop_api: Client) -> None:
    for number in range(5):
        post(shop_api, "/orders", {**ORDER, "reference": f"o-{number}"})
    more = iter(range(100))

    def another() -> None:
        placed = {"reference": f"new-{next(more)}", "placed_at": "2026-03-06T12:00:00Z"}
        assert post(shop_api, "/orders", placed).status_code == 201

    seen = walked(shop_api, "/orders", another, service="courier")
    assert sorted(seen) == [f"o-{number}" for number in range(5)]


def test_orders_are_filtered(shop_api: Client) -> None:
    post(shop_api, "/orders", {**ORDER, "customer": "c-1"})
    post(shop_api, "/orders", {"reference": "o-2", "placed_at": "2026-03-07T00:00:00+05:00"})
    for asked, found in (
        ({"customer": "c-1"}, ["o-1"]),
        ({"service": "courier"}, ["o-1"]),
        ({"placed_since": "2026-03-06T00:00:00Z"}, ["o-2"]),
        ({"placed_before": "2026-03-06T19:00:00Z"}, ["o-1"]),
        ({"customer": "nobody"}, []),
        ({}, ["o-2", "o-1"]),
    ):
        page = shop_api.get("/api/v1/orders", asked).json()
        assert [one["reference"] for one in page["items"]] == found, asked


def test_what_changed_since_is_found_by_it(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    old, new = (post(shop_api, "/promises", PROMISE).json()["reference"] for _ in "ab")
    Standing.objects.update(changed_at=timezone.now() - timedelta(days=1))
    before = timezone.now().isoformat()
    post(shop_api, f"/promises/{new}/outcomes", {"actual": 90})
    page = shop_api.get("/api/v1/promises", {"changed_since": before}).json()
    assert [(one["reference"], one["verdict"]) for one in page["items"]] == [(new, "broken")]
    assert page["items"][0]["changed_at"] >= before[:19]
    assert old != new


def test_a_revision_stands_beside_the_original(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    first = post(shop_api, "/promises", PROMISE).json()["reference"]
    terms = {"lever": "time", "unit": "minutes", "promised": 90}
    second = post(shop_api, f"/promises/{first}/revisions", terms).json()["reference"]
    thread = shop_api.get(f"/api/v1/promises/{second}/revisions").json()
    assert [one["reference"] for one in thread] == [first, second]
    for which, found in (("original", first), ("latest", second)):
        page = shop_api.get("/api/v1/promises", {"which": which}).json()
        assert [one["reference"] for one in page["items"]] == [found]


def test_a_corrected_outcome_keeps_the_first_one(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    made = post(shop_api, "/promises", PROMISE).json()["reference"]
    for actual in (50, 70):
        post(shop_api, f"/promises/{made}/outcomes", {"actual": actual})
    told = shop_api.get(f"/api/v1/promises/{made}/outcomes").json()
    assert [(one["actual"], one["counts"]) for one in told] == [(50, False), (70, True)]
    assert shop_api.get("/api/v1/promises/nobody/outcomes").status_code == 404


def test_feedback_is_listed_by_whom_and_what_it_is_about(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    score = {"kind": "survey", "score": 4, "scale_min": 1, "scale_max": 5}
    post(shop_api, "/feedback", {**score, "order": "o-1", "reference": "f-1"})
    post(shop_api, "/feedback", {"kind": "review", "customer": "c-1", "text": "Late."})
    found = shop_api.get("/api/v1/feedback", {"order": "o-1"}).json()["items"]
    assert [(one["reference"], one["score"], one["scale_max"]) for one in found] == [("f-1", 4, 5)]
    theirs = shop_api.get("/api/v1/feedback", {"customer": "c-1"}).json()["items"]
    assert [(one["customer"], one["text"]) for one in theirs] == [("c-1", "Late.")]
    assert len(walked(shop_api, "/feedback", lambda: None)) == 2
    again = post(shop_api, "/feedback", {**score, "order": "o-1", "reference": "f-1", "score": 5})
    assert again.status_code == 409


def test_of_many_rows_each_is_answered_and_none_is_lost(shop_api: Client) -> None:
    rows: list[Any] = [
        {**ORDER, "reference": "b-1"},
        {**ORDER, "reference": "b-2", "placed_at": "2026-03-05T12:00:00"},
        {**ORDER, "reference": "b-3", "amount": "5"},
        {**ORDER, "reference": "b-4", "colour": "red"},
        ["what?"],
        {**ORDER, "reference": "b-5"},
    ]
    said = post(shop_api, "/batch/orders", {"orders": rows}).json()
    assert (said["stored"], said["refused"]) == (2, 4)
    assert [one["row"] for one in said["answers"]] == list(range(6))
    stored = [one["reference"] for one in said["answers"] if not one["refused"]]
    assert stored == ["b-1", "b-5"] == sorted(Order.objects.values_list("reference", flat=True))
    for row, reference, word in (
        (1, "b-2", "offset"), (2, "b-3", "currency"), (3, "b-4", "colour"), (4, "", "dict"),
    ):  # fmt: skip
        answer = said["answers"][row]
        assert answer["reference"] == reference and word in answer["refused"], answer


def test_promises_in_one_call_are_made_and_told_by_row(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    rows = [PROMISE, {**PROMISE, "order": "none"}, {**PROMISE, "reference": "p-own"}]
    said = post(shop_api, "/batch/promises", {"promises": rows}).json()
    assert (said["stored"], said["refused"]) == (2, 1)
    assert said["answers"][2]["reference"] == "p-own"
    assert Promise.objects.filter(reference=said["answers"][0]["reference"]).exists()
    outcomes = [{"promise": "p-own", "actual": 70}, {"promise": "p-own", "happened_at": "soon"}]
    told = post(shop_api, "/batch/outcomes", {"outcomes": outcomes}).json()
    assert [one["verdict"] for one in told["answers"]] == ["broken", ""]
    assert told["answers"][1]["reference"] == "p-own"


@pytest.mark.parametrize("count", [0, 1001])
def test_none_or_too_many_rows_are_refused_as_a_whole(shop_api: Client, count: int) -> None:
    rows = [{"promise": "p", "actual": 1}] * count
    assert post(shop_api, "/batch/outcomes", {"outcomes": rows}).status_code == 422


@pytest.mark.parametrize(("fails", "status", "stored"), [(3, 503, 0), (70, 200, 50)])
def test_a_database_that_fails_midway_loses_no_row_unsaid(
    shop_api: Client, monkeypatch: pytest.MonkeyPatch, fails: int, status: int, stored: int
) -> None:
    real = actions.place_order

    def place(reference: str, **words: Any) -> str:
        if reference == f"b-{fails}":
            raise OperationalError("disk full")
        return real(reference, **words)

    monkeypatch.setattr(actions, "place_order", place)
    rows = [{**ORDER, "reference": f"b-{number}"} for number in range(120)]
    answer = post(shop_api, "/batch/orders", {"orders": rows})
    assert answer.status_code == status
    assert Order.objects.count() == stored
    if status == 200:
        said = answer.json()
        assert (said["stored"], said["refused"], len(said["answers"])) == (50, 70, 120)
        again = [one["reference"] for one in said["answers"] if "again" in one["refused"]]
        assert again == [f"b-{number}" for number in range(50, 120)]
