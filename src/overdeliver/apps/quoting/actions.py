"""What is done about quotes: give one, turn one into a promise."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from overdeliver.apps.journal.actions import decide, record
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.facts import checked_features
from overdeliver.apps.quoting import events, serving
from overdeliver.apps.quoting.models import Quote
from overdeliver.apps.quoting.reads import QuoteCard, quote, quote_card
from overdeliver.apps.quoting.rules.promise import (
    Promised,
    Reason,
    Subject,
    choose_promise,
)
from overdeliver.apps.quoting.saying import Saying, promise_in_words, reasons_in_words
from overdeliver.vocabulary.errors import Conflict, InputError
from overdeliver.vocabulary.moments import aware

_RULE = "overdeliver.apps.quoting.rules.promise.choose_promise"
MOST_FEATURES = 60
MOST_TEXT = 200
LEVELS = (0.5, 0.99)
#: Features that an order has fields of its own for.
OWN = ("segment", "channel", "team", "amount", "currency")


def give_quote(
    service: str,
    features: Mapping[str, Any] | None = None,
    *,
    level: float | None = None,
    placed_at: datetime | None = None,
    language: str = "",
) -> QuoteCard:
    """Quote a case and keep the quote with its decision; nothing is promised yet.

    ``level`` defaults to the policy's, ``language`` to the business's. NotFound: no such service;
    InputError: a level, a moment or a feature that is none.
    """
    row, chosen = _draft(service, features or {}, level, placed_at, language)
    inputs = {"features": row.features, "level": level, "made_at": row.made_at, "model": row.model}
    with transaction.atomic():
        row.decision = decide(chosen, rule=_RULE, subject=f"quote:{row.reference}", inputs=inputs)
        row.save(force_insert=True)
    return quote_card(row)


def look_at_quote(
    service: str,
    features: Mapping[str, Any] | None = None,
    *,
    level: float | None = None,
    placed_at: datetime | None = None,
    language: str = "",
) -> QuoteCard:
    """The same quote, kept nowhere: for a form to try, and for a page anybody may load."""
    return quote_card(_draft(service, features or {}, level, placed_at, language)[0])


def accept_quote(
    reference: str,
    *,
    order: str,
    customer: str = "",
    segment: str = "",
    channel: str = "",
    team: str = "",
    amount: Decimal | None = None,
    currency: str = "",
) -> QuoteCard:
    """Turn a quote into a promise about an order, on exactly the quoted terms.

    The order is made if it is not there yet. Accepted again for the same order it stays the same
    promise. NotFound: no such quote; Conflict: it has expired, was not shown, or stands for another
    order.
    """
    if not order.strip():
        raise InputError("order: the order's reference is needed")
    with transaction.atomic():
        now = timezone.now()
        promise = f"q-{reference}"[:200]
        claimed = Quote.objects.filter(
            reference=reference, accepted_at__isnull=True, expires_at__gt=now, shown=True
        ).update(accepted_at=now, order=order, promise=promise)
        found = quote(reference)
        if not claimed:
            return _again(found, order)
        promises.place_order(
            order,
            placed_at=found.made_at,
            customer=customer,
            service=found.service,
            segment=segment or _text(found.features.get("segment")),
            channel=channel or _text(found.features.get("channel")),
            team=team or _text(found.features.get("team")),
            amount=_amount(found) if amount is None and not currency else amount,
            currency=currency or _text(found.features.get("currency")),
            features={n: v for n, v in found.features.items() if n not in OWN},
        )
        promises.make_promise(
            order,
            lever=found.lever,
            unit=found.unit,
            promised=found.promised,
            due_at=found.due_at,
            made_at=found.made_at,
            whole=found.whole,
            level=found.level,
            source="quote",
            words=found.words,
            quote=reference,
            reference=promise,
            decision=found.decision,
        )
        accepted = events.QuoteAccepted(subject=f"quote:{reference}", order=order, promise=promise)
        record(accepted, decision=found.decision)
    return found


def _again(found: QuoteCard, order: str) -> QuoteCard:
    if found.accepted_at is not None:
        if found.order == order:
            return found
        raise Conflict(f"quote {found.reference}: it was accepted for another order already")
    if not found.shown:
        raise Conflict(f"quote {found.reference}: it was not shown, so nothing was promised")
    raise Conflict(f"quote {found.reference}: it has expired; ask for a new one")


def _draft(
    slug: str,
    features: Mapping[str, Any],
    level: float | None,
    placed_at: datetime | None,
    language: str,
) -> tuple[Quote, Promised]:
    of = serving.serving(slug)
    given = checked(features)
    asked = of.policy.level_of(slug) if level is None else level
    if not LEVELS[0] <= asked <= LEVELS[1]:
        raise InputError(f"level: {asked:g} must lie between {LEVELS[0]} and {LEVELS[1]}")
    now = timezone.now()
    made_at = now if placed_at is None else _moment(placed_at, now)
    foreseen = None
    if of.learned is not None and of.service.lever != "service":
        foreseen = serving.foresee(of, given, asked, made_at)
    service = of.service
    subject = Subject(
        service.slug, service.lever, service.unit, service.whole, service.fallback, of.zone
    )
    chosen = choose_promise(
        subject, foreseen, of.policy, level=asked, made_at=made_at, hours=of.hours
    )
    tongue = language or of.language
    reasons = [as_stored(reason) for reason in chosen.reasons]
    row = Quote(
        reference=f"qt-{secrets.token_hex(10)}",
        service=service.slug,
        lever=service.lever,
        unit=service.unit,
        whole=service.whole,
        level=chosen.level,
        features=given,
        promised=chosen.promised,
        low=chosen.low,
        high=chosen.high,
        due_at=chosen.due_at,
        words=_words(of, chosen, made_at, tongue),
        language=tongue,
        shown=chosen.shown,
        reasons=reasons,
        because=reasons_in_words(reasons, tongue),
        model=foreseen.model if foreseen and chosen.source == "learned" else "",
        made_at=made_at,
        expires_at=now + timedelta(hours=of.policy.valid_hours),
    )
    return row, chosen


def _words(of: serving.Serving, chosen: Promised, made_at: datetime, language: str) -> str:
    if chosen.promised is None or not chosen.shown:
        return ""
    said = Saying(
        of.service.lever,
        of.service.unit,
        chosen.promised,
        made_at,
        chosen.due_at,
        of.service.whole,
        of.zone,
        chosen.moved,
        of.service.classes,
    )
    return promise_in_words(said, language)[:300]


def as_stored(reason: Reason) -> list[Any]:
    """A reason as rows keep it, to be said in any language later."""
    return [reason.key, asdict(reason)["values"]]


def checked(features: Mapping[str, Any]) -> dict[str, Any]:
    """Features as they may be kept: few, short, plain. InputError: one is not.

    What an order says of itself (segment, channel, team, amount, currency) may be among them.

    >>> checked({"seller": "s-1", "kg": 1.5, "express": True, "segment": "new"})
    {'segment': 'new', 'seller': 's-1', 'kg': 1.5, 'express': True}
    """
    if len(features) > MOST_FEATURES:
        raise InputError(f"features: {len(features)} are too many, {MOST_FEATURES} at most")
    plain = {str(name): _plain(str(name), value) for name, value in features.items()}
    own = {name: plain.pop(name) for name in OWN if plain.get(name) is not None}
    return own | checked_features({n: v for n, v in plain.items() if n not in OWN})


def _plain(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if len(value) > MOST_TEXT or "\x00" in value:
            raise InputError(f"features.{name[:100]}: a text has at most {MOST_TEXT} letters")
        return value
    if isinstance(value, int | float) and abs(value) < 1e15:  # neither NaN nor infinite
        return value
    raise InputError(f"features.{name[:100]}: give a text, a number, true or false")


def _moment(placed_at: datetime, now: datetime) -> datetime:
    made_at = aware(placed_at)
    if not now - timedelta(days=366) <= made_at <= now + timedelta(days=366):
        raise InputError(f"placed_at: {made_at.isoformat()} is more than a year away")
    return made_at


def _amount(found: QuoteCard) -> Decimal | None:
    """The amount that was quoted for, where its currency was named as well."""
    given = found.features.get("amount")
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    return Decimal(str(given)) if found.features.get("currency") else None


def _text(value: Any) -> str:
    return value[:100] if isinstance(value, str) else ""
