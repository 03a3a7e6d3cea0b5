"""However many rows there are, a page asks the database the same number of questions."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from overdeliver.apps.intake import sources
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.listening.models import Feedback
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import links
from overdeliver.apps.people.models import Staff
from overdeliver.apps.people.reads import customer
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.models import Order
from overdeliver.apps.quoting.models import LearnedModel
from overdeliver.apps.recovery import actions as recovery
from overdeliver.apps.recovery.causes import keep_cause, keep_change
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.apps.recovery.rules.loop import Shown
from overdeliver.apps.recovery.stepping import write_step
from tests.apps.doors import doors

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
MOST, ROOM = 60, 3
#: Lists and pages with what they are asked; "{}" is a number of theirs.
MORE = (
    "/promises/?verdict=broken&sort=gap",
    "/promises/?q=anna",
    "/promises/?customer=c-1",
    "/promises/p-1/",
    "/orders/o-1/",
    "/customers/?q=anna",
    "/customers/c-1/",
    "/cases/?status=closed",
    "/cases/?q=late",
    "/cases/{case}/",
    "/cases/causes/{cause}/",
    "/messages/?status=waiting",
    "/messages/?q=anna",
    "/messages/{message}/",
    "/imports/i-1/",
    "/why/promise:p-1/",
    "/today/why/case:{case}:0:late/",
    "/reliability/?period=all&by=segment",
    "/settings/people/{staff}/",
)
#: Pages of settings that list what becomes more; the others show what was set.
OF_ROWS = ("/settings/people/", "/settings/keys/", "/settings/sources/", "/settings/system/")
WAY = ("admit", "apologise", "find_cause", "change", "invite", "good", "write_lesson", "close")


def more(start: int, count: int) -> None:
    """So many more of everything that a business gets more of every day."""
    now = timezone.now()
    for number in range(start, start + count):
        people.keep_customer(
            f"c-{number}", name=f"Anna {number}", email=f"c{number}@example.org", segment="s"
        )
        order, made = f"o-{number}", now - timedelta(days=3)
        promises.place_order(order, customer=f"c-{number}", placed_at=made, amount=None)
        promises.make_promise(
            order, lever="time", unit="days", promised=1, made_at=made, reference=f"p-{number}"
        )
        promises.make_promise(order, lever="time", unit="days", promised=9, made_at=now)
        _complaints(number, now)
        _others(number, now)
    while deliver_due():
        pass


def _complaints(number: int, now: datetime) -> None:
    said = Complaint(text="It came late", contact="a@example.org")
    recovery.open_case(said, order=f"o-{number}", customer=customer(f"c-{number}").id)
    old = now - timedelta(days=40)
    case = recovery.open_case(said, order=f"o-{number}", at=old)
    cause = keep_cause(f"Cause {number}")
    change = keep_change(cause, f"Change {number}", "Anna", old.date())
    for place, name in enumerate(WAY[: 8 if number % 2 else 5]):
        shown = Shown(f"{name}", cause=cause if name == "find_cause" else 0)
        if name == "change":
            shown = Shown(name, change=change)
        write_step(case.pk, name, shown, at=old + timedelta(hours=place + 1))


def _others(number: int, now: datetime) -> None:
    one = customer(f"c-{number}").id
    with transaction.atomic():
        enqueue(
            Draft(
                key=f"k-{number}",
                channel="mail",
                purpose="service",
                because="outreach.because.promise_made",
                address=f"c{number}@example.org",
                customer=one,
                subject="Your order",
                text="Hello",
                about=f"promise:p-{number}",
                by_hand=True,
            )
        )
    Feedback.objects.create(
        reference=f"f-{number}",
        customer_id=one,
        order=Order.objects.get(reference=f"o-{number}"),
        at=now,
        kind="survey",
        score=9,
        scale_min=0,
        scale_max=10,
        text="late",
    )
    Upload.objects.create(
        reference=f"i-{number}", name="a.csv", size=1, sha256="0" * 64, state="failed", by="staff:1"
    )
    people.make_key(f"key {number}", ["promises.see"])
    links.invite(f"n{number}@example.org", "agent", by=None)
    Staff.objects.create_user(f"s{number}@example.org", secrets.token_hex(8), role="agent")
    sources.add("generic", f"Source {number}")
    LearnedModel.objects.create(
        service="parcel",
        version=number,
        artefact=b"",
        sha256="",
        status="retired",
        metrics={"outcomes": 30},
        learned_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def asked(client: Client) -> dict[str, int]:
    """How many statements each page runs, by its address."""
    from overdeliver.apps.outreach.models import Message
    from overdeliver.apps.recovery.models import Case, Cause

    known = {
        "case": Case.objects.filter(status="received").order_by("pk")[0].pk,
        "cause": Cause.objects.order_by("pk")[0].pk,
        "message": Message.objects.order_by("pk")[0].pk,
        "staff": Staff.objects.filter(role="agent").order_by("pk")[0].pk,
    }
    paths = [one.path for one in doors() if one.method == "GET" and not one.of_api]
    plain = [path for path in paths if "none" not in path and "999999" not in path]
    plain = [path for path in plain if not path.startswith("/settings/") or path in OF_ROWS]
    found = {}
    for path in [*plain, *(one.format(**known) for one in MORE)]:
        with CaptureQueriesContext(connection) as ran:
            answer = client.get(path)
        if answer.status_code == 200:
            found[path] = len(ran)
    return found


def test_a_page_asks_no_more_of_many_rows_than_of_few(
    shop: object, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("owner")
    more(1, 2)
    few = asked(client)
    more(3, 4)
    many = asked(client)
    assert len(few) > 40, sorted(few)
    # Something that is looked up only where it occurs may be new; a look at every row is 4 more.
    grown = {path: (few[path], n) for path, n in many.items() if n > few.get(path, n) + ROOM}
    assert not grown
    assert not {path: n for path, n in many.items() if n > MOST}
