"""What is done about orders and promises.

Every action holds its order first (`drawing.held`), writes the ledger, draws the standings anew
and records what happened, all in one transaction.
"""

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
from overdeliver.apps.promises.drawing import (
    columns,
    draw_thread,
    held,
    last_outcome,
    plain,
    service_now,
    terms_of,
    thread,
    threads_of,
)
from overdeliver.apps.promises.drawing import stand as stand
from overdeliver.apps.promises.facts import checked_amount, checked_features, checked_level, text
from overdeliver.apps.promises.models import Encounter, Order, Promise, Standing
from overdeliver.apps.promises.outcomes import record_outcome as record_outcome
from overdeliver.apps.promises.telling import made_event
from overdeliver.apps.promises.undo import withdraw_batch as withdraw_batch
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound
from overdeliver.vocabulary.moments import aware


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
    completed_at: datetime | None = None,
    batch: str = "",
) -> str:
    """Take an order in; the same reference again changes nothing. Returns the reference.

    ``features`` are what is known when promises are made: texts, numbers, yes or no. InputError:
    no reference, a moment without zone or before the order, an amount without currency, a feature
    that is none of these.
    """
    reference = text("order", reference, 200)
    if not reference:
        raise InputError("order: it needs a reference, such as the shop's own number")
    if completed_at is not None and aware(completed_at) < aware(placed_at):
        raise InputError(f"order {reference}: completed before it was placed")
    amount = checked_amount(reference, amount, currency)
    with transaction.atomic():
        row, new = Order.objects.get_or_create(
            reference=reference,
            defaults={
                "placed_at": aware(placed_at),
                "completed_at": completed_at,
                "customer_id": people.keep_customer(customer, batch=batch) if customer else None,
                "service": text("service", service, 80),
                "segment": text("segment", segment, 100),
                "channel": text("channel", channel, 100),
                "team": text("team", team, 100),
                "amount": amount,
                "currency": currency,
                "features": checked_features(features or {}),
                "token": secrets.token_urlsafe(24),
                "batch": batch,
            },
        )
        if new and not batch:  # history that is brought in sets nothing off
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
    promise; NotFound: no such order or promise; Conflict: the reference stands for other terms, or
    the promise to revise is not in force any more.
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
    reference = text("promise", reference, 200)
    with transaction.atomic():
        placed = held(order)
        if reference and (row := Promise.objects.filter(reference=reference).first()):
            return _same(row, placed, terms)
        before = _in_force(revises, placed, terms, batch) if revises else None
        row, service, new = _kept(
            Promise(
                reference=reference or f"p-{secrets.token_hex(8)}",
                order=placed,
                lever=lever,
                promised=promised,
                unit=unit,
                made_at=made,
                due_at=due_at if due_at and not terms.dated else rules.due_at(terms),
                whole=whole,
                zone=zone,
                level=checked_level(level),
                source=source,
                made_by=actor(),
                words=text("words", words, 300),
                quote=text("quote", quote, 60),
                revises_id=(before.revises_id or before.pk) if before else None,
                batch=batch,
            ),
            given=bool(reference),
        )
        if not new:
            return _same(row, placed, terms)
        _first_standing(row, terms, before, service)
        if not batch:
            record(made_event(row, before), decision=decision)
            if before:
                subject = f"promise:{before.reference}"
                record(events.PromiseReplaced(subject=subject, order=order, by=row.reference))
    return row.reference


def cancel_order(reference: str, *, at: datetime | None = None, batch: str = "") -> None:
    """The order is taken back: its open promises can no longer be known.

    What was overdue by then stays broken. A second time changes nothing. InputError: before the
    order was placed.
    """
    with transaction.atomic():
        row = held(reference)
        if row.cancelled_at:
            return
        row.cancelled_at = aware(at or timezone.now())
        if row.cancelled_at < row.placed_at:
            raise InputError(f"order {reference}: cancelled before it was placed")
        row.save(update_fields=["cancelled_at"])
        for members in threads_of(row):
            draw_thread(members)
        if not batch:
            record(events.OrderCancelled(subject=f"order:{reference}"))


