"""What people do with calls and thank-yous, and with steps that wait for them."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from overdeliver.apps.care import events
from overdeliver.apps.care.models import Due, Task
from overdeliver.apps.care.rules.tasks import turned
from overdeliver.apps.journal.actions import actor, record
from overdeliver.apps.outreach.costing import cost_of
from overdeliver.vocabulary.errors import Conflict, NotFound


def settle(
    number: int, outcome: str, *, note: str = "", back: datetime | None = None, sequence: int
) -> None:
    """Write down what came of a task; ``back``: when to call again (aware).

    ``sequence`` is the one the person saw. NotFound: no such task. InputError: no such outcome, or
    no moment for a call back. Conflict: somebody else was faster.
    """
    now = timezone.now()
    with transaction.atomic():
        row = _task(number)
        to = turned(row.kind, row.status, outcome, back, now)
        ended = to.status != "open"
        spoke = outcome in ("reached", "message_left", "no_answer", "call_back")
        cost = cost_of("call").get("cost") if row.kind == "call" and spoke else None
        changed = Task.objects.filter(pk=number, status="open", sequence=sequence).update(
            status=to.status,
            outcome=outcome,
            note=note.strip()[:1000],
            due_at=to.due_at or row.due_at,
            tries=F("tries") + 1,
            sequence=F("sequence") + 1,
            done_at=now if ended else None,
            done_by=actor() if ended else "",
            cost=(row.cost or 0) + cost if cost is not None else row.cost,
            changed_at=now,
        )
        if not changed:
            raise Conflict("task: somebody else was faster; look at it again")
        record(events.TaskHandled(subject=f"task:{number}", outcome=outcome))


def reopen(number: int) -> None:
    """A task stands in the list again. NotFound: none. Conflict: it is open already."""
    with transaction.atomic():
        _task(number)
        closed = Task.objects.filter(pk=number).exclude(status="open")
        if not closed.update(
            status="open",
            done_at=None,
            done_by="",
            sequence=F("sequence") + 1,
            changed_at=timezone.now(),
        ):
            raise Conflict("task: it is open already")
        record(events.TaskHandled(subject=f"task:{number}", outcome="reopened"))


def release(number: int) -> None:
    """Send a step that waits, late or not. NotFound: none. Conflict: it does not wait."""
    with transaction.atomic():
        _due(number)
        if not Due.objects.filter(pk=number, state="held").update(
            state="waiting", released=True, attempts=0, reason="", next_at=timezone.now()
        ):
            raise Conflict("step: it does not wait any more")


def drop(number: int) -> None:
    """A step that waits is never sent. NotFound: there is none. Conflict: it does not wait."""
    with transaction.atomic():
        row = _due(number)
        if not Due.objects.filter(pk=number, state="held").update(
            state="dropped", reason="by_hand"
        ):
            raise Conflict("step: it does not wait any more")
        record(
            events.StepDropped(
                subject=f"care_step:{number}",
                plan=row.run.plan.slug,
                channel=row.channel,
                reason="by_hand",
            )
        )


def _task(number: int) -> Task:
    row = Task.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"task {number}: there is none of that number")
    return row


def _due(number: int) -> Due:
    row = Due.objects.select_related("run__plan").filter(pk=number).first()
    if row is None:
        raise NotFound(f"step {number}: there is none of that number")
    return row
