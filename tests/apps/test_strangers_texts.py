"""Texts of strangers, made to be run, planted in every column: nothing anywhere runs them."""

import csv
import email
import io
import re
from collections.abc import Callable, Iterator
from datetime import date, time
from email import policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.models import Business, LeverChoice, SpecialDay, Touchpoint
from overdeliver.apps.care import sharing
from overdeliver.apps.intake import actions as intake
from overdeliver.apps.intake import jobs as intake_jobs
from overdeliver.apps.journal.append_only import lifted
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.outreach import endpoints, preferences, printing
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.carriers import Parcel
from overdeliver.apps.outreach.mail import made
from overdeliver.apps.outreach.models import Message, PrintRun
from overdeliver.apps.outreach.writing import save_text
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import links
from overdeliver.apps.people.models import Customer
from overdeliver.apps.promises.models import Order, Promise
from overdeliver.apps.quoting.models import DriftAlarm, LearningRun
from overdeliver.apps.recovery import incoming, jobs
from overdeliver.apps.recovery.models import Case, Cause, Change
from tests.apps.doors import doors
from tests.apps.everything import everything_of
from tests.apps.intake.test_hooks import call, shopify_order, source, work
from tests.apps.payloads import HTML, MARK

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
#: What comes from outside or is typed, by table: all of it is shown somewhere.
TYPED: dict[str, tuple[str, ...]] = {
    "business.Business": ("name",),
    "business.Service": ("name",),
    "business.Touchpoint": ("name", "owner", "can_go_wrong", "expected", "information"),
    "business.SpecialDay": ("name",),
    "business.LeverChoice": ("segment",),
    "care.Plan": ("name",),
    "care.Task": ("note",),
    "care.Material": ("title", "text", "source", "consent"),
    "intake.Upload": ("name", "error"),
    "intake.Source": ("name",),
    "intake.Received": ("topic", "error"),
    "journal.Event": ("data",),
    "journal.Decided": ("inputs", "because"),
    "listening.Feedback": ("text", "channel"),
    "outreach.Message": ("subject", "text"),
    "outreach.Endpoint": ("url",),
    "people.ApiKey": ("name",),
    "people.Consent": ("source", "text"),
    "people.Customer": ("name", "email", "phone", "postal", "segment"),
    "people.Invitation": ("email", "team"),
    "people.Staff": ("name", "team"),
    "promises.Encounter": ("touchpoint", "team"),
    "promises.Order": ("features", "next_step", "segment", "channel", "team"),
    "promises.Promise": ("words", "made_by"),
    "promises.Standing": ("segment", "channel", "team"),
    "quoting.DriftAlarm": ("because",),
    "quoting.LearningRun": ("error", "step"),
    "quoting.Quote": ("features", "words"),
    "recovery.Case": ("text", "name", "contact"),
    "recovery.Cause": ("name", "about"),
    "recovery.Change": ("what", "owner"),
    "recovery.Step": ("words",),
}
#: No pages for people, or nothing of the ledger in them.
NO_PAGES = (
    *("healthz", "readyz", "metrics", "hooks/", "enter/", "choose", "logo/", "settings/logo/"),
    *("q/<str:slug>.js", "cases/door/code.", "calendar/"),
)
WHO = ('a"><img src=x onerror=qzx()>', "b'/ onclick=qzx() x='%2f{{ qzx }}")


class Run(HTMLParser):
    """What of a page a browser would run or fetch that stands in no text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag, a handler, a style or an address that is a stranger's."""
        self.script = tag if tag in ("script", "style") else ""
        if ("type", "application/json") in attrs:
            self.script = ""
        if MARK in tag:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if MARK in name or (MARK in (value or "") and _runs(name, value or "")):
                self.found.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, tag: str) -> None:
        """A script is over."""
        self.script = ""

    def handle_data(self, data: str) -> None:
        """A stranger's text inside a script or a style."""
        if self.script and MARK in data:
            self.found.append(data)

    def handle_comment(self, data: str) -> None:
        """A stranger's text as a comment: whoever closes it writes tags."""
        if MARK in data:
            self.found.append(f"<!--{data}-->")


