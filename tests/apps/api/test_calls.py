"""The API as a program meets it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from overdeliver.apps.promises.models import Promise
from tests.apps.api.conftest import ORDER, PROMISE, post

pytestmark = pytest.mark.django_db


def test_order_promise_outcome_and_why(shop_api: Client) -> None:
    assert post(shop_api, "/orders", {**ORDER, "customer": "c-1"}).status_code == 201
    made = post(shop_api, "/promises", {**PROMISE, "made_at": "2026-03-05T12:00:00Z"})
    assert made.status_code == 201, made.content
    reference = made.json()["reference"]
    told = post(
        shop_api, f"/promises/{reference}/outcomes", {"happened_at": "2026-03-05T12:45:00Z"}
    )
    assert (told.json()["verdict"], told.json()["gap"]) == ("exceeded", 15)
    life = shop_api.get(f"/api/v1/explain/promise:{reference}").json()
    assert life["events"][0]["name"] == "promises.promise_made"
    assert life["events"][0]["actor"].startswith("key:")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"placed_at": "2026-03-05T12:00:00"}, "offset"),
        ({"amount": "12.50", "currency": "euro"}, "currency"),
        ({"colour": "red"}, "colour"),
        ({"reference": "a\u0000b"}, "code 0"),
        ({"reference": " "}, "reference"),
    ],
)
def test_a_wrong_order_is_refused_in_one_line(
    shop_api: Client, change: dict[str, Any], word: str
) -> None:
    answer = post(shop_api, "/orders", {**ORDER, **change})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert word in answer.json()["detail"].lower()


def test_the_same_idempotency_key_makes_one_promise_and_the_same_answer(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    first = post(shop_api, "/promises", PROMISE, **{"idempotency-key": "k-1"})
    again = post(shop_api, "/promises", PROMISE, **{"idempotency-key": "k-1"})
    assert first.json() == again.json()
    assert again["Idempotent-Replay"] == "true"
    assert Promise.objects.count() == 1


def test_an_idempotency_key_stands_for_one_call_only(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    post(shop_api, "/promises", PROMISE, **{"idempotency-key": "k-1"})
    other = post(shop_api, "/promises", {**PROMISE, "promised": 30}, **{"idempotency-key": "k-1"})
    assert other.status_code == 422
    assert Promise.objects.count() == 1


def test_a_refused_call_keeps_its_key_free(shop_api: Client) -> None:
    assert post(shop_api, "/promises", PROMISE, **{"idempotency-key": "k"}).status_code == 404
    post(shop_api, "/orders", ORDER)
    assert post(shop_api, "/promises", PROMISE, **{"idempotency-key": "k"}).status_code == 201


def test_many_outcomes_are_answered_one_by_one(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    made = post(shop_api, "/promises", PROMISE).json()["reference"]
    body = {"outcomes": [{"promise": made, "actual": 70}, {"promise": "nobody", "actual": 1}]}
    answer = post(shop_api, "/batch/outcomes", body).json()
    assert (answer["stored"], answer["refused"]) == (1, 1)
    assert answer["answers"][0]["verdict"] == "broken"
    assert "nobody" in answer["answers"][1]["refused"]


def test_pages_of_promises_follow_each_other(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    made = {post(shop_api, "/promises", PROMISE).json()["reference"] for _ in range(5)}
    seen, after = [], ""
    while True:
        page = shop_api.get("/api/v1/promises", {"limit": 2, "after": after}).json()
        seen += [one["reference"] for one in page["items"]]
        if not (after := page["next"]):
            break
    assert len(seen) == 5
    assert set(seen) == made


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/nowhere", 404), ("delete", "/promises", 405), ("get", "/promises/none", 404)],
)
def test_what_is_not_there_is_a_problem_never_a_page(
    shop_api: Client, method: str, path: str, status: int
) -> None:
    answer = getattr(shop_api, method)(f"/api/v1{path}")
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")


def test_without_a_key_nothing_opens(client: Client, shop: object) -> None:
    answer = client.get("/api/v1/promises")
    assert answer.status_code == 401
    assert answer["Content-Type"].startswith("application/problem+json")


def test_a_key_without_the_right_is_refused(shop: object, api: Callable[..., Client]) -> None:
    assert post(api("promises.see"), "/orders", ORDER).status_code == 403


def test_a_score_needs_its_scale(shop_api: Client) -> None:
    said = {"kind": "survey", "customer": "c-1", "score": 4}
    assert post(shop_api, "/feedback", said).status_code == 422
    scaled = {**said, "scale_min": 1, "scale_max": 5}
    assert post(shop_api, "/feedback", scaled).status_code == 201
