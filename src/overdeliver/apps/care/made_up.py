"""A past for a made-up business: what its plans would have done."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.care import plans
from overdeliver.apps.care.models import Due, Plan, Run, Task
from overdeliver.apps.care.rules.arms import arm
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.care.rules.steps import BY_PERSON, Clocks, planned
from overdeliver.apps.care.saying import zone_of
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.promises import reads as promises

_OPEN = timedelta(hours=20)
_SAID = ("reached", "reached", "message_left", "no_answer")


def fill(limit: int = 800) -> int:
    """Switch every plan on, and give the latest orders the runs they would have had.

    Nothing is sent: what lies behind is marked as done. Returns how many runs were made.
    """
    plans.make_starters()
    for row in Plan.objects.all():
        plans.switch(row.slug, True)
    found: list[promises.OrderCard] = []
    after = ""
    while len(found) < limit:
        page, after = promises.orders(promises.OrderFilter(), after=after, limit=200)
        found += page
        if not after:
            break
    with transaction.atomic():
        return sum(_run("order", one, one.placed_at) for one in found[:limit]) + sum(
            _run("delivery", one, one.completed_at) for one in found[:limit] if one.completed_at
        )


def _run(moment: str, order: promises.OrderCard, at: datetime | None) -> int:
    plan = Plan.objects.filter(slug=moment).first()
    if plan is None or at is None or order.customer is None:
        return 0
    lot = arm(plan.slug, order.customer.reference, business.policy(CarePolicy))
    run, new = Run.objects.get_or_create(
        key=f"{plan.slug}:{moment}:{order.reference}",
        defaults={
            "plan": plan,
            "version": plan.version,
            "order": order.reference,
            "customer_id": order.customer.id,
            "moment_at": at,
            "arm": lot.verdict,
            "made_up": True,
        },
    )
    if new and lot.verdict == "treated":
        _steps(run, order)
    return int(new)


def _steps(run: Run, order: promises.OrderCard) -> None:
    zone = business.zone()
    clocks = Clocks(zone_of(order), zone, business.hours(), business.policy(OutboxPolicy))
    now = timezone.now()
    for number, step in enumerate(plans.steps_of(run.plan.slug)):
        when = planned(step, run.moment_at, clocks, run.version)
        state = "held" if when.verdict == "hold" else "waiting" if when.at > now else "done"
        if order.cancelled_at and order.cancelled_at <= max(when.at, now):
            state = "dropped" if order.cancelled_at <= when.at else state
        due = Due.objects.create(
            run=run,
            number=number,
            step=step.data(),
            channel=step.channel,
            content=step.content,
            at=when.at,
            next_at=when.at,
            not_after=when.not_after,
            state=state,
            reason={"held": "too_late", "dropped": "cancelled"}.get(state, ""),
            done_at=when.at if state == "done" else None,
        )
        if state == "done" and step.channel in BY_PERSON:
            _task(due, order, now)


def _task(due: Due, order: promises.OrderCard, now: datetime) -> None:
    fresh = due.at > now - _OPEN
    lot = sha256(f"{due.run.key}:{due.number}".encode()).digest()[0]
    said = "thanked" if due.channel == "thanks" else _SAID[lot % len(_SAID)]
    ended = {"done_at": due.at, "done_by": "worker"} if not fresh else {}
    Task.objects.create(
        due=due,
        kind=due.channel,
        content=due.content,
        customer_id=order.customer.id if order.customer else None,
        order=order.reference,
        due_at=due.at,
        not_after=due.not_after,
        status="open" if fresh else "done",
        outcome="" if fresh else said,
        tries=0 if fresh else 1,
        changed_at=due.at,
        **ended,
    )