def _runs(name: str, value: str) -> bool:
    if name.startswith("on") or name in ("style", "srcdoc"):
        return True
    if name not in ("href", "src", "action", "formaction", "data", "poster", "hx-get", "hx-post"):
        return False
    return not re.match(r"[/?#](?![/\\])|http://(testserver/|127\.0\.0\.1)|tel:|mailto:", value)


def runs(page: str) -> list[str]:
    """What a browser would run of a page that holds strangers' texts."""
    reader = Run()
    reader.feed(page)
    reader.close()
    written = [one for one in HTML if "<" in one and len(one) > 12 and one in page]
    return reader.found + written


@pytest.fixture
def house(shop: Business, tmp_path: Path, settings: Any, staff: Callable[[str], Any]) -> Client:
    """A shop with something of everything, and its owner at the browser."""
    settings.UPLOADS = tmp_path / "uploads"
    for who in WHO:
        everything_of(who, tmp_path / "uploads")
    now = timezone.now()
    Touchpoint.objects.create(slug="counter", name="C", phase="before")
    SpecialDay.objects.create(day=date(2026, 12, 31), name="D", opens=time(9), closes=time(12))
    LeverChoice.objects.create(segment="s", lever="time")
    cause = Cause.objects.create(name="C", about="A", found_at=now)
    Change.objects.create(cause=cause, what="W", owner="O", since=now.date(), made_at=now)
    Case.objects.update(cause=cause)
    DriftAlarm.objects.create(
        service="parcel", raised_at=now, covered=0.5, low=0.4, high=0.6, level=0.9, because="B"
    )
    LearningRun.objects.create(key="k", asked_by="command", state="failed", error="E", step="S")
    people.make_key("K", ["promises.see"])
    links.invite("new@example.org", "agent", by=None)
    save_text("promise_made", "en", HTML[0], f"{HTML[1]} {HTML[12]}")
    endpoints.add("https://receiver.example/in")
    first = Customer.objects.order_by("pk").first()
    assert first
    with transaction.atomic():
        letter = enqueue(
            Draft(
                key="l-1",
                channel="letter",
                purpose="service",
                because="outreach.because.promise_made",
                address="A\nStreet 5",
                customer=first.pk,
                subject="S",
                text="T",
            )
        )
    while deliver_due():
        pass
    Message.objects.filter(pk=letter).update(status="held", error="by_hand")
    printing.start_run([letter])
    client = Client()
    client.force_login(staff("owner"))
    return client


def planted(start: int) -> int:
    """Another payload into every typed column of every row; returns where the next one begins."""
    with transaction.atomic(), lifted():
        for table, columns in TYPED.items():
            model: Any = apps.get_model(table)
            rows = model.objects.order_by("pk")
            assert rows, f"{table}: nothing to plant in"
            for row in rows:
                given = {}
                for column in columns:
                    given[column] = _fitting(model._meta.get_field(column), start)
                    start += 1
                model.objects.filter(pk=row.pk).update(**given)
    return start


def _fitting(field: Any, number: int) -> Any:
    one = HTML[number % len(HTML)].replace("\x00", "")
    if isinstance(field, models.JSONField):
        return [one] if field.name == "because" else {"kind": one, one[:40]: one}
    if isinstance(field, models.TextField):
        return "\n".join(HTML)
    unique = f"{number} " if field.unique else ""
    return (unique + one)[: field.max_length]


