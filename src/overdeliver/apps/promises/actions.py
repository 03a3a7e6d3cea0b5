"""What is done about orders and promises."""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal.actions import actor, record
from overdeliver.apps.people import actions as people
from overdeliver.apps.promises import events, rules
from overdeliver.apps.promises.models import Order, Outcome, Promise, Standing
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound
from overdeliver.vocabulary.moments import aware

_SETTLED = {
    "broken": events.PromiseBroken,
    "met": events.PromiseMet,
    "exceeded": events.PromiseExceeded,
}


def place_order(
    reference: str,
    *,
    placed_at: datetime,
    customer: str = "",
    service: str = "",
    segment: str = "",
    channel: str = "",
    team: str = "",
    amount: Decimal | None = None,
    currency: str = "",
    features: dict[str, Any] | None = None,
    batch: str = "",
) -> str:
    """Take an order in; the same reference again changes nothing. Returns the reference.

    InputError: no reference, a moment without zone, an amount without currency.
    """
    if not reference.strip():
        raise InputError("order: it needs a reference, such as the shop's own number")
    if amount is not None and len(currency) != 3:
        raise InputError(f"order {reference}: the amount needs its currency, such as EUR")
    with transaction.atomic():
        row, new = Order.objects.get_or_create(
            reference=reference,
            defaults={
                "placed_at": aware(placed_at),
                "customer_id": people.keep_customer(customer, batch=batch) if customer else None,
                "service": service,
                "segment": segment,
                "channel": channel,
                "team": team,
                "amount": amount,
                "currency": currency,
                "features": features or {},
                "token": secrets.token_urlsafe(24),
                "batch": batch,
            },
        )
        if new:
            record(events.OrderPlaced(subject=f"order:{reference}", customer=customer))
    return row.reference


