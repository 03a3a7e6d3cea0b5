"""A past for a made-up business: what its plans would have done."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.care import plans
from overdeliver.apps.care.models import Due, Plan, Run, Task
from overdeliver.apps.care.rules.arms import arm
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.care.rules.steps import BY_PERSON, Clocks, Step, planned
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.promises import reads as promises

_OPEN = timedelta(hours=20)
_SAID = ("reached", "reached", "message_left")


def fill(limit: int = 800) -> int:
    """Switch every plan on, and give the latest orders the runs they would have had.

    Nothing is sent: what lies behind is marked as done. Returns how many runs were made.
    """
    plans.make_starters()
    for row in Plan.objects.all():
        plans.switch(row.slug, True)
    orders = _latest(limit)
    placed = [(one, one.placed_at) for one in orders]
    delivered = [(one, one.completed_at) for one in orders if one.completed_at]
    with transaction.atomic():
        return _runs("order", placed) + _runs("delivery", delivered)


def _latest(limit: int) -> list[promises.OrderCard]:
    found: list[promises.OrderCard] = []
    after = ""
    while len(found) < limit:
        page, after = promises.orders(promises.OrderFilter(), after=after, limit=200)
        found += page
        if not after:
            break
    return found[:limit]


def _runs(moment: str, found: Sequence[tuple[promises.OrderCard, datetime]]) -> int:
    plan = Plan.objects.filter(slug=moment).first()
    if plan is None:
        return 0
    policy = business.policy(CarePolicy)
    known = set(Run.objects.filter(plan=plan).values_list("order", flat=True))
    runs = [
        Run(
            key=f"{plan.slug}:{moment}:{order.reference}",
            plan=plan,
            version=plan.version,
            order=order.reference,
            customer_id=order.customer.id,
            moment_at=at,
            arm=arm(plan.slug, order.customer.reference, policy).verdict,
            made_up=True,
        )
        for order, at in found
        if order.customer and order.reference not in known
    ]
    Run.objects.bulk_create(runs)
    _steps(plan, runs, {order.reference: order for order, _ in found})
    return len(runs)


def _steps(plan: Plan, runs: Sequence[Run], orders: Mapping[str, promises.OrderCard]) -> None:
    zone, hours, quiet = business.zone(), business.hours(), business.policy(OutboxPolicy)
    now, steps, dues = timezone.now(), plans.steps_of(plan.slug), []
    for run in runs:
        own = orders[run.order].customer
        clocks = Clocks((own.zone if own else "") or zone, zone, hours, quiet)
        for number, step in enumerate(steps if run.arm == "treated" else ()):
            dues.append(_due(run, number, step, clocks, orders[run.order], now))
    Due.objects.bulk_create(dues)
    done = [due for due in dues if due.state == "done" and due.channel in BY_PERSON]
    Task.objects.bulk_create(_task(due, now) for due in done)


def _due(
    run: Run, number: int, step: Step, clocks: Clocks, order: promises.OrderCard, now: datetime
) -> Due:
    when = planned(step, run.moment_at, clocks, run.version)
    state = "held" if when.verdict == "hold" else "waiting" if when.at > now else "done"
    reason = "too_late" if state == "held" else ""
    if state == "held" and when.at < now - _OPEN:  # somebody has decided about it since
        state = "dropped"
    if order.cancelled_at and order.cancelled_at <= when.at:
        state, reason = "dropped", "cancelled"
    return Due(
        run=run,
        number=number,
        step=step.data(),
        channel=step.channel,
        content=step.content,
        at=when.at,
        next_at=when.at,
        not_after=when.not_after,
        state=state,
        reason=reason,
        done_at=when.at if state == "done" else None,
    )


def _task(due: Due, now: datetime) -> Task:
    fresh = due.at > now - _OPEN
    lot = sha256(f"{due.run.key}:{due.number}".encode()).digest()[0]
    said = "thanked" if due.channel == "thanks" else _SAID[lot % len(_SAID)]
    return Task(
        due=due,
        kind=due.channel,
        content=due.content,
        customer_id=due.run.customer_id,
        order=due.run.order,
        due_at=due.at,
        not_after=due.not_after,
        status="open" if fresh else "done",
        outcome="" if fresh else said,
        tries=0 if fresh else 1,
        changed_at=due.at,
        done_at=None if fresh else due.at,
        done_by="" if fresh else "worker",
    )
