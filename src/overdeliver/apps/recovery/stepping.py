"""One step of a complaint's loop, done by whoever may, in one transaction."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from overdeliver.apps.journal.actions import actor, record
from overdeliver.apps.recovery import events
from overdeliver.apps.recovery.clocks import due_after
from overdeliver.apps.recovery.models import Case, Step
from overdeliver.apps.recovery.rules.loop import Move, Shown, check_shown, move_from
from overdeliver.vocabulary.errors import Conflict, NotFound


def case_row(number: int) -> Case:
    """A complaint's row. NotFound: none of that number."""
    row = Case.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"complaint {number}: there is none of that number")
    return row


def write_step(
    number: int, name: str, shown: Shown, *, seen: int | None = None, at: datetime | None = None
) -> Case:
    """Do a step; returns the complaint as it stands then.

    ``seen``: how many steps were done when the form was shown; ``at``: when it was done, now unless
    it is told later. NotFound: no such complaint.
    Conflict: the step is not next, somebody was faster, or the complaint is part of another one.
    InputError: it shows too little.
    """
    with transaction.atomic():
        row = case_row(number)
        if row.merged_into_id:
            raise Conflict(f"complaint {number}: it is part of complaint {row.merged_into_id}")
        if seen is not None and seen != row.steps:
            raise Conflict(f"complaint {number}: somebody has done a step in the meantime")
        move = move_from(row.status, name)
        told = check_shown(move, shown)
        now = at or timezone.now()
        _logged(row, move, told, now)
        _moved(row, move, told, now)
        done = case_row(number)
        _tell(row, done, move, now)
    return done


def _logged(row: Case, move: Move, told: Shown, now: datetime) -> None:
    """Append the step; whoever comes second finds its number taken."""
    try:
        with transaction.atomic():
            Step.objects.create(
                case=row,
                number=row.steps + 1,
                before=row.status,
                after=move.after,
                words=told.words,
                cause_id=told.cause or None,
                change_id=told.change or None,
                by=actor(),
                at=now,
                due_at=row.due_at,
            )
    except IntegrityError:
        if told.change and Step.objects.filter(case=row, change_id=told.change).exists():
            raise Conflict("change: this change was made before and was not enough") from None
        raise Conflict(f"complaint {row.pk}: somebody else was faster") from None


def _moved(row: Case, move: Move, told: Shown, now: datetime) -> None:
    changes = {
        "status": move.after,
        "steps": row.steps + 1,
        "step_since": now,
        "due_at": due_after(move.after, now),
        "escalated_at": None,
        "closed_at": now if move.after == "closed" else None,
    }
    if move.needs == "cause":
        changes["cause_id"] = told.cause
    if move.after == "reopened":
        changes["reopened"] = F("reopened") + 1
    found = Case.objects.filter(pk=row.pk, steps=row.steps, status=row.status)
    if not found.filter(merged_into__isnull=True).update(**changes):
        raise Conflict(f"complaint {row.pk}: somebody else was faster")


def _tell(before: Case, done: Case, move: Move, now: datetime) -> None:
    subject = f"case:{done.pk}"
    late = before.due_at is not None and now > before.due_at
    record(events.StepDone(subject=subject, step=move.name, status=done.status, late=late))
    if done.status == "reopened":
        record(events.CaseReopened(subject=subject, times=done.reopened))
    if done.status == "closed":
        record(events.CaseClosed(subject=subject, order=done.order, reopened=done.reopened))