def make_promise(
    order: str,
    *,
    lever: str,
    unit: str,
    promised: float | None = None,
    due_at: datetime | None = None,
    made_at: datetime | None = None,
    whole: bool = False,
    level: float | None = None,
    source: str = "standard",
    words: str = "",
    quote: str = "",
    reference: str = "",
    revises: str = "",
    decision: int | None = None,
    batch: str = "",
) -> str:
    """Write a promise down, for ever; returns its reference.

    Either ``promised`` (in ``unit``, from ``made_at``) or ``due_at`` (a promise of time).
    ``revises`` names the promise it takes the place of; both stay and both are scored. The same
    reference with the same terms again is the same promise. InputError: terms that make no
    promise; NotFound: no such order; Conflict: the reference stands for other terms.
    """
    made = aware(made_at or timezone.now())
    zone = business.zone()
    if promised is None:
        if due_at is None or lever != "time":
            raise InputError("promise: say how much is promised, or until when")
        promised = rules.promised_until(made, due_at, unit, whole=whole, zone=zone)
    if source not in rules.SOURCES:
        raise InputError(f"source {source!r}: use one of {', '.join(rules.SOURCES)}")
    terms = rules.Terms(lever, promised, unit, made, whole, zone)  # type: ignore[arg-type]
    with transaction.atomic():
        placed = _order(order)
        original = _revised(revises, placed)
        row, new = Promise.objects.get_or_create(
            reference=reference or f"p-{secrets.token_hex(8)}",
            defaults={
                "order": placed,
                "lever": lever,
                "promised": promised,
                "unit": unit,
                "made_at": made,
                "due_at": due_at or rules.due_at(terms),
                "whole": whole,
                "zone": zone,
                "level": level,
                "source": source,
                "made_by": actor(),
                "words": words,
                "quote": quote,
                "revises": original,
                "batch": batch,
            },
        )
        if not new:
            return _same(row, placed, lever, promised, unit)
        if original:
            Standing.objects.filter(promise=original).update(latest=False)
        record(_made(row, original), decision=decision)
        stand(row, tell=not batch)  # history that is brought in sets nothing off
    return row.reference


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

    ``actual`` in the promise's unit, or ``happened_at`` for a promise of time. A second outcome
    corrects the first and both stay; the same ``key`` again changes nothing. An outcome of an
    original also settles its revisions (each from its own start).
    """
    with transaction.atomic():
        row = _promise(promise)
        observed = aware(observed_at or happened_at or timezone.now())
        for one in _thread(row):
            value = _actual(one, row, actual, happened_at)
            if value is None:
                continue
            _outcome(one, value, observed, happened_at, f"{key}:{one.pk}" if key else "", batch)
            stand(one, tell=not batch)
        if row.lever == "time" and happened_at:
            Order.objects.filter(pk=row.order_id, completed_at__isnull=True).update(
                completed_at=happened_at
            )
        return Standing.objects.get(promise=row).verdict


def cancel_order(reference: str, *, at: datetime | None = None) -> None:
    """The order is taken back: its open promises can no longer be known."""
    with transaction.atomic():
        row = _order(reference)
        if row.cancelled_at:
            return
        row.cancelled_at = aware(at or timezone.now())
        row.save(update_fields=["cancelled_at"])
        for promise in row.promises.all():
            stand(promise)
        record(events.OrderCancelled(subject=f"order:{reference}"))


def stand(promise: Promise, *, tell: bool = False, now: datetime | None = None) -> str:
    """Draw the standing of a promise anew; with ``tell`` a changed verdict becomes an event."""
    order = promise.order
    last = promise.outcomes.order_by("-observed_at", "-id").first()
    tolerance = _tolerance(order.service)
    terms = terms_of(promise, tolerance)
    lost = order.cancelled_at is not None and last is None
    found = rules.standing(
        terms, last.actual if last else None, now=now or timezone.now(), lost=lost
    )
    before = Standing.objects.filter(promise=promise).first()
    Standing.objects.update_or_create(
        promise=promise,
        defaults={
            "verdict": found.verdict,
            "gap": found.gap,
            "actual": found.actual,
            "settled_at": last.observed_at if last else None,
            "due_at": promise.due_at,
            "made_at": promise.made_at,
            "lever": promise.lever,
            "service": order.service,
            "original": promise.revises_id is None,
            "latest": not promise.revisions.exists(),
        },
    )
    if tell and found.verdict in _SETTLED and (not before or before.verdict != found.verdict):
        record(_settled(promise, found))
    return found.verdict


def terms_of(promise: Promise, tolerance: float = 0.0) -> rules.Terms:
    """The terms of a stored promise."""
    return rules.Terms(
        promise.lever,  # type: ignore[arg-type]
        promise.promised,
        promise.unit,
        promise.made_at,
        promise.whole,
        promise.zone or "UTC",
        tolerance,
    )


def _tolerance(service: str) -> float:
    try:
        return business.service(service).tolerance
    except NotFound:
        return 0.0


def _order(reference: str) -> Order:
    row = Order.objects.filter(reference=reference).first()
    if row is None:
        raise NotFound(f"order {reference!r}: there is none of that reference")
    return row


def _promise(reference: str) -> Promise:
    row = Promise.objects.select_related("order").filter(reference=reference).first()
    if row is None:
        raise NotFound(f"promise {reference!r}: there is none of that reference")
    return row


def _revised(reference: str, order: Order) -> Promise | None:
    if not reference:
        return None
    row = _promise(reference)
    if row.order_id != order.pk:
        raise InputError(f"promise {reference}: it belongs to another order")
    if row.revisions.exists():
        raise Conflict(f"promise {reference}: it has been revised already; revise the later one")
    return row


def _same(row: Promise, order: Order, lever: str, promised: float, unit: str) -> str:
    if (row.order_id, row.lever, row.promised, row.unit) != (order.pk, lever, promised, unit):
        raise Conflict(f"promise {row.reference}: it stands for other terms already")
    return row.reference


def _thread(row: Promise) -> list[Promise]:
    """The promise and every revision that followed it."""
    found = [row]
    while following := found[-1].revisions.select_related("order").first():
        found.append(following)
    return found


def _actual(
    one: Promise, asked: Promise, actual: float | None, happened_at: datetime | None
) -> float | None:
    if happened_at is not None and one.lever == "time":
        return rules.actual_of(terms_of(one), happened_at)
    if actual is None:
        raise InputError("outcome: say what happened, as an amount or as a moment")
    if one.lever == "time" and one.pk != asked.pk:
        return None  # a length counts from the promise it was given for
    if not 0 <= actual < float("inf"):
        raise InputError(f"actual {actual!r}: a number not below 0 is needed")
    return actual


def _outcome(
    promise: Promise,
    actual: float,
    observed: datetime,
    happened_at: datetime | None,
    key: str,
    batch: str,
) -> None:
    try:
        with transaction.atomic():
            Outcome.objects.create(
                promise=promise,
                actual=actual,
                observed_at=observed,
                happened_at=happened_at,
                recorded_by=actor(),
                key=key or secrets.token_hex(12),
                batch=batch,
            )
    except IntegrityError:
        if not Outcome.objects.filter(key=key, promise=promise).exists():
            raise


def _made(row: Promise, original: Promise | None) -> events.PromiseMade | events.PromiseRevised:
    subject, order = f"promise:{row.reference}", row.order.reference
    if original:
        return events.PromiseRevised(
            subject=subject,
            order=order,
            revises=original.reference,
            promised=row.promised,
            unit=row.unit,
            due_at=row.due_at,
        )
    return events.PromiseMade(
        subject=subject,
        order=order,
        lever=row.lever,
        promised=row.promised,
        unit=row.unit,
        due_at=row.due_at,
        source=row.source,
    )


def _settled(promise: Promise, found: rules.Stand) -> Any:
    more: dict[str, Any] = {"overdue": found.actual is None} if found.verdict == "broken" else {}
    return _SETTLED[found.verdict](
        subject=f"promise:{promise.reference}",
        order=promise.order.reference,
        gap=found.gap,
        unit=promise.unit,
        **more,
    )
