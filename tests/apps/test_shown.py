"""What strangers are shown: every column that reaches a public page stands in shown.toml.

Each column of each row holds a mark of its own; pages are read as anybody with the link reads them,
and the marks found are compared with the list. A field that nobody allowed fails here.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Business, Service, Touchpoint
from overdeliver.apps.care import feeds, materials, plans
from overdeliver.apps.care.jobs import do_due
from overdeliver.apps.care.models import Due, Share
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.journal.append_only import lifted
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.listening import asking
from overdeliver.apps.listening.rules import SurveyPolicy
from overdeliver.apps.outreach import preferences
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import buckets, links
from overdeliver.apps.people.models import Customer, Staff
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.models import Order
from overdeliver.apps.quoting import serving
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.apps.recovery import actions as recovery
from overdeliver.apps.recovery.models import Case
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.apps.recovery.rules.policies import RemedyPolicy
from tests.apps.recovery.conftest import STEPS

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
_FILE = tomllib.loads((Path(__file__).parent / "shown.toml").read_text("utf-8"))
ALLOWED: dict[str, list[str]] = _FILE["shown"]
#: Columns that decide what a page does, or find a row: a mark would change what is shown.
KEPT: frozenset[str] = frozenset(name for names in _FILE["kept"].values() for name in names)
CHAPTERS = {one.label for one in apps.get_app_configs() if one.name.startswith("overdeliver.")}
YEAR, SUM = 2100, 71_000_000
#: Marks put in by the story itself: the order's own name, and words of a policy.
ORDER, WITHDRAW = "Zq900z", "Zq901z"


def columns() -> list[tuple[str, type[models.Model], Any]]:
    """Every column of text, JSON, numbers of money and time, in one order for all time."""
    kinds = (models.CharField, models.TextField, models.JSONField, models.DecimalField)
    found = []
    for model in apps.get_models():
        if model._meta.app_label in CHAPTERS:
            for one in model._meta.concrete_fields:
                if isinstance(one, (*kinds, models.DateField)) and not one.primary_key:
                    found.append((f"{model._meta.label}.{one.name}", model, one))
    return sorted(found, key=lambda column: column[0])


NUMBERS = {name: 100 + n for n, (name, _, _) in enumerate(columns())}


def mark(field: Any, number: int, row: int) -> Any:
    """What a column holds in a row, so that it is known again wherever it is shown."""
    if isinstance(field, models.DateTimeField):
        return datetime(YEAR + number - 100, 6, 15, 12, tzinfo=timezone.get_current_timezone())
    if isinstance(field, models.DateField):
        return date(YEAR + number - 100, 6, 15)
    if isinstance(field, models.DecimalField):
        return Decimal(SUM + number)
    return f"Zq{number}z{row}"


def in_json(value: Any, said: str) -> Any:
    """The same shape with every text replaced, and a name more."""
    if isinstance(value, dict):
        return {**{key: in_json(one, said) for key, one in value.items()}, said: said}
    if isinstance(value, list):
        return [*(in_json(one, said) for one in value), said]
    return said if isinstance(value, str) else value


def fill() -> None:
    """Put its mark into every column of every row that is not kept and not null."""
    marked: dict[type[models.Model], list[tuple[str, Any]]] = {}
    for name, model, field in columns():
        if name not in KEPT:
            marked.setdefault(model, []).append((name, field))
    with lifted():
        for model, fields in marked.items():
            for number, row in enumerate(model._default_manager.order_by("pk")):
                values = {
                    field.attname: _value(field, getattr(row, field.attname), name, number)
                    for name, field in fields
                    if getattr(row, field.attname) is not None  # what is null has not happened
                }
                model._default_manager.filter(pk=row.pk).update(**values)


def _value(field: Any, was: Any, name: str, row: int) -> Any:
    value = mark(field, NUMBERS[name], row)
    return in_json(was, value) if isinstance(field, models.JSONField) else value


def seen(text: str) -> set[str]:
    """The columns whose marks stand in a text."""
    names = {number: name for name, number in NUMBERS.items()}
    names |= {900: "promises.Order.reference", 901: "business.Policy.data"}
    joined = re.sub(r"(?<=\d)[\s,.\u202f\xa0](?=\d)", "", text)
    days = re.findall(r"15 June\s+(2\d{3})|(2\d{3})-?06-?15", text)
    found = {int(one) for one in re.findall(r"zq(\d{3})z", text, re.IGNORECASE)}
    found |= {int(one or other) - YEAR + 100 for one, other in days}
    found |= {int(one) - SUM for one in re.findall(r"71000\d{3}", joined)}
    return {names[one] for one in found if one in names}


@pytest.fixture
def told(shop: Business) -> dict[str, str]:
    """A story with something in every table; the links in it."""
    buckets._BUCKETS.clear()
    serving.forget()
    for policy in (
        SurveyPolicy(on=True, control_share=0),
        OutboxPolicy(quiet_from=0, quiet_to=0),
        CarePolicy(held_out=0, withdraw_how=WITHDRAW),
        PromisingPolicy(public=("parcel",)),
        RemedyPolicy(offered=("redo", "refund")),
    ):
        business.set_policy(policy)
    plans.make_starters()
    plans.switch("order", True)
    Service.objects.filter(slug="parcel").update(fallback=3)
    Touchpoint.objects.create(slug="counter", name="Counter", phase="use", expected="x")
    _ordered()
    kept = _asked_and_complained()
    for model in {model for _, model, _ in columns()}:
        some_row(model)
    return kept


def _ordered() -> None:
    now = timezone.now()
    for name in ("c-1", "c-2"):
        details = {"email": f"{name}@example.org", "phone": "+77011234567", "postal": "Abai 1"}
        people.keep_customer(name, name="Anna", language="en", segment="new", **details)
        for purpose in ("asking", "stories"):
            people.note_consent(name, purpose, True, source="page")
    promises.place_order(
        ORDER,
        customer="c-1",
        service="parcel",
        placed_at=now - timedelta(hours=1),
        amount=Decimal(70),
        currency="KZT",
        features={"colour": "red"},
    )
    first = promises.make_promise(ORDER, lever="time", unit="days", promised=2, words="x")
    promises.make_promise(ORDER, lever="time", unit="days", promised=9, words="x", revises=first)
    promises.say_next_step(ORDER, "x")
    while deliver_due():
        pass
    Due.objects.update(next_at=now)
    do_due()
    promises.complete_order(ORDER, at=now)
    for kind, customer in (("testimonial", "c-2"), ("guide", "")):
        draft = materials.Draft(
            kind=kind, language="en", title="x", text="x", source="x", customer=customer
        )
        materials.keep(draft)


def _asked_and_complained() -> dict[str, str]:
    while deliver_due():
        pass
    asking.send_due(timezone.now() + timedelta(days=3))
    question = Message.objects.get(template__startswith="question_").text
    found = re.search(r"/a/([\w-]+)/", question)
    assert found
    told = Complaint(text="The lid came broken", contact="anna@example.org", name="Anna")
    row = recovery.open_case(told, order=ORDER)
    for name, said in STEPS[:5]:
        recovery.do_named(
            row.pk,
            name,
            recovery.Told(**said),
            cause="labels missing",
            change="labels checked",
            change_owner="Dana",
        )
    recovery.open_case(Complaint(text="It is late", contact="anna@example.org"), key="second")
    agent = Staff.objects.create_user("a@example.org", "secret", role="agent", name="Dana")
    return {
        "question": found[1],
        "choices": preferences.token(Customer.objects.get(reference="c-1").pk, "asking"),
        "calendar": feeds.make_feed(agent.pk),
        "join": links.invite("new@example.org", "agent", team="x", by=agent.pk),
        "password": links.password_link(agent.pk),
    }


def some_row(model: type[models.Model]) -> models.Model:
    """The first row of a table; where there is none, one that says nothing."""
    row = model._default_manager.order_by("pk").first()
    if row is not None:
        return row
    given: dict[str, Any] = {}
    for one in model._meta.concrete_fields:
        if one.has_default() or one.null or (one.primary_key and one.name == "id"):
            continue
        if isinstance(one, models.ForeignKey):
            given[one.name] = some_row(one.related_model)  # type: ignore[arg-type]
        elif not getattr(one, "auto_now_add", False) and not getattr(one, "auto_now", False):
            given[one.name] = _something(one)
    return model._default_manager.create(**given)


def _something(field: Any) -> Any:
    kinds: tuple[tuple[type, Any], ...] = (
        (models.DateTimeField, timezone.now()),
        (models.DateField, timezone.localdate()),
        (models.TimeField, timezone.now().time()),
        (models.BinaryField, b"x"),
        (models.JSONField, {}),
        (models.CharField, "x"),
        (models.TextField, "x"),
    )
    return next((value for kind, value in kinds if isinstance(field, kind)), 1)


def pages(kept: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every address that needs no sign-in, by its name in the list."""
    order = Order.objects.get(reference=ORDER).token
    whole, new = Case.objects.order_by("pk")
    share = Share.objects.get().token
    yield "status", f"/s/{order}/"
    yield "door", "/c/"
    yield "door of an order", f"/c/o/{order}/"
    yield "door of a touchpoint", "/c/t/counter/"
    yield "complaint, asked to judge", f"/c/k/{whole.token}/"
    yield "complaint, new", f"/c/k/{new.token}/"
    yield "question", f"/a/{kept['question']}/"
    yield "choices", f"/u/{kept['choices']}/"
    yield "share", f"/m/{share}/"
    yield "share on paper", f"/m/{share}/pdf"
    yield "calendar", f"/calendar/{kept['calendar']}.ics"
    yield "snippet", "/q/parcel.js"
    yield "quote", "/q/parcel/"
    yield "quote as JSON", "/q/parcel/quote"
    yield "join", f"/join/{kept['join']}/"
    yield "password", f"/password/{kept['password']}/"
    yield "unknown link", f"/s/{'A' * 32}/"
    yield "unknown complaint", f"/c/k/{'A' * 32}/"
    yield "unknown page", "/none/"
    yield "alive", "/healthz"
    yield "ready", "/readyz"
    yield "figures", "/metrics"
    yield "sign-in", "/accounts/login/"
    yield "description of the API", "/api/v1/openapi.json"


