"""A step that is due: a message into the outbox, or a task for a person."""

from datetime import datetime, timedelta

from overdeliver.apps.business import reads as business
from overdeliver.apps.care import events
from overdeliver.apps.care.models import Due, Task
from overdeliver.apps.care.rules.going import Facts, Going, may_go
from overdeliver.apps.care.rules.steps import BY_PERSON
from overdeliver.apps.care.saying import values_of
from overdeliver.apps.care.sharing import token_of
from overdeliver.apps.journal.actions import cause, decide, record
from overdeliver.apps.outreach.clock import restored_at
from overdeliver.apps.outreach.rules.timing import OutboxPolicy
from overdeliver.apps.outreach.writing import Occasion, enqueue_template
from overdeliver.apps.people import reads as people
from overdeliver.apps.promises import reads as promises


def do(due: Due, now: datetime) -> None:
    """Do a step, in the transaction that holds its row: send it, hold it, or drop it."""
    run = due.run
    order = promises.order(run.order)
    found = may_go(_facts(due, order, now), now, run.version)
    number = decide(
        found, rule="overdeliver.apps.care.rules.going.may_go", subject=f"care_step:{due.pk}"
    )
    if found.verdict == "go":
        _go(due, order, now, number)
    else:
        _stay(due, found, number)


def _facts(due: Due, order: promises.OrderCard, now: datetime) -> Facts:
    run, card = due.run, order.customer
    agreed = people.agreed_to("reassurance", [card.id]) if card else set()
    back = restored_at()
    grace = timedelta(hours=business.policy(OutboxPolicy).grace_hours)
    return Facts(
        not_after=due.not_after,
        reachable=card is not None and _reachable(due.channel, card),
        agreed=bool(agreed),
        erased=card is None or card.erased_at is not None,
        cancelled=order.cancelled_at is not None,
        broken=run.plan.moment != "broken_and_recovered" and _broken(order.reference),
        active=run.plan.active,
        released=due.released,
        restored=back is not None and due.at <= back,
        overdue=now - due.next_at > grace,
    )


def _reachable(channel: str, card: people.CustomerCard) -> bool:
    ways = {"mail": card.email, "letter": card.postal, "call": card.phone, "thanks": "by hand"}
    return bool(ways[channel])


def _broken(order: str) -> bool:
    rows = promises.promises_of_order(order)
    return any(row.verdict == "broken" and not row.revised for row in rows)


def _go(due: Due, order: promises.OrderCard, now: datetime, decision: int) -> None:
    assert order.customer is not None
    message = None
    if due.channel in BY_PERSON:
        _task(due, order, now)
    else:
        message = _message(due, order)
    due.state, due.reason, due.done_at, due.message = "done", "", now, message
    due.save(update_fields=["state", "reason", "done_at", "message"])
    record(
        events.StepDone(
            subject=f"care_step:{due.pk}",
            plan=due.run.plan.slug,
            channel=due.channel,
            content=due.content,
            message=message,
        ),
        decision=decision,
    )


def _message(due: Due, order: promises.OrderCard) -> int:
    """Through the outbox, which holds it too when its moment passes on the way."""
    token = token_of(order.reference)
    occasion = Occasion(
        key=f"care:{due.run.key}:{due.number}",
        because=f"care.because.{due.run.plan.moment}",
        about=f"care_step:{due.pk}",
        cause=cause(),
    )
    return enqueue_template(
        due.content,
        occasion,
        lambda: values_of(order, token),
        customer=order.customer.id if order.customer else None,
        channel=due.channel,
        not_after=None if due.released else due.not_after,
    )


def _task(due: Due, order: promises.OrderCard, now: datetime) -> None:
    Task.objects.create(
        due=due,
        kind=due.channel,
        content=due.content,
        customer_id=order.customer.id if order.customer else None,
        order=order.reference,
        owner_id=due.step.get("owner") or None,
        due_at=max(due.at, now) if due.released else due.at,
        not_after=due.not_after,
        changed_at=now,
    )


def _stay(due: Due, found: Going, decision: int) -> None:
    held = found.verdict == "hold"
    due.state, due.reason = "held" if held else "dropped", found.reason
    due.save(update_fields=["state", "reason"])
    kind = events.StepHeld if held else events.StepDropped
    record(
        kind(
            subject=f"care_step:{due.pk}",
            plan=due.run.plan.slug,
            channel=due.channel,
            reason=found.reason,
        ),
        decision=decision,
    )