def paths(*, once: bool = False) -> Iterator[str]:
    """Every page of the server, with all there is filled in; ``once``: with the first of each."""
    filled = {
        "customers/<path:reference>": [quote(c, safe="") for c in _of(Customer, "reference")],
        "care/people/<path:reference>": [quote(c, safe="") for c in _of(Customer, "reference")],
        "orders/<path:reference>": [quote(c, safe="") for c in _of(Order, "reference")],
        "promises/<path:reference>": [quote(c, safe="") for c in _of(Promise, "reference")],
        "cases/<int:number>": _of(Case, "pk"),
        "cases/causes/<int:number>": _of(Cause, "pk"),
        "care/tasks/<int:number>": _of(apps.get_model("care.Task"), "pk"),
        "care/materials/<int:number>": _of(apps.get_model("care.Material"), "pk"),
        "care/plans/<slug:slug>": ["p"],
        "imports/<str:reference>": _of(apps.get_model("intake.Upload"), "reference"),
        "letters/<int:number>": _of(Message.objects.filter(channel="letter"), "pk"),
        "letters/runs/<int:number>": _of(PrintRun, "pk"),
        "messages/<int:number>": _of(Message, "pk"),
        "quoting/of/<str:slug>": ["parcel"],
        "settings/services/<str:slug>": ["parcel"],
        "settings/sources/<str:slug>": ["s"],
        "settings/touchpoints/<str:slug>": ["counter"],
        "settings/people/<int:number>": _of(apps.get_model("people.Staff"), "pk"),
        "settings/policies/<str:kind>": ["promising"],
        "settings/templates/<str:name>/<str:tongue>": ["promise_made/en", "case_received/kk"],
        "settings/webhooks/<int:number>": _of(apps.get_model("outreach.Endpoint"), "pk"),
        "why/<path:subject>": [
            *(f"customer:{quote(one, safe='')}" for one in _of(Customer, "reference")),
            *(f"promise:{quote(one, safe='')}" for one in _of(Promise, "reference")),
        ],
        "s/<str:token>": _of(Order, "token"),
        "c/k/<str:token>": _of(Case, "token"),
        "c/o/<str:token>": _of(Order, "token"),
        "c/t/<str:slug>": ["counter"],
        "u/<str:token>": [preferences.token(pk, "asking") for pk in _of(Customer, "pk")],
        "m/<str:token>": [sharing.token_of(one) for one in _of(Order, "reference")],
        "q/<str:slug>": ["parcel"],
    }
    for door in doors():
        route = door.name.removeprefix("page ")
        if door.of_api or door.method != "GET" or route.startswith(NO_PAGES):
            continue
        start = next((key for key in sorted(filled, key=len)[::-1] if route.startswith(key)), "")
        if "<" in route.removeprefix(start):
            continue
        for one in filled[start][: 1 if once else None] if start else [""]:
            there = route.replace(start, start.partition("<")[0] + str(one), 1) if start else route
            yield "/" + there.lstrip("/")


def _of(model: Any, field: str) -> list[Any]:
    rows = model if isinstance(model, models.QuerySet) else model.objects
    return list(rows.order_by("pk").values_list(field, flat=True))


def test_a_bank_of_texts_of_every_kind() -> None:
    assert len(set(HTML)) >= 150
    assert runs("<p>" + HTML[0] + "</p>") and runs('<a href="javascript:qzx()">q</a>')
    assert runs('<p title="x" onclick="qzx()">') and runs("<script>var a = 'qzx'</script>")
    assert not runs("<p title='qzx'>&lt;script&gt;qzx()</p><a href='/customers/qzx/'>qzx</a>")


def test_no_page_runs_a_strangers_text(house: Client) -> None:
    assert planted(0) > len(HTML), "each of them stands somewhere"
    walked = set()
    for path in paths():
        answer = house.get(path)
        walked.add(path)
        assert answer.status_code in (200, 204, 302, 404, 409), (path, answer.status_code)
        if "html" in answer.get("Content-Type", ""):
            assert not runs(answer.content.decode()), path
        else:
            assert answer["X-Content-Type-Options"] == "nosniff", path
    assert len(walked) > 90


