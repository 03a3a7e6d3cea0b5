"""The long past of a shop that `pages.py` looks at: stored as imports are, without its learning."""

import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

PART = 5_000  # rows written at once
OPEN = 300  # complaints that are not closed yet, at most


def fill(orders: int, complaints: int) -> None:
    """The past of a shop: orders, complaints, messages, the journal; then a round of the worker."""
    from overdeliver.apps.people.staffing import make_owner
    from overdeliver.server.demo import set_up

    _said(f"{orders} orders", lambda: set_up("webshop", "en", orders))
    make_owner("owner@example.org", "an owner of long standing")
    _said(f"{complaints} complaints", lambda: _complaints(complaints))
    _said("messages and journal", _told)
    _said("what the worker does at once", _work)


def _said(what: str, work: Callable[[], object]) -> None:
    begun = time.perf_counter()
    work()
    print(f"  {what}: {time.perf_counter() - begun:.1f} s", file=sys.stderr)


def _work() -> None:
    """Events delivered, overdue promises broken, the file of cases written; learning is left out:
    its pages read what it found, whose size does not follow the number of orders.
    """
    from overdeliver.apps.journal.jobs import deliver_due
    from overdeliver.apps.promises.jobs import break_overdue, refresh_cases

    while break_overdue() + deliver_due():
        pass
    refresh_cases()


def _complaints(count: int) -> None:
    """Complaints of the last two years, nearly all closed; each went through every step."""
    import secrets

    from django.utils import timezone

    from overdeliver.apps.promises.models import Order
    from overdeliver.apps.recovery.models import Case

    now = timezone.now()
    rows = list(Order.objects.order_by("-placed_at").values_list("reference", "customer_id"))
    chosen = rows[:: max(len(rows) // count, 1)][:count]
    made = []
    for number, (order, customer) in enumerate(chosen):
        fresh = number < min(OPEN, count // 10)
        at = now - timedelta(hours=number * 0.5 if fresh else 200 + number * 17_000 / count)
        made.append(
            Case(
                token=secrets.token_urlsafe(24),
                order=order,
                customer_id=customer,
                channel="page",
                language="en",
                text=f"The parcel {order} came late and the box was open.",
                object=("product", "person", "service", "other")[number % 4],
                first=number % 5 != 1,
                seconds=20 + number % 60,
                received_at=at,
                answer_by=at + timedelta(hours=2),
                step_since=at,
                due_at=at + timedelta(hours=24 if fresh else 2),
            )
        )
    Case.objects.bulk_create(made, PART)
    _steps(made, min(OPEN, count // 10))


def _steps(cases: Sequence[Any], fresh: int) -> None:
    """One step after the other for all that do it: the database asks for that order."""
    from django.db import transaction
    from django.utils import timezone

    from overdeliver.apps.recovery.causes import keep_cause, keep_change
    from overdeliver.apps.recovery.models import Case, Step
    from overdeliver.apps.recovery.rules.loop import BY_NAME

    way = ("admit", "apologise", "find_cause", "change", "invite", "good", "write_lesson", "close")
    day = timezone.now().date() - timedelta(days=300)
    causes = [keep_cause(f"Cause {number}") for number in range(20)]
    changes = [keep_change(one, f"Change of {one}", "Anna", day) for one in causes]
    with transaction.atomic():
        for place, name in enumerate(way):
            move = BY_NAME[name]
            doing = [one for n, one in enumerate(cases) if n >= fresh or n % len(way) > place]
            state = {"status": move.after, "steps": place + 1}
            before = "received" if place == 0 else BY_NAME[way[place - 1]].after
            Step.objects.bulk_create(
                [
                    Step(
                        case=one,
                        number=place + 1,
                        before=before,
                        after=move.after,
                        words=f"{name} of {one.pk}",
                        cause_id=causes[one.pk % 20] if move.needs == "cause" else None,
                        change_id=changes[one.pk % 20] if move.needs == "change" else None,
                        by="staff:1",
                        at=one.received_at + timedelta(hours=place + 1),
                    )
                    for one in doing
                ],
                PART,
            )
            closed = {"closed_at": timezone.now(), "due_at": None} if name == "close" else {}
            ids = [one.pk for one in doing]
            for start in range(0, len(ids), PART):
                Case.objects.filter(pk__in=ids[start : start + PART]).update(**state, **closed)
        for number, cause in enumerate(causes):
            known = Case.objects.filter(steps__gte=3, pk__in=[c.pk for c in cases[number::20]])
            known.update(cause_id=cause)


def _told() -> None:
    """A mail that went and an event, for every fourth promise; some mails wait for a person."""
    from django.utils import timezone

    from overdeliver.apps.journal.models import Event
    from overdeliver.apps.outreach.models import Message
    from overdeliver.apps.promises.models import Promise

    now = timezone.now()
    wanted = ("reference", "made_at", "order__customer_id")
    rows = list(Promise.objects.order_by("made_at").values_list(*wanted))[::4]
    for start in range(0, len(rows), PART):
        mails, heard = [], []
        for number, (reference, at, customer) in enumerate(rows[start : start + PART], start):
            waits = number % 500 == 0
            heard.append(
                Event(
                    at=at,
                    name="promises.promise_made",
                    subject=f"promise:{reference}",
                    data={"source": "staff"},
                    actor="worker",
                )
            )
            mails.append(
                Message(
                    key=f"bench:{number}",
                    channel="mail",
                    lane="mail",
                    purpose="service",
                    template="promise_made",
                    language="en",
                    address=f"{customer}@example.org",
                    customer_id=customer,
                    subject="Your order",
                    text="Hello, your order comes by Friday.",
                    message_id=f"<{number}@example.org>",
                    because="outreach.because.promise_made",
                    about=f"promise:{reference}",
                    not_before=at,
                    next_at=at,
                    status="held" if waits else "sent",
                    error="too_late" if waits else "",
                    created_at=at,
                    sent_at=None if waits else min(at, now),
                )
            )
        Event.objects.bulk_create(heard)
        Message.objects.bulk_create(mails)
