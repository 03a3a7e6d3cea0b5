"""Outcomes: written down once, corrected by later ones, never changed."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import actor
from overdeliver.apps.promises import rules
from overdeliver.apps.promises.drawing import (
    draw_thread,
    held_of,
    last_outcome,
    terms_of,
    thread,
)
from overdeliver.apps.promises.facts import text
from overdeliver.apps.promises.models import Order, Outcome, Promise
from overdeliver.apps.promises.telling import tell
from overdeliver.vocabulary.errors import Conflict, InputError
from overdeliver.vocabulary.moments import aware


def record_outcome(
    promise: str,
    *,
    actual: float | None = None,
    happened_at: datetime | None = None,
    observed_at: datetime | None = None,
    key: str = "",
    batch: str = "",
) -> str:
    """Write down what came of a promise; returns the verdict.

    ``actual`` in the promise's unit, or ``happened_at`` for a promise of time. The original and
    its revisions are settled by one outcome, each from its own start. A second outcome corrects
    the first and both stay: the one observed last counts (``observed_at``; now, unless said, and
    for the first one when it happened). The same ``key`` again changes nothing. InputError: neither
    of the two, or none that fits the promise; Conflict: the key stood for another outcome.
    """
    with transaction.atomic():
        row = held_of(promise)
        terms = terms_of(row)
        value = _value(terms, actual, happened_at)
        key = text("key", key, 160)
        if observed_at is not None and aware(observed_at) < row.made_at:
            raise InputError(f"promise {promise}: observed before it was made")
        if key and (known := Outcome.objects.filter(key=f"{key}:{row.pk}").first()):
            if known.actual != value:
                raise Conflict(f"key {key!r}: it stood for another outcome of this promise")
            return row.standing.verdict
        members = thread(row)
        last = {one.pk: last_outcome(one) for one in members}
        moment = _moment(terms, value, happened_at)
        for one in members:
            mine = value if one.pk == row.pk else _value(terms_of(one), actual, moment)
            _write(one, mine, moment, _observed(one, last[one.pk], moment, observed_at), key, batch)
        drawn = draw_thread(members)
        if row.lever == "time" and moment is not None and not batch:
            _complete(row.order)
        if not batch:  # history that is brought in sets nothing off
            tell(drawn, {pk: row.actual if row else None for pk, row in last.items()})
        return next(found.verdict for one, found, _ in drawn if one.pk == row.pk)


def _value(terms: rules.Terms, actual: float | None, happened_at: datetime | None) -> float:
    if terms.lever == "time" and happened_at is not None:
        return rules.actual_of(terms, aware(happened_at))
    if actual is None:
        raise InputError("outcome: say what happened, as an amount or as a moment")
    return rules.check_actual(terms, actual)


def _moment(terms: rules.Terms, actual: float, happened_at: datetime | None) -> datetime | None:
    """When it happened, as far as the report says."""
    if happened_at is not None or terms.lever != "time":
        return happened_at
    return rules.moment_of(terms, actual)


def _write(
    promise: Promise,
    actual: float,
    happened_at: datetime | None,
    observed_at: datetime,
    key: str,
    batch: str,
) -> None:
    Outcome.objects.create(
        promise=promise,
        actual=actual,
        observed_at=observed_at,
        happened_at=happened_at if promise.lever == "time" else None,
        recorded_by=actor(),
        key=f"{key}:{promise.pk}" if key else secrets.token_hex(12),
        batch=batch,
    )


def _observed(
    promise: Promise,
    last: Outcome | None,
    happened_at: datetime | None,
    observed_at: datetime | None,
) -> datetime:
    """When it became known: never before the promise, and a correction never before its mistake."""
    now = timezone.now()
    if observed_at is not None:
        return max(observed_at, promise.made_at)
    if last is not None:
        return max(now, last.observed_at)
    happened = min(happened_at, now) if happened_at else now
    return max(happened, promise.made_at)


def _complete(order: Order) -> None:
    """An order is complete when the last of its promises of time has its outcome."""
    waiting = order.promises.filter(lever="time", revises__isnull=True).values_list("pk", flat=True)
    rows = Outcome.objects.filter(promise__in=list(waiting), happened_at__isnull=False)
    last = dict(rows.order_by("observed_at", "id").values_list("promise_id", "happened_at"))
    if len(last) < len(waiting):
        return
    done = max(order.placed_at, *(at for at in last.values() if at))
    if order.completed_at != done:
        order.completed_at = done
        order.save(update_fields=["completed_at"])
