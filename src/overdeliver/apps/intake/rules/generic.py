"""Signed calls of any system, in the manner of Standard Webhooks: type, timestamp, data."""

from collections.abc import Mapping
from typing import Any

from overdeliver.apps.intake.rules.changes import (
    Change,
    Happened,
    OrderSeen,
    Reading,
    Refunded,
    TakenBack,
    moment,
    money,
    needed,
    part,
    text,
)
from overdeliver.vocabulary.errors import InputError

TOPICS = ("order.placed", "order.delivered", "order.cancelled", "order.refunded")


def read(topic: str, body: Mapping[str, Any]) -> Reading:
    """What a call says. InputError: a field is missing or wrong."""
    if topic not in TOPICS:
        return Reading(known=False)
    data = part(body, "data")
    order = text(data.get("order") or data.get("reference"), 150)
    if not order:
        raise InputError("data.order: missing")
    return Reading((_change(topic, order, data),), order)


def _change(topic: str, order: str, data: Mapping[str, Any]) -> Change:
    if topic == "order.placed":
        return _placed(order, data)
    at = needed(data.get("at"), "data.at")
    if topic == "order.delivered":
        return Happened(order, at, "delivered")
    return TakenBack(order, at) if topic == "order.cancelled" else Refunded(order, at)


def _placed(order: str, data: Mapping[str, Any]) -> OrderSeen:
    who, promise = part(data, "customer"), part(data, "promise")
    promised = promise.get("promised")
    if promised is not None and (
        isinstance(promised, bool) or not isinstance(promised, int | float)
    ):
        raise InputError("data.promise.promised: a number is needed")
    return OrderSeen(
        reference=order,
        placed_at=needed(data.get("placed_at"), "data.placed_at"),
        customer=text(who.get("reference")),
        name=text(who.get("name"), 300),
        email=text(who.get("email"), 320),
        phone=text(who.get("phone"), 50),
        amount=money(data.get("amount")),
        currency=text(data.get("currency"), 3),
        channel=text(data.get("channel"), 100),
        segment=text(data.get("segment"), 100),
        team=text(data.get("team"), 100),
        service=text(data.get("service"), 80),
        method=text(data.get("method")),
        features=dict(part(data, "features")),
        due_at=moment(promise.get("due_at"), utc=True),
        promised=promised,
    )
