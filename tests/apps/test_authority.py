"""What the matrix of rights (test_rights) does not ask: what a body may carry besides, what a POST
may do that no form offers, and that no door stands behind the doors.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Business
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.listening.models import Feedback
from overdeliver.apps.look.models import Missed
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import buckets, links, staffing
from overdeliver.apps.people.models import Invitation, Staff
from overdeliver.apps.people.rules import KEY_RIGHTS, SigningPolicy, rights_of_role
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.recovery import actions as recovery
from overdeliver.apps.recovery.models import Case, Step
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.server.api import api as server_api
from tests.apps.doors import Door, doors
from tests.apps.test_rights import BODIES, TABLE

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
GOOD = "correct horse battery"
EXTRA = ("is_staff", "workspace", "status", "amount", "verified", "role", "id", "token")


@pytest.fixture
def house(shop: Business, signed_in: Callable[[str], Client]) -> Client:
    """An order, a promise and a complaint; an owner's browser."""
    buckets._BUCKETS.clear()
    people.keep_customer("c-1", name="Anna")
    promises.place_order("o-1", customer="c-1", service="parcel", placed_at=timezone.now())
    promises.make_promise("o-1", lever="time", unit="days", promised=2, reference="p-1")
    recovery.open_case(Complaint(text="The lid came broken"), order="o-1")
    while deliver_due():
        pass
    return signed_in("owner")


