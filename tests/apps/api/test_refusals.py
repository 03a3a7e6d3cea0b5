"""What cannot be read is refused in one line of JSON, and nothing is ever half done."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from overdeliver.apps.people import actions as people
from overdeliver.apps.people import key_auth
from overdeliver.apps.people.key_auth import MOST, WRONG_MOST
from overdeliver.apps.promises import actions
from tests.apps.api.conftest import JSON, ORDER, PROMISE, post

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ("{", 400, "line 1, column 2"),
        ("", 422, "given"),
        ("[]", 422, "given"),
        ('{"reference": "a", "reference": "b"}', 400, "twice"),
        ('{"features": {"a": NaN}}', 400, "NaN"),
        (b"\xff\xfe{}", 400, "UTF-8"),
        ('{"reference": "a\\u0000b"}', 422, "code 0"),
        (b'{"reference": "a\x00b"}', 400, "JSON"),
        ("[" * 100_000, 400, "deep"),
        ('{"features": {"a": 1e400}}', 422, "large"),
        ('{"features": {"a": ' + "9" * 5000 + "}}", 400, "number"),
        ('{"features": {"a": 18446744073709551616}}', 422, "large"),
        ('{"features": {"a": "\\ud800"}}', 422, "half"),
        ('{"features": {"a": [1]}}', 422, "nothing else"),
    ],
)
def test_a_body_is_read_in_one_way_or_not_at_all(
    shop_api: Client, body: Any, status: int, word: str
) -> None:
    answer = post(shop_api, "/orders", body)
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM), answer.content
    said = answer.json()
    assert word in said["detail"] + str(said.get("faults", ""))
    assert said["status"] == status


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("/orders", "reference", "x" * 201),
        ("/orders", "service", "x" * 81),
        ("/orders", "channel", "\ud800"),
        ("/orders", "placed_at", "2026-03-05"),
        ("/orders", "placed_at", 1772700000),
        ("/orders", "placed_at", "0001-01-01T00:00:00Z"),
        ("/orders", "amount", "1e30"),
        ("/orders", "amount", -1),
        ("/orders", "is_staff", True),
        ("/promises", "promised", 1e300),
        ("/promises", "promised", "60"),
        ("/promises", "level", 1),
        ("/promises", "verdict", "met"),
        ("/promises", "words", "x" * 301),
        ("/feedback", "text", "x" * 10_001),
    ],
)
def test_a_value_out_of_bounds_is_refused_with_its_place(
    shop_api: Client, path: str, field: str, value: Any
) -> None:
    base = {"/orders": ORDER, "/promises": PROMISE, "/feedback": {"kind": "review", "text": "a"}}
    answer = post(shop_api, path, {**base[path], field: value})
    assert answer.status_code == 422, answer.content
    assert field in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/customers/a%00b", 404),
        ("/promises?customer=a%00b", 422),
        ("/promises?verdit=broken", 422),
        ("/promises?limit=201", 422),
        ("/promises?limit=99999999999999999999999", 422),
        ("/promises?after=nonsense", 422),
        ("/promises?after=1_99999999999999999999999", 422),
        ("/orders?after=%C2%B2", 422),
        ("/customers?after=%C2%B2", 422),
        ("/orders?placed_since=2026-03-05T10:00:00", 422),
    ],
)
def test_an_address_that_means_nothing_is_refused(shop_api: Client, path: str, status: int) -> None:
    answer = shop_api.get(f"/api/v1{path}")
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM), answer.content


def test_large_bodies_are_refused_unread(shop_api: Client) -> None:
    large = b" " * 1_000_001
    assert post(shop_api, "/orders", large).status_code == 413
    assert post(shop_api, "/batch/orders", large).status_code == 400
    assert post(shop_api, "/batch/orders", large * 5).status_code == 413


def test_other_kinds_of_bodies_are_not_read(shop_api: Client) -> None:
    answer = shop_api.post("/api/v1/orders", b"<a/>", content_type="application/xml")
    assert (answer.status_code, answer["Content-Type"]) == (415, PROBLEM)


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/x/", "/api/v2/promises"])
def test_below_api_no_answer_is_a_page(shop_api: Client, path: str) -> None:
    answer = shop_api.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


def test_another_host_is_refused_in_json(shop_api: Client) -> None:
    answer = shop_api.get("/api/v1/me", headers={"host": "evil.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)


def test_whoever_guesses_keys_is_told_to_wait(shop: object, client: Client) -> None:
    wrong = {"authorization": "Bearer od_wrong"}
    answers = [client.get("/api/v1/me", headers=wrong) for _ in range(WRONG_MOST + 1)]
    assert [one.status_code for one in answers] == [401] * WRONG_MOST + [429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 5
    right = people.make_key("till", ["promises.see"])
    known = client.get("/api/v1/me", headers={"authorization": f"Bearer {right}"})
    assert known.status_code == 200, "a good key suffers nothing from its neighbours"


def test_a_key_that_calls_too_often_is_told_to_wait(
    shop: object, api: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST >= 100
    monkeypatch.setattr(key_auth, "MOST", 3)
    monkeypatch.setattr(key_auth, "PER_SECOND", 0.5)
    client = api("promises.see")
    statuses = [client.get("/api/v1/me").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert api("promises.see").get("/api/v1/me").status_code == 200


@pytest.mark.parametrize(("error", "status"), [(OperationalError, 503), (ZeroDivisionError, 500)])
def test_a_failure_is_said_without_its_inside(
    shop_api: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception], status: int
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error("secret inside")

    monkeypatch.setattr(actions, "place_order", fail)
    shop_api.raise_request_exception = False
    answer = post(shop_api, "/orders", ORDER)
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert "secret" not in answer.content.decode()
    assert ("Retry-After" in answer) == (status == 503)


def test_a_key_without_the_right_learns_nothing_of_the_body(
    shop: object, api: Callable[..., Client]
) -> None:
    client = api("promises.see")
    assert post(client, "/orders", "{").status_code == 403
    assert client.put("/api/v1/customers/c", b"{}", content_type=JSON).status_code == 403
