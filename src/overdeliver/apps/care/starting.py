"""A moment sets plans off: who is in which arm, and the dates of the steps."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.care import events
from overdeliver.apps.care.models import Due, Plan, Run
from overdeliver.apps.care.plans import steps_of
from overdeliver.apps.care.rules.arms import arm
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.care.rules.steps import Case, Clocks, Step, concerns, planned
from overdeliver.apps.care.saying import zone_of
from overdeliver.apps.journal.actions import decide, record
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.promises import fates
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.promises.rules import NO_PURCHASE

#: What is older was told late: nobody is reassured about it.
_FRESH = timedelta(days=3)
_RULES = "overdeliver.apps.care.rules"


@dataclass(frozen=True)
class Occasion:
    """A moment: its kind, the order it is about, when it was, and what tells it from others."""

    moment: str
    order: str
    at: datetime
    key: str


def begin(occasion: Occasion) -> int:
    """Set off every plan of the moment that is on; returns how many. The same key once only."""
    order = promises.order(occasion.order)
    if order.customer is None or order.customer.erased_at or order.cancelled_at:
        return 0
    if order.channel == NO_PURCHASE:  # the answer to a complaint
        return 0
    if timezone.now() - occasion.at > _FRESH:
        return 0
    plans = Plan.objects.filter(moment=occasion.moment, active=True).order_by("pk")
    with transaction.atomic():
        return sum(_begin(plan, occasion, order) for plan in plans)


def _begin(plan: Plan, occasion: Occasion, order: promises.OrderCard) -> bool:
    assert order.customer is not None
    steps = [step for step in steps_of(plan.slug) if _concerns(step, plan, order)]
    if not steps:
        return False
    lot = arm(plan.slug, order.customer.reference, business.policy(CarePolicy))
    run, new = Run.objects.get_or_create(
        key=f"{plan.slug}:{occasion.key}",
        defaults={
            "plan": plan,
            "version": plan.version,
            "order": order.reference,
            "customer_id": order.customer.id,
            "moment_at": occasion.at,
            "arm": lot.verdict,
        },
    )
    if not new:
        return False
    number = decide(lot, rule=f"{_RULES}.arms.arm", subject=f"care:{run.pk}")
    Run.objects.filter(pk=run.pk).update(decision=number)
    going = steps if lot.verdict == "treated" else []
    record(
        events.CareBegun(
            subject=f"care:{run.pk}",
            plan=plan.slug,
            order=order.reference,
            arm=lot.verdict,
            steps=len(going),
        ),
        decision=number,
    )
    clocks = Clocks(
        zone_of(order), business.zone(), business.hours(), business.policy(OutboxPolicy)
    )
    for place, step in enumerate(going):
        _lay_out(run, place, step, clocks)
    return True


def _lay_out(run: Run, place: int, step: Step, clocks: Clocks) -> None:
    found = planned(step, run.moment_at, clocks, run.version)
    late = found.verdict == "hold"
    due = Due.objects.create(
        run=run,
        number=place,
        step=step.data(),
        channel=step.channel,
        content=step.content,
        at=found.at,
        next_at=max(found.at, timezone.now()),  # set off late, nobody has stood still
        not_after=found.not_after,
        state="held" if late else "waiting",
        reason="too_late" if late else "",
    )
    number = decide(found, rule=f"{_RULES}.steps.planned", subject=f"care_step:{due.pk}")
    if late:
        record(
            events.StepHeld(
                subject=f"care_step:{due.pk}",
                plan=run.plan.slug,
                channel=step.channel,
                reason="too_late",
            ),
            decision=number,
        )


def _concerns(step: Step, plan: Plan, order: promises.OrderCard) -> bool:
    customer = order.customer.id if order.customer else 0
    first = step.first_only and fates.first_order_of(customer) == order.reference
    rows = promises.promises_of_order(order.reference) if step.lever else []
    case = Case(
        levers=frozenset(row.lever for row in rows),
        service=order.service,
        segment=order.segment,
        amount=order.amount,
        first=first,
    )
    return concerns(step, case, plan.version).verdict == "yes"
