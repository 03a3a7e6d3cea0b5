"""How promises stand, drawn one by one from the ledger (`standings` does the same on columns).

Whatever changes an order's promises first holds the order (`held`), so that two outcomes at once
are drawn one after the other and the last drawing has seen both.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.rules import promised_service
from overdeliver.apps.promises import rules
from overdeliver.apps.promises.models import Order, Outcome, Promise, Standing
from overdeliver.vocabulary.errors import NotFound


def held(reference: str) -> Order:
    """The order, held until the transaction ends. NotFound: none of that reference.

    On PostgreSQL the row is locked (references to it stay possible); on SQLite the transaction
    itself is the only one that writes.
    """
    row = Order.objects.select_for_update(no_key=True).filter(reference=plain(reference)).first()
    if row is None:
        raise NotFound(f"order {reference!r}: there is none of that reference")
    return row


def plain(reference: str) -> str:
    """A reference as it may be asked for: PostgreSQL cannot be asked for a character of code 0.

    >>> plain("o-1"), plain("o-\\x001")
    ('o-1', '')
    """
    return "" if "\x00" in reference else reference


def held_of(promise: str) -> Promise:
    """A promise, its order held until the transaction ends. NotFound: no such promise."""
    row = Promise.objects.select_related("order").filter(reference=plain(promise)).first()
    if row is None:
        raise NotFound(f"promise {promise!r}: there is none of that reference")
    row.order = held(row.order.reference)
    return row


def thread(row: Promise) -> list[Promise]:
    """The original of a promise and all its revisions, in the order they were made."""
    root = row.revises_id or row.pk
    return next(rows for rows in threads_of(row.order) if rows[0].pk == root)


def threads_of(order: Order) -> list[list[Promise]]:
    """All promises of an order, each original with its revisions in the order they were made."""
    roots: dict[int, list[Promise]] = {}
    for one in order.promises.order_by("made_at", "pk"):
        one.order = order
        roots.setdefault(one.revises_id or one.pk, []).append(one)
    return [sorted(rows, key=lambda one: one.revises_id is not None) for rows in roots.values()]


def last_outcome(promise: Promise) -> Outcome | None:
    """The outcome that counts: the one observed last, of equals the one written down last."""
    return promise.outcomes.order_by("-observed_at", "-id").first()


Drawn = tuple[Promise, rules.Stand, str | None]


def draw_thread(members: Iterable[Promise], *, now: datetime | None = None) -> list[Drawn]:
    """Draw an original and its revisions anew; each with the verdict it had before.

    The order must be held.
    """
    rows = list(members)
    moment = now or timezone.now()
    return [(one, *_draw(one, one is rows[-1], moment)) for one in rows]


def _draw(promise: Promise, latest: bool, now: datetime) -> tuple[rules.Stand, str | None]:
    last = last_outcome(promise)
    found = rules.standing(
        terms_of(promise),
        last.actual if last else None,
        now=now,
        cancelled_at=promise.order.cancelled_at,
        due=promise.due_at,
    )
    before = Standing.objects.filter(promise=promise).values_list("verdict", flat=True).first()
    fields = columns(promise, found, last.observed_at if last else None, latest=latest)
    if before is None:
        Standing.objects.create(promise=promise, **fields)
    else:
        Standing.objects.filter(promise=promise).update(changed_at=timezone.now(), **fields)
    return found, before


def columns(
    promise: Promise,
    found: rules.Stand,
    settled_at: datetime | None,
    *,
    latest: bool,
    service: str | None = None,
) -> dict[str, Any]:
    """The columns of a standing; ``service`` where it is known already."""
    order = promise.order
    return {
        "order": order,
        "verdict": found.verdict,
        "gap": found.gap,
        "actual": found.actual,
        "settled_at": settled_at,
        "due_at": promise.due_at,
        "made_at": promise.made_at,
        "lever": promise.lever,
        "service": service_of(promise) if service is None else service,
        "segment": order.segment,
        "channel": order.channel,
        "team": order.team,
        "original": promise.revises_id is None,
        "latest": latest,
    }


def terms_of(promise: Promise) -> rules.Terms:
    """The terms of a stored promise."""
    return rules.Terms(
        promise.lever,  # type: ignore[arg-type]
        promise.promised,
        promise.unit,
        promise.made_at,
        promise.whole,
        promise.zone or "UTC",
        promise.tolerance,
    )


def service_of(promise: Promise) -> str:
    """The service a promise is about: its order's, or the one of its own lever and unit."""
    of_order = promise.order.service
    if not of_order:
        return ""
    return promised_service(of_order, promise.lever, promise.unit, business.service_kinds())


def service_now(promise: Promise) -> tuple[str, float]:
    """The service a new promise is about, and how much better is still met there as of now.

    0 for a service that nobody described.
    """
    of_order = promise.order.service
    if not of_order:
        return "", 0.0
    known = business.service_tolerances()
    kinds = [(slug, lever, unit) for slug, lever, unit, _, active in known if active]
    service = promised_service(of_order, promise.lever, promise.unit, kinds)
    return service, {row[0]: row[3] for row in known}.get(service, 0.0)


def stand(promise: Promise, *, now: datetime | None = None) -> str:
    """Draw a promise and its thread anew; returns its verdict. Its order must be held."""
    drawn = draw_thread(thread(promise), now=now)
    return next(found.verdict for one, found, _ in drawn if one.pk == promise.pk)
