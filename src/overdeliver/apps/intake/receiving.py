"""Calls that came in, processed after they were answered: each once, whatever their order."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.intake import events, forgetting
from overdeliver.apps.intake.models import Received, Source
from overdeliver.apps.intake.rules import generic, promising, shopify, woocommerce
from overdeliver.apps.intake.rules.changes import (
    PRIVATE,
    Change,
    Happened,
    OrderSeen,
    Reading,
    Refunded,
    ShopGone,
    TakenBack,
    ToErase,
)
from overdeliver.apps.intake.rules.steps import promise_reference
from overdeliver.apps.intake.rules.strict_json import strict
from overdeliver.apps.journal.actions import acting, record
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import reads as people_known
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises import reads as ledger
from overdeliver.vocabulary.errors import InputError, NotFound, OverdeliverError

TRIES = 8
_FIRST_WAIT = timedelta(seconds=5)
_MOST_METHODS = 60
_READERS: Mapping[str, Callable[[str, Mapping[str, Any]], Reading]] = {
    "shopify": shopify.read,
    "woocommerce": woocommerce.read,
    "generic": generic.read,
}


def process_received(limit: int = 100) -> int:
    """Process calls that are due; returns how many. Safe beside other workers."""
    due = Received.objects.filter(
        processed_at__isnull=True, given_up=False, next_at__lte=timezone.now()
    ).order_by("next_at", "id")[:limit]
    return sum(_process(pk) for pk in list(due.values_list("pk", flat=True)))


def _process(pk: int) -> bool:
    """One call: what it changes and "processed" are one transaction, so it happens once."""
    now = timezone.now()
    try:
        with transaction.atomic():
            # Whoever updates first holds the row; the others find it processed.
            claimed = Received.objects.filter(
                pk=pk, processed_at__isnull=True, next_at__lte=now
            ).update(processed_at=now, error="")
            if not claimed:
                return False
            row = Received.objects.select_related("source").get(pk=pk)
            with acting(f"source:{row.source.slug}"):
                reading = _READERS[row.source.kind](row.topic, strict(row.body.encode()))
                for change in reading.changes:
                    _apply(change, row.source)
            result = ("done" if reading.changes else "ignored") if reading.known else "unknown"
            Received.objects.filter(pk=pk).update(result=result, subject=reading.subject)
            if _tells_of_the_erased(reading):
                Received.objects.filter(pk=pk).update(body="")
    except Exception as error:  # noqa: BLE001 - a poison call is its own: the others go on
        _postpone(pk, error)
    return True


def _tells_of_the_erased(reading: Reading) -> bool:
    """Whether nothing of a call may be kept: a person's rights, or an order of somebody erased."""
    who = [one.customer for one in reading.changes if isinstance(one, OrderSeen) and one.customer]
    return any(isinstance(one, PRIVATE) for one in reading.changes) or any(
        people_known.customer(one).erased_at for one in who
    )


def _postpone(pk: int, error: Exception) -> None:
    """Once more later, and later each time; in the end the page shows it and a person decides."""
    with transaction.atomic():
        row = Received.objects.select_related("source").get(pk=pk)
        tries = row.attempts + 1
        # Our own texts name fields and orders; those of libraries may hold anything.
        told = str(error) if isinstance(error, OverdeliverError) else type(error).__name__
        Received.objects.filter(pk=pk, processed_at__isnull=True).update(
            attempts=F("attempts") + 1,
            error=told[:300],
            next_at=timezone.now() + _FIRST_WAIT * 4 ** min(tries - 1, 6),
            given_up=tries >= TRIES,
        )
        if tries >= TRIES:
            record(events.CallGivenUp(subject=f"source:{row.source.slug}", topic=row.topic))


def _apply(change: Change, source: Source) -> None:
    if isinstance(change, OrderSeen):
        _order(change, source)
    elif isinstance(change, Happened):
        _outcome(change, source)
    elif isinstance(change, TakenBack):
        placed = ledger.order(change.reference).placed_at
        promises.cancel_order(change.reference, at=max(change.at, placed))
    elif isinstance(change, Refunded):
        _refund(change)
    elif isinstance(change, ToErase):
        _erase(change)
    elif isinstance(change, ShopGone):
        forgetting.forget_shop(source)
    # DataAsked changes nothing: Today shows it until the data are handed out


def _erase(change: ToErase) -> None:
    for reference in change.references:
        with suppress(NotFound):  # nobody here has heard of him
            people.erase_customer(reference)


def _order(seen: OrderSeen, source: Source) -> None:
    service = seen.service or source.settings.get("service", "")
    features = dict(seen.features)
    if seen.method:
        features["shipping_method"] = seen.method
        _remember_method(seen.method, source)
    if seen.customer:
        _keep_customer(seen)
    promises.place_order(
        seen.reference,
        placed_at=seen.placed_at,
        customer=seen.customer,
        service=service,
        segment=seen.segment,
        channel=seen.channel,
        team=seen.team,
        amount=seen.amount if seen.currency else None,
        currency=seen.currency,
        features=features,
    )
    _promise(seen, service, source)


def _keep_customer(seen: OrderSeen) -> None:
    given = {name: getattr(seen, name) for name in ("name", "email", "phone")}
    try:
        people.keep_customer(seen.customer, **given)
    except InputError:  # a shop's customers write what they like into a field
        people.keep_customer(seen.customer, name=seen.name)


def _promise(seen: OrderSeen, service: str, source: Source) -> None:
    if not service or ledger.promises_of_order(seen.reference):
        return
    card = business.service(service)
    rules = source.settings.get("rules", {})
    promised = seen.promised
    if promised is None and seen.due_at is None:
        promised = promising.promised_for(seen.method, rules, card.fallback)
    if promised is None and seen.due_at is None:
        return
    promises.make_promise(
        seen.reference,
        lever=card.lever,
        unit=card.unit,
        promised=promised,
        due_at=seen.due_at,
        made_at=seen.placed_at,
        whole=card.whole,
        reference=promise_reference(seen.reference, card.lever),
    )


def _outcome(happened: Happened, source: Source) -> None:
    """The outcome of the order's promise of time, if this is the moment the source counts by."""
    order = ledger.order(happened.reference)  # NotFound: the order itself is still on its way
    wanted = source.settings.get("counts", "shipped" if source.kind != "generic" else "delivered")
    if happened.how != wanted:
        return
    for one in ledger.promises_of_order(happened.reference):
        if one.lever != "time" or one.revises:
            continue
        at = max(happened.at, order.placed_at, one.made_at)
        key = f"hook:{at.isoformat()}"
        promises.record_outcome(one.reference, happened_at=at, observed_at=at, key=key)


def _refund(refund: Refunded) -> None:
    at: datetime = max(refund.at, ledger.order(refund.reference).placed_at)
    promises.record_encounter("refunded", at=at, order=refund.reference)


def _remember_method(method: str, source: Source) -> None:
    """Shipping methods seen, so that the page can ask what is promised for each."""
    known = source.settings.get("methods", [])
    if method in known or len(known) >= _MOST_METHODS:
        return
    row = Source.objects.select_for_update().get(pk=source.pk)
    row.settings = {**row.settings, "methods": [*row.settings.get("methods", []), method]}
    row.save(update_fields=["settings"])
    source.settings = row.settings