@pytest.mark.parametrize("path", ["promises", "customers", "messages", "cases", "care/tasks"])
def test_what_is_looked_for_is_said_again_as_text(house: Client, path: str) -> None:
    asked = ("q", "order", "segment", "kind", "about", "service", "team", "status", "channel")
    for one in HTML[16:25]:
        answer = house.get(f"/{path}/", dict.fromkeys(asked, one))
        assert answer.status_code in (200, 400, 422) and not runs(answer.content.decode())


def test_no_mail_holds_a_strangers_tag_or_header(shop: Business) -> None:
    Business.objects.update(name=HTML[0])
    for number, one in enumerate(HTML):
        parcel = Parcel(
            id=number,
            channel="mail",
            purpose="service",
            message_id=f"<{number}@example.org>",
            address="anna@example.org",
            subject=one,
            text=f"{one}\n\n{one}",
            language="en",
            customer=None,
            attempt=1,
            because="outreach.because.promise_made",
        )
        sent = email.message_from_bytes(made(parcel).message().as_bytes(), policy=policy.default)
        page = sent.get_body(("html",))
        assert page and not runs(page.get_content()), one
        assert sent["Bcc"] is None and len(sent.get_all("Subject") or ()) == 1


@pytest.mark.parametrize("door", ["mail", "shop", "file"])
def test_what_comes_in_by_other_doors_is_text_as_well(house: Client, door: str) -> None:
    for path in {"mail": _by_mail, "shop": _by_shop, "file": _by_file}[door]():
        page = house.get(path).content.decode()
        assert MARK in page and not runs(page), path


def _by_mail() -> list[str]:
    known = set(_of(Case, "pk"))
    for number, one in enumerate(HTML[::5]):
        letter = EmailMessage()
        letter["From"] = f'"{number}" <anna{number}@example.org>'
        letter["To"], letter["Message-ID"] = "shop@example.org", f"<{number}@example.org>"
        letter["Subject"] = " ".join(one.split())
        letter.set_content("\n".join(HTML) if not number else one)
        incoming.keep_mail(letter.as_bytes())
    while jobs.read_mail():
        pass
    found = [f"/cases/{number}/" for number in _of(Case, "pk") if number not in known]
    assert len(found) >= 25
    tokens = Case.objects.exclude(pk__in=known).values_list("token", flat=True)
    return [*found, *(f"/c/k/{token}/" for token in tokens)]


def _by_shop() -> list[str]:
    slug = source("shopify")
    for number, one in enumerate(HTML[::3]):
        who = {"id": f"{number} {one}"[:60], "first_name": one, "last_name": one}
        order = {"id": f"s{number} {one}"[:60], "phone": one, "customer": who}
        order |= {"shipping_lines": [{"title": one}], "shipping_address": {"province": one}}
        assert call(slug, "orders/create", shopify_order(**order)).status_code == 200
    work()
    orders = _of(Order.objects.filter(reference__startswith="s"), "reference")
    people_ = _of(Customer.objects.exclude(reference__startswith="c-"), "reference")
    assert len(orders) > 45 and len(people_) > 45
    return [
        f"/settings/sources/{slug}/",
        *(f"/orders/{quote(one, safe='')}/" for one in orders[::4]),
        *(f"/customers/{quote(one, safe='')}/" for one in people_[::4]),
        *("/customers/", "/promises/", "/journal/"),
    ]


def _by_file() -> list[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    names = [" ".join(one.split()) for one in HTML[::20]]
    writer.writerow(["order id", "ordered on", "promised for", "delivered on", *names])
    for number, one in enumerate(HTML[::3]):
        cells = [HTML[(number + at) % len(HTML)] for at in range(len(names))]
        writer.writerow([f"{number}{one}", "2026-02-02", "2026-02-10", one, *cells])
    sent = SimpleUploadedFile(f"{HTML[0]}.csv", out.getvalue().encode())
    reference = intake.upload([sent], service="parcel", zone="UTC")
    while intake_jobs.import_due(reference):
        pass
    return [f"/imports/{reference}/", "/imports/"]