def read(answer: Any) -> str:
    """An answer as text: headers too, lines of calendars joined, PDF as its words."""
    head = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    if answer.headers.get("Content-Type") != "application/pdf":
        return head + answer.content.decode().replace("\r\n ", "")
    document = pypdfium2.PdfDocument(answer.content)
    return head + " ".join(page.get_textpage().get_text_range() for page in document)


def shown(kept: dict[str, str]) -> dict[str, list[str]]:
    found = {}
    client = Client()
    for name, path in pages(kept):
        answer = client.get(path, headers={"accept-language": "en"})
        expected = 404 if name.startswith("unknown") else 200
        assert answer.status_code == expected, (name, answer.status_code)
        found[name] = sorted(seen(read(answer)))
    return found


def every_column_can_be_told() -> None:
    """Whatever is held is a mark that would be found, but for the kept ones and what is null."""
    assert {name for name, _, _ in columns()} >= KEPT
    assert len(NUMBERS) < 700, "marks have three digits"
    for name, model, field in columns():
        rows = model._default_manager.values_list(field.attname, flat=True)
        held = " ".join(str(one) for one in rows if one is not None)
        assert name in KEPT or not held or name in seen(held), (name, held[:100])


def test_public_pages_show_what_stands_in_the_list_and_nothing_else(told: dict[str, str]) -> None:
    fill()
    every_column_can_be_told()
    serving.forget()
    try:
        assert shown(told) == ALLOWED
    finally:
        serving.forget()


def test_a_field_that_nobody_allowed_is_found(
    told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from overdeliver.apps.promises import public

    page: Callable[..., Any] = public._page

    def careless(request: Any, order: Any) -> Any:
        answer = page(request, order)
        answer.content += f"<p>{order.customer.email} {order.amount} {order.placed_at}</p>".encode()
        return answer

    monkeypatch.setattr(public, "_page", careless)
    fill()
    more = set(shown(told)["status"]) - set(ALLOWED["status"])
    assert more == {"people.Customer.email", "promises.Order.amount", "promises.Order.placed_at"}