def everything() -> dict[str, str]:
    """A sum over the rows of every table but the moments at which keys and sessions were used."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            names = [one.column for one in model._meta.concrete_fields]
            kept = [f'"{one}"' for one in names if one not in ("last_used_at", "last_seen_at")]
            cursor.execute(f'SELECT {", ".join(kept)} FROM "{model._meta.db_table}"')
            rows = "\n".join(sorted(map(repr, cursor.fetchall())))
            found[model._meta.label] = hashlib.sha256(rows.encode()).hexdigest()
    return found


WRITES = [door for door in doors() if door.of_api and door.method != "GET"]


def _schema(door: Door) -> dict[str, Any]:
    """The body of an operation as the description says it; empty: it takes none."""
    whole = server_api.get_openapi_schema()
    path = door.name.split(" ", 1)[1]
    operation = whole["paths"][re.sub(r"{(?:\w+:)?(\w+)}", r"{\1}", path)][door.method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    found = next(iter(content.values()))["schema"] if content else {}
    name = found.get("$ref", "").rpartition("/")[2]
    return dict(whole["components"]["schemas"][name] if name else found)


@pytest.mark.parametrize("door", WRITES, ids=lambda door: door.name)
def test_a_body_that_carries_more_is_refused_and_nothing_is_written(
    door: Door, house: Client, api: Callable[..., Client]
) -> None:
    client = api(*KEY_RIGHTS)
    known = _schema(door).get("properties", {})
    before = everything()
    for name in [one for one in EXTRA if one not in known]:
        if door.name.endswith("/imports"):
            answer = client.post(door.path, {name: "1"})
        else:
            body = json.dumps({**BODIES.get(door.name, {}), name: "1"})
            answer = client.generic(door.method, door.path, body, "application/json")
        assert answer.status_code in (400, 422), (name, answer.status_code, answer.content)
    assert everything() == before


@pytest.mark.parametrize("what", ["orders", "promises", "outcomes"])
def test_a_row_of_a_batch_that_carries_more_is_refused(
    what: str, house: Client, api: Callable[..., Client]
) -> None:
    rows: dict[str, dict[str, Any]] = {
        "orders": {"reference": "new", "placed_at": "2026-03-05T12:00:00Z"},
        "promises": {"order": "o-1", "lever": "time", "unit": "days", "promised": 1},
        "outcomes": {"promise": "p-1", "actual": 1},
    }
    client = api("promises.write")
    before = everything()
    body = {what: [{**rows[what], name: "1"} for name in ("is_staff", "workspace", "verified")]}
    answer = client.post(f"/api/v1/batch/{what}", body, "application/json")
    assert everything() == before, answer.content
    assert "is_staff" in answer.content.decode()


def test_a_files_form_that_carries_more_is_refused(
    house: Client, api: Callable[..., Client]
) -> None:
    client = api("imports.write")
    given = {"files": SimpleUploadedFile("a.csv", b"order,promised\n1,2\n"), "kind": "table"}
    answer = client.post("/api/v1/imports", {**given, "state": "done"})
    assert answer.status_code == 422 and "state" in answer.json()["detail"]
    assert not Upload.objects.exists()


#: What a page's form offers besides is not read: nobody makes himself more than he is.
MORE = {
    "role": "owner",
    "is_active": "",
    "is_superuser": "1",
    "status": "closed",
    "owner": "1",
    "customer": "c-1",
    "order": "o-1",
    "token": "mine",
    "steps": "9",
    "closed_at": "2020-01-01",
    "channel": "phone",
    "severity": "high",
}


def test_forms_read_what_they_ask_and_nothing_else(
    house: Client, signed_in: Callable[[str], Client]
) -> None:
    agent = signed_in("agent")
    assert agent.post("/account/", {"name": "New", "language": "", **MORE}).status_code == 302
    row = Staff.objects.get(email="agent@example.org")
    assert (row.name, row.role, row.is_active) == ("New", "agent", True)
    token = links.invite("new@example.org", "analyst", by=None)
    typed = {"name": "N", "password": GOOD, "email": "owner2@example.org", "team": "x", **MORE}
    assert Client().post(f"/join/{token}/", typed).status_code == 302
    joined = Staff.objects.get(email="new@example.org")
    assert (joined.role, joined.team) == ("analyst", "")
    assert not Staff.objects.filter(email="owner2@example.org").exists()
    assert Client().post("/c/", {"text": "It broke", **MORE}).status_code == 302
    case = Case.objects.latest("pk")
    found = (case.status, case.owner, case.customer, case.order, case.channel, case.steps)
    assert found == ("received", None, None, "", "page", 0) and case.token != "mine"
    page = f"/c/k/{case.token}/judge"
    assert Client().post(page, {"good": "yes", **MORE}).status_code == 409
    case.refresh_from_db()
    assert case.status == "received"


def test_a_second_factor_that_is_owed_holds_every_door_shut(
    house: Client, signed_in: Callable[[str], Client]
) -> None:
    business.set_policy(SigningPolicy(second_factor_for=("manager",)))
    manager = signed_in("manager")
    assert manager.get("/account/").status_code == 200  # the session is written down
    before = everything()
    for door in doors():
        if door.of_api or TABLE[door.name] in ("public", "own.account"):
            continue
        for method in ("GET", "POST"):
            answer = manager.generic(method, door.path)
            refused = answer.status_code == 403 or answer.headers.get("Location") == "/account/"
            assert refused, (method, door.name, answer.status_code)
    assert everything() == before


def test_no_method_opens_what_the_right_does_not(
    house: Client, signed_in: Callable[[str], Client]
) -> None:
    analyst, rights = signed_in("analyst"), {*rights_of_role("analyst"), "public"}
    assert analyst.get("/account/").status_code == 200
    before = everything()
    for door in doors():
        if not door.of_api and TABLE[door.name] not in rights:
            for method in ("GET", "POST", "DELETE"):
                answer = analyst.generic(method, door.path)
                assert answer.status_code in (403, 405), (method, door.name, answer.status_code)
    assert everything() == before


@pytest.mark.parametrize("how", ["used", "expired", "withdrawn"])
def test_a_link_that_is_over_takes_no_post(
    how: str, shop: Business, staff: Callable[[str], Staff]
) -> None:
    agent = staff("agent")
    invited = links.invite("new@example.org", "owner", by=None)
    password = links.password_link(agent.pk)
    if how == "withdrawn":
        Invitation.objects.all().delete()
    elif how == "used":
        Invitation.objects.update(used_at=timezone.now())
    else:
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    before = everything()
    typed = {"name": "N", "password": GOOD}
    for page in (f"/join/{invited}/", f"/password/{password}/", f"/welcome/t/{invited}/"):
        assert Client(REMOTE_ADDR="192.0.2.3").post(page, typed).status_code == 404
    rows = Staff.objects.values_list("email", "password")
    assert list(rows) == [(agent.email, agent.password)]
    Missed.objects.all().delete()  # the misses themselves are counted
    assert everything() == before


def test_a_step_of_a_complaint_cannot_be_taken_out_of_its_turn(house: Client) -> None:
    row = Case.objects.get(text="The lid came broken")
    before = Step.objects.count()
    for name in ("close", "good", "invite", "write_lesson"):
        answer = house.post(f"/cases/{row.pk}/step", {"step": name, "words": "x"})
        assert answer.status_code in (409, 422), (name, answer.status_code)
    assert Client().post(f"/c/k/{row.token}/choose", {"choice": "refund"}).status_code == 422
    assert Step.objects.count() == before


def test_a_trap_field_and_an_unknown_answer_write_nothing(house: Client) -> None:
    cases, said = Case.objects.count(), Feedback.objects.count()
    assert Client().post("/c/", {"text": "Buy this", "website": "x"}).status_code == 200
    for number in range(3):
        assert Client().post(f"/a/guess-{number}/", {"score": "1"}).status_code == 404
    assert (Case.objects.count(), Feedback.objects.count()) == (cases, said)


def test_there_is_no_site_of_administration_and_no_rank_above_owner(
    house: Client, client: Client
) -> None:
    assert not any("admin" in one for one in settings.INSTALLED_APPS)
    assert not any("admin" in door.path for door in doors())
    for path in ("/admin/", "/admin/login/", "/accounts/admin/"):
        assert house.get(path).status_code == 404 == client.get(path).status_code
    names = {one.name for one in Staff._meta.get_fields()}
    assert not names & {"is_staff", "is_superuser", "user_permissions", "groups"}


def test_an_owner_made_at_the_command_line_stands_in_the_journal(shop: Business) -> None:
    number = staffing.make_owner("o@example.org", GOOD)
    (entry,) = journal.life(f"staff:{number}")
    assert (entry.name, entry.data["role"]) == ("people.staff_joined", "owner")
    assert entry.actor == "command"
