"""The authorization matrix: every door stands in rights.toml, and opens to whom it says."""

import json
import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.people import actions as people
from overdeliver.apps.people import buckets
from overdeliver.apps.people.models import ApiKey, Staff
from overdeliver.apps.people.rules import KEY_RIGHTS, RIGHTS, rights_of_role
from tests.apps.doors import Door, doors

pytestmark = pytest.mark.django_db
TABLE: dict[str, str] = tomllib.loads((Path(__file__).parent / "rights.toml").read_text("utf-8"))
ROLES = ("owner", "manager", "agent", "analyst")


def test_every_door_stands_in_the_table_with_its_right() -> None:
    found = {door.name: door.right for door in doors()}
    assert found == TABLE


def test_every_right_named_at_a_door_is_one_that_roles_have() -> None:
    known = {*RIGHTS, "public", "key"}
    assert set(TABLE.values()) <= known
    assert {TABLE[d.name] for d in doors() if d.of_api} <= {*KEY_RIGHTS, "key", "public"}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_pages_and_no_others(
    role: str, shop: object, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in(role)
    client.raise_request_exception = False
    rights = {*rights_of_role(role), "public"}
    wrong = [
        (door.name, status)
        for door in doors()
        if not door.of_api and not _drastic(door)
        if (status := _knock(client, door)) and (status == 403) == (TABLE[door.name] in rights)
    ]
    assert not wrong


def test_a_stranger_is_asked_to_sign_in(shop: object, client: Client) -> None:
    client.raise_request_exception = False
    for door in doors():
        if door.of_api or TABLE[door.name] == "public":
            continue
        answer = client.generic(door.method, door.path)
        assert answer.status_code == 302, door
        assert answer["Location"].startswith("/accounts/login/"), door


@pytest.mark.parametrize("right", [*KEY_RIGHTS, None])
def test_a_key_opens_what_its_right_says(
    right: str | None, shop: object, api: Callable[..., Client]
) -> None:
    client = api(*([right] if right else []))
    client.raise_request_exception = False
    for door in doors():
        if not door.of_api or TABLE[door.name] in ("public", "key"):
            continue
        refused = _knock(client, door) == 403
        assert refused == (TABLE[door.name] != right), (door.name, right)


@pytest.mark.parametrize("change", ["expired", "revoked", "cut"])
def test_a_key_that_is_over_opens_nothing(change: str, shop: object) -> None:
    key = people.make_key("test", ["promises.see"])
    client = Client(headers={"authorization": f"Bearer {key}"})
    assert client.get("/api/v1/promises").status_code == 200
    past = timezone.now() - timedelta(seconds=1)
    if change == "cut":
        ApiKey.objects.update(rights=[])
    else:
        ApiKey.objects.update(**{f"{change}_at" if change == "revoked" else "expires_at": past})
    assert client.get("/api/v1/promises").status_code == (403 if change == "cut" else 401)


def test_somebody_deactivated_is_out_at_once(
    shop: object, staff: Callable[[str], Staff], client: Client
) -> None:
    client.force_login(staff("owner"))
    assert client.get("/promises/").status_code == 200
    Staff.objects.update(is_active=False)
    assert client.get("/promises/").status_code == 302


def test_the_api_opens_to_keys_alone(
    shop: object, client: Client, signed_in: Callable[[str], Client]
) -> None:
    """Neither a stranger nor somebody signed in, so that no other page can call in his name."""
    for caller in (client, signed_in("owner")):
        for door in doors():
            if door.of_api and TABLE[door.name] != "public":
                buckets._BUCKETS.clear()
                assert caller.generic(door.method, door.path).status_code == 401, door


def test_a_key_opens_no_page(shop: object, api: Callable[..., Client]) -> None:
    client = api(*KEY_RIGHTS)
    for door in doors():
        if not door.of_api and TABLE[door.name] != "public":
            assert client.generic(door.method, door.path).status_code == 302, door


def test_a_right_that_keys_may_not_have_is_worth_nothing(shop: object) -> None:
    key = people.make_key("test", ["promises.see"])
    ApiKey.objects.update(rights=["keys.manage", "customers.erase", "promises.write ", "*"])
    client = Client(headers={"authorization": f"Bearer {key}"})
    assert client.get("/api/v1/me").json()["rights"] == []
    assert client.get("/api/v1/promises").status_code == 403


def _drastic(door: Door) -> bool:
    """Doors that end the session they are tried with."""
    return "sign" in door.path or "logout" in door.path


#: Bodies that are read without fault: a right is refused, not a form.
BODIES: dict[str, Any] = {
    "POST /api/v1/cases": {"text": "none such", "customer": "none"},
    "POST /api/v1/cases/{int:number}/steps": {"step": "admit", "words": "none"},
    "POST /api/v1/feedback": {"kind": "survey", "customer": "none", "text": "well"},
    "POST /api/v1/orders": {"reference": "none", "placed_at": "2026-03-05T12:00:00Z"},
    "POST /api/v1/batch/orders": {"orders": [{"reference": "none"}]},
    "POST /api/v1/batch/promises": {"promises": [{"order": "none"}]},
    "POST /api/v1/batch/outcomes": {"outcomes": [{"promise": "none", "actual": 1}]},
    "POST /api/v1/promises": {"order": "nobody", "lever": "time", "unit": "days", "promised": 1},
    "POST /api/v1/promises/{path:reference}/revisions": {"lever": "time", "unit": "days"},
    "POST /api/v1/quotes": {"service": "none"},
    "POST /api/v1/quotes/{quote_id}/accept": {"order": "none"},
}


def _knock(client: Client, door: Door) -> int:
    body: Any = json.dumps(BODIES.get(door.name, {})) if door.of_api else ""
    kind = "application/json" if door.of_api else "application/x-www-form-urlencoded"
    answer = client.generic(door.method, door.path, body, content_type=kind)
    if answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/"):
        return 403
    if answer.status_code >= 500:
        raise AssertionError(f"{door}: {answer.status_code} {answer.content[:300]!r}")
    return answer.status_code


def table() -> str:
    """The table as the server says it, to be read before it is written."""
    return "\n".join(f"{json.dumps(door.name)} = {json.dumps(door.right)}" for door in doors())
