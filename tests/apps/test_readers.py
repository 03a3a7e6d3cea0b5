"""What stands inside the answers: nobody reads what his rights do not show, wherever it is told.

Lists, searches, pages of single things, exports, pictures, the feed of explanations and the answers
to writes are read with everything in the house marked; each mark says who may find it.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Business
from overdeliver.apps.care.models import Material
from overdeliver.apps.intake.models import Source, Upload
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.listening.actions import take_feedback
from overdeliver.apps.outreach.models import Endpoint
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import buckets, links
from overdeliver.apps.people.models import Customer, Staff
from overdeliver.apps.people.rules import KEY_RIGHTS, rights_of_role
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.quoting.models import Quote
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.apps.recovery import actions as recovery
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.rules.complaint import Complaint
from tests.apps.doors import doors
from tests.apps.test_rights import TABLE

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

#: What only some may read: the mark, and the rights of a role any of which shows it.
OF_ROLES: dict[str, set[str]] = {
    "canary-file.csv": {"imports.see"},
    "canary source": {"settings.see"},
    "canary-hook.example": {"settings.see"},
    "canary-note": {"settings.see", "quoting.see"},
    "canary-price": {"settings.see", "quoting.see"},
    "canary key": {"keys.manage"},
    "canary-invited@example.org": {"people.manage"},
    "canary-staff@example.org": {"people.manage"},
    "canary-team": {"people.manage"},
}
#: The same for the keys of programs.
OF_KEYS: dict[str, set[str]] = {
    # The journal tells of references, never of names.
    "canary-customer": {"customers.see", "promises.see", "cases.see", "care.see", "journal.see"},
    "Canary Name": {"customers.see"},
    "canary-mail@example.org": {"customers.see"},
    "+77015550199": {"customers.see"},
    "Canary Street": {"customers.see"},
    "canary-order": {"promises.see", "customers.see", "cases.see", "care.see", "journal.see"},
    "canary feature": {"promises.see"},
    "canary words": {"promises.see"},
    "canary complaint": {"cases.see"},
    "canary answer": {"customers.see"},
    "canary-file.csv": {"imports.write"},
    "canary-quote": {"quoting.see"},
    "canary quoted": {"quoting.see"},
    "canary material": set(),
    "canary source": set(),
    "canary-hook.example": set(),
    "canary-note": set(),
    "canary key": set(),
    "canary-invited@example.org": set(),
    "canary-staff@example.org": set(),
}


@pytest.fixture
def house(shop: Business, signed_in: Callable[[str], Client]) -> Client:
    """Something of everything, each with its mark; an owner's browser."""
    buckets._BUCKETS.clear()
    now = timezone.now()
    people.keep_customer(
        "canary-customer",
        name="Canary Name",
        email="canary-mail@example.org",
        phone="+77015550199",
        postal="Canary Street 1",
    )
    promises.place_order(
        "canary-order",
        customer="canary-customer",
        service="parcel",
        placed_at=now - timedelta(days=9),
        features={"what": "canary feature"},
    )
    promises.make_promise(
        "canary-order",
        lever="time",
        unit="days",
        promised=2,
        made_at=now - timedelta(days=9),
        words="canary words",
        reference="canary-promise",
    )
    take_feedback(kind="review", order="canary-order", text="canary answer", reference="canary-f")
    recovery.open_case(Complaint(text="canary complaint"), order="canary-order")
    while deliver_due():
        pass
    Upload.objects.create(
        reference="canary-upload", name="canary-file.csv", size=1, sha256="x", by="staff:1"
    )
    Source.objects.create(slug="canary", name="canary source", kind="generic", secret="s")
    _quoted(now)
    Material.objects.create(
        kind="guide", language="en", title="canary material", text="x", changed_at=now
    )
    Endpoint.objects.create(url="https://canary-hook.example/", secret="whsec_x")
    people.make_key("canary key", ["promises.see"])
    links.invite("canary-invited@example.org", "agent", by=None)
    Staff.objects.create_user(
        "canary-staff@example.org", "secret", role="agent", name="Dana", team="canary-team"
    )
    return signed_in("owner")


def _quoted(now: Any) -> None:
    business.set_policy(
        PromisingPolicy(prices={"canary-price": {"unit_margin": 12}}), note="canary-note"
    )
    Quote.objects.create(
        reference="canary-quote",
        service="parcel",
        lever="time",
        unit="days",
        words="canary quoted",
        shown=True,
        made_at=now,
        expires_at=now + timedelta(days=1),
    )


def marks_in(answer: Any, marks: dict[str, set[str]]) -> set[str]:
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    plain = unescape(text.decode("utf-8", "replace"))
    return {one for one in marks if one in plain}