def complete_order(reference: str, *, at: datetime | None = None) -> None:
    """Everything ordered is there; outcomes of promises of time say so by themselves.

    InputError: before the order was placed.
    """
    moment = aware(at or timezone.now())
    with transaction.atomic():
        row = held(reference)
        if moment < row.placed_at:
            raise InputError(f"order {reference}: completed before it was placed")
        if row.completed_at == moment:
            return
        row.completed_at = moment
        row.save(update_fields=["completed_at"])
        record(events.OrderCompleted(subject=f"order:{reference}", at=moment))


def say_next_step(reference: str, said: str) -> None:
    """What the status page of an order says happens next; empty says nothing.

    InputError: longer than 300 characters.
    """
    with transaction.atomic():
        row = held(reference)
        row.next_step = text("next step", said, 300)
        row.save(update_fields=["next_step"])
        record(events.NextStepSaid(subject=f"order:{reference}"))


def record_encounter(
    touchpoint: str,
    *,
    at: datetime,
    order: str = "",
    customer: str = "",
    team: str = "",
    expected: float | None = None,
    received: float | None = None,
    batch: str = "",
) -> None:
    """Write down a contact of the journey: at which touchpoint, when, expected and received.

    InputError: neither an order nor a customer is named. NotFound: no such order.
    """
    if not order and not customer:
        raise InputError("encounter: say whose, by an order or a customer")
    with transaction.atomic():
        placed = Order.objects.filter(reference=plain(order)).first() if order else None
        if order and placed is None:
            raise NotFound(f"order {order!r}: there is none of that reference")
        Encounter.objects.create(
            order=placed,
            customer_id=people.keep_customer(customer, batch=batch) if customer else None,
            touchpoint=text("touchpoint", touchpoint, 80),
            at=aware(at),
            team=text("team", team, 100),
            expected=expected,
            received=received,
            batch=batch,
        )


def _in_force(reference: str, order: Order, terms: rules.Terms, batch: str) -> Promise:
    """The promise that a revision takes the place of, if it still may."""
    row = Promise.objects.filter(reference=plain(reference)).first()
    if row is None:
        raise NotFound(f"promise {reference!r}: there is none of that reference")
    if row.order_id != order.pk:
        raise InputError(f"promise {reference}: it belongs to another order")
    row.order = order
    last = thread(row)[-1]
    if last.pk != row.pk and not batch:
        raise Conflict(f"promise {reference}: it has been revised already; revise {last.reference}")
    known = terms_of(last)
    if (known.lever, known.unit, known.dated) != (terms.lever, terms.unit, terms.dated):
        raise InputError(f"promise {reference}: a revision keeps its lever and unit ({last.unit})")
    if terms.made_at < last.made_at:
        raise InputError(f"promise {reference}: a revision comes after what it revises")
    if not batch and last_outcome(last) is not None:
        raise Conflict(f"promise {reference}: its outcome is known; correct that instead")
    return last


def _kept(row: Promise, *, given: bool) -> tuple[Promise, str, bool]:
    """The row written, its service, and whether it is new.

    An import, which holds no order, may have written one of the same reference at the same moment.
    The tolerance of now goes with it: changing a service's later rewrites no history.
    """
    service, row.tolerance = service_now(row)
    if not given:
        row.save(force_insert=True)
        return row, service, True
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        known = Promise.objects.filter(reference=row.reference).first()
        if known is None:
            raise
        return known, service, False
    return row, service, True


def _first_standing(row: Promise, terms: rules.Terms, before: Promise | None, service: str) -> None:
    """A new promise has no outcome yet; one made in the past may be overdue from the start."""
    if before:
        Standing.objects.filter(promise=before).update(latest=False, changed_at=timezone.now())
    found = rules.standing(
        terms, None, now=timezone.now(), cancelled_at=row.order.cancelled_at, due=row.due_at
    )
    Standing.objects.create(promise=row, **columns(row, found, None, latest=True, service=service))


def _same(row: Promise, order: Order, terms: rules.Terms) -> str:
    known = terms_of(row)
    said = (row.order_id, known.lever, known.promised, known.unit)
    if said != (order.pk, terms.lever, terms.promised, terms.unit):
        raise Conflict(f"promise {row.reference}: it stands for other terms already")
    return row.reference
