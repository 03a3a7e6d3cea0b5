"""One row of everything about a customer: for tests that look through all there is."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.care.models import Due, Material, Plan, PlanVersion, Run, Task
from overdeliver.apps.intake.models import Received, Source, Upload
from overdeliver.apps.journal.actions import decide
from overdeliver.apps.listening.models import Feedback
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.models import ApiCall
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.models import Order
from overdeliver.apps.quoting.models import Quote
from overdeliver.apps.recovery import actions as recovery
from overdeliver.apps.recovery.attachments import keep_files
from overdeliver.apps.recovery.models import Incoming
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.vocabulary.decisions import Decision

MARCH = datetime(2026, 3, 5, 12, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"


def everything_of(who: str, folder: Path) -> None:
    """A customer ``c-WHO`` with an order ``o-WHO``, by the doors where that is quick.

    ``folder`` is where uploaded files lie. The shop of the tests has to be there.
    """
    number = people.keep_customer(f"c-{who}", name="A", email=f"{plain(who)}@example.org")
    people.note_consent(f"c-{who}", "stories", True, source="page", text="Yes")
    promises.place_order(
        f"o-{who}", placed_at=MARCH, customer=f"c-{who}", service="parcel", currency="KZT", amount=9
    )
    promise = promises.make_promise(
        f"o-{who}", lever="time", unit="days", promised=3, made_at=MARCH, words="3 days"
    )
    promises.record_outcome(promise, happened_at=MARCH + timedelta(days=2))
    promises.record_encounter("counter", at=MARCH, customer=f"c-{who}")
    order = Order.objects.get(reference=f"o-{who}")
    Feedback.objects.create(  # of a file that named the order alone
        reference=f"f-{who}", order=order, at=MARCH, kind="survey", score=4, text="Good"
    )
    _quoted(who)
    _cared_for(who, number)
    _complained(who)
    _told_by_the_shop(who, folder)


def plain(who: str) -> str:
    """A name of it that fits an address and a folder."""
    return re.sub(r"\W", "", who)[:20] or "x"


def _quoted(who: str) -> None:
    decision = decide(
        Decision(verdict="shown", because=("known",), policy=1), rule="r", subject=f"quote:{who}"
    )
    Quote.objects.create(
        reference=f"qt-{plain(who)}",
        service="parcel",
        lever="time",
        unit="days",
        shown=True,
        made_at=MARCH,
        expires_at=MARCH,
        accepted_at=MARCH,
        order=f"o-{who}",
        decision=decision,
    )


def _cared_for(who: str, number: int) -> None:
    now = timezone.now()
    plan, new = Plan.objects.get_or_create(slug="p", defaults={"moment": "order"})
    if new:
        PlanVersion.objects.create(plan=plan, version=1, steps=[], made_at=now, made_by="command")
    ours: dict[str, Any] = {"order": f"o-{who}", "customer_id": number}
    run = Run.objects.create(key=who, plan=plan, version=1, moment_at=now, arm="treated", **ours)
    due = Due.objects.create(
        run=run, number=0, step={}, channel="call", at=now, not_after=now, next_at=now, state="done"
    )
    Task.objects.create(due=due, kind="call", due_at=now, not_after=now, changed_at=now, **ours)
    Material.objects.create(
        kind="testimonial", language="en", customer_id=number, changed_at=now, title="T", text="T"
    )


def _complained(who: str) -> None:
    """It came, was answered, and only then somebody said whose it is."""
    kept = keep_files([PNG + f"file-of-{who}".encode()])
    contact = f"other-{plain(who)}@example.org"
    told = Complaint(text="Broken", contact=contact, name="A", channel="mail")
    case = recovery.open_case(told, files=kept)
    recovery.do_step(case.pk, "admit", recovery.Told(words="You are right."))
    now = timezone.now()
    for state, of in (("opened", case), ("ignored", None)):
        Incoming.objects.create(
            message_id=f"{state}-{who}", raw=b"mail", at=now, next_at=now, status=state, case=of
        )
    with transaction.atomic():
        enqueue(
            Draft(
                key=f"case-{who}",
                channel="mail",
                purpose="service",
                because="recovery.because.case_answer",
                address=contact,
                text="Hello",
                about=f"case:{case.pk}",
            )
        )
    recovery.link_customer(case.pk, f"c-{who}")


def _told_by_the_shop(who: str, folder: Path) -> None:
    now = timezone.now()
    source, _ = Source.objects.get_or_create(slug="s", defaults={"kind": "shopify", "name": "S"})
    for subject, done, given_up in ((f"o-{who}", now, False), ("", None, True)):
        Received.objects.create(
            source=source,
            key=f"{subject}{who}",
            topic="orders/create",
            subject=subject,
            body="{}",
            result="done" if done else "",
            next_at=now,
            processed_at=done,
            given_up=given_up,
        )
    name = f"up-{plain(who)}"
    file = folder / name / "1.bin"
    file.parent.mkdir(parents=True)
    file.write_text(f"name\nfile-of-{who}\n")
    Upload.objects.create(
        reference=name,
        name="orders.csv",
        files=[{"name": "orders.csv", "path": f"{name}/1.bin"}],
        size=9,
        state="done",
        report={"rows": 1, "stored": 1, "known": 0, "joined": 0, "rejected": 0},
        by="staff:1",
    )
    ApiCall.objects.create(scope="s", key=who, fingerprint="f", status=200, body="{}")