def walked(client: Client) -> tuple[dict[str, str], set[str]]:
    """Every address an owner comes to by following links, one of each kind, with its route; and
    the marks he found on the way.
    """
    waiting = ["/settings/policies/promising/"]
    waiting += [f"{one}?q=canary" for one in ("/customers/", "/cases/", "/promises/", "/answers/")]
    waiting += [door.path for door in doors() if not door.of_api and "none" not in door.path]
    found: dict[str, str] = {}
    seen: set[str] = set()
    tried: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        try:
            route = resolve(path.partition("?")[0]).route
        except Resolver404:
            continue
        known = route in found.values() or path in tried
        if known or f"page {route or '/'}" not in TABLE:
            continue
        tried.add(path)
        answer = client.get(path) if "sign-out" not in path else None
        if answer is None or answer.status_code != 200:
            continue
        found[path] = route
        seen |= marks_in(answer, OF_ROLES)
        if "html" in answer.headers.get("Content-Type", ""):
            links_ = re.findall(r'(?:href|hx-get)="(/[^"#]*)', answer.content.decode())
            waiting += [unescape(one) for one in links_]
    return found, seen


def test_no_role_reads_what_its_rights_do_not_show(
    house: Client, signed_in: Callable[[str], Client]
) -> None:
    """Lists, searches, pages, exports and pictures, with names and numbers that exist."""
    found, seen = walked(house)
    assert len(found) > 70, sorted(found)
    assert seen == set(OF_ROLES), "an owner finds every mark: what nobody finds proves nothing"
    for role in ("manager", "agent", "analyst"):
        client, rights = signed_in(role), {*rights_of_role(role), "public"}
        for path, route in found.items():
            answer = client.get(path)
            right = TABLE[f"page {route or '/'}"]
            assert (answer.status_code == 403) == (right not in rights), (role, path)
            for mark in marks_in(answer, OF_ROLES):
                assert OF_ROLES[mark] & rights, (role, path, mark)


def calls() -> Iterator[tuple[str, str, Any]]:
    """Every operation of the API about things that exist."""
    number = Case.objects.get(text="canary complaint").pk
    for path in (
        *("customers", "customers?q=Canary", "customers/canary-customer", "orders"),
        *("orders?customer=canary-customer", "orders/canary-order", "promises", "feedback", "me"),
        *("promises?customer=canary-customer", "promises/canary-promise", "care/tasks"),
        *("promises/canary-promise/outcomes", "promises/canary-promise/revisions", "care/plans"),
        *("cases", "cases?q=canary", f"cases/{number}", "imports/canary-upload"),
        *("quotes/canary-quote", "explain/order:canary-order", "explain/customer:canary-customer"),
        *(f"explain/case:{number}", "explain/promise:canary-promise", "explain/quote:canary-quote"),
    ):
        yield "GET", path, None
    yield "PUT", "customers/canary-customer", {}
    yield "PUT", "customers/canary-customer", {"segment": "new"}
    yield "POST", "feedback", {"kind": "review", "customer": "canary-customer", "text": "well"}
    yield "POST", "quotes", {"service": "parcel"}


@pytest.mark.parametrize("right", KEY_RIGHTS)
def test_a_key_reads_what_its_right_shows_and_nothing_else(
    right: str, house: Client, api: Callable[..., Client]
) -> None:
    client = api(right)
    client.raise_request_exception = False
    for method, path, body in calls():
        sent = json.dumps(body) if body is not None else ""
        answer = client.generic(method, f"/api/v1/{path}", sent, "application/json")
        asked = unescape(path) + sent
        for mark in marks_in(answer, OF_KEYS):
            assert right in OF_KEYS[mark] or mark in asked, (right, method, path, mark)


def test_keys_together_find_what_is_marked(house: Client, api: Callable[..., Client]) -> None:
    client = api(*KEY_RIGHTS)
    seen = set()
    for _, path, body in calls():
        if body is None:
            seen |= marks_in(client.get(f"/api/v1/{path}"), OF_KEYS)
    assert seen == {mark for mark, rights in OF_KEYS.items() if rights}


def test_a_key_that_only_writes_customers_does_not_read_them(
    house: Client, api: Callable[..., Client]
) -> None:
    path = "/api/v1/customers/canary-customer"
    writer, reader = api("customers.write"), api("customers.write", "customers.see")
    told = writer.put(path, {"segment": "new"}, "application/json").json()
    assert told["segment"] == "new" and told["reference"] == "canary-customer"
    assert not any(told[name] for name in ("name", "email", "phone", "postal", "zone"))
    assert reader.put(path, {}, "application/json").json()["email"] == "canary-mail@example.org"
    assert Customer.objects.get(reference="canary-customer").email == "canary-mail@example.org"
