"""Write down what happened and why."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.journal import models
from overdeliver.apps.journal.append_only import lifted
from overdeliver.apps.journal.events import LISTENERS, DeliveryRetried, Event, plain
from overdeliver.vocabulary.decisions import Decision
from overdeliver.vocabulary.errors import NotFound

_ACTOR: ContextVar[str] = ContextVar("actor", default="command")
_CAUSE: ContextVar[int | None] = ContextVar("cause", default=None)
_PART = 500


@contextmanager
def acting(actor: str, cause: int | None = None) -> Iterator[None]:
    """Everything recorded inside is done by ``actor``, because of the event ``cause``.

    Actors are ``staff:ID``, ``key:ID``, ``customer``, ``worker`` or ``command``.
    """
    who, why = _ACTOR.set(actor), _CAUSE.set(cause)
    try:
        yield
    finally:
        _ACTOR.reset(who)
        _CAUSE.reset(why)


def act_as(actor: str) -> None:
    """From here on, inside the innermost `acting`, everything is done by ``actor``."""
    _ACTOR.set(actor)


def actor() -> str:
    """Who acts now."""
    return _ACTOR.get()


def cause() -> int | None:
    """The event because of which everything is done now, or None."""
    return _CAUSE.get()


def record(event: Event, *, decision: int | None = None) -> int:
    """Append an event and hand it to its listeners; must run inside the change's transaction.

    Returns the event's id. Listeners run later, in the worker, each in its own transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{event.name()} recorded outside a transaction: it could be lost")
    now = timezone.now()
    row = models.Event.objects.create(
        at=now,
        name=event.name(),
        subject=event.subject,
        data=event.data(),
        actor=_ACTOR.get(),
        cause_id=_CAUSE.get(),
        decision_id=decision,
    )
    listeners = LISTENERS.get(event.name(), {})
    models.Delivery.objects.bulk_create(
        models.Delivery(event=row, listener=name, next_at=now) for name in listeners
    )
    return row.pk


def decide(
    decision: Decision, *, rule: str, subject: str, inputs: Mapping[str, Any] | None = None
) -> int:
    """Keep a decision so that it can be asked why; returns its id for `record`.

    ``rule`` is the function's dotted name, ``inputs`` what it was given (no personal data).
    """
    row = models.Decided.objects.create(
        at=timezone.now(),
        rule=rule,
        verdict=decision.verdict,
        because=list(decision.because),
        policy=decision.policy,
        inputs=plain(inputs or {}),
        subject=subject,
        cause_id=_CAUSE.get(),
    )
    return row.pk


def blank_inputs(decisions: Collection[int]) -> None:
    """Take what decisions were given out of them: it told of a person who is erased, or of a case
    whose time is over. Verdict, reasons and policy stay. Only for the procedures that forget.
    """
    numbers = sorted(decisions)
    with lifted():
        for start in range(0, len(numbers), _PART):
            some = models.Decided.objects.filter(pk__in=numbers[start : start + _PART])
            some.exclude(inputs={}).update(inputs={})


def deliver_again(number: int) -> None:
    """Try a delivery again now, with all its tries before it. NotFound: it is done or not there."""
    with transaction.atomic():
        changed = models.Delivery.objects.filter(pk=number, done_at__isnull=True).update(
            given_up=False, attempts=0, next_at=timezone.now()
        )
        if not changed:
            raise NotFound(f"delivery {number}: there is none that waits")
        row = models.Delivery.objects.select_related("event").get(pk=number)
        record(DeliveryRetried(subject=row.event.subject, listener=row.listener))
