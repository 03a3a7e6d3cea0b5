"""Shopify's webhooks: orders, fulfilments, refunds, and what its customers have a right to."""

from collections.abc import Mapping
from typing import Any

from overdeliver.apps.intake.rules.changes import (
    Change,
    DataAsked,
    Happened,
    OrderSeen,
    Reading,
    Refunded,
    ShopGone,
    TakenBack,
    ToErase,
    guest,
    listed,
    moment,
    money,
    needed,
    part,
    text,
)
from overdeliver.vocabulary.errors import InputError

_ORDERS = ("create", "updated", "edited", "paid", "fulfilled", "partially_fulfilled", "cancelled")


def read(topic: str, data: Mapping[str, Any]) -> Reading:
    """What a call says. InputError: it is not of the shape its topic has."""
    group, _, what = topic.partition("/")
    if group == "orders" and what in _ORDERS:
        return _order(data)
    if topic in ("fulfillments/create", "fulfillments/update"):
        order = _id(data, "order_id")
        return Reading(tuple(_fulfilment(order, data)), order)
    if topic == "fulfillment_events/create":
        order = _id(data, "order_id")
        if data.get("status") != "delivered":
            return Reading((), order)
        at = needed(data.get("happened_at") or data.get("created_at"), "happened_at")
        return Reading((Happened(order, at, "delivered"),), order)
    if topic in ("customers/data_request", "customers/redact"):
        return _privacy(topic, data)
    if topic == "shop/redact":
        return Reading((ShopGone(),))
    if topic == "refunds/create":
        order = _id(data, "order_id")
        return Reading((Refunded(order, needed(data.get("created_at"), "created_at")),), order)
    return Reading(known=False)


def _order(data: Mapping[str, Any]) -> Reading:
    order = _id(data, "id")
    if data.get("test"):
        return Reading((), order)
    who, ship = part(data, "customer"), part(data, "shipping_address")
    lines = listed(data, "shipping_lines")
    email = text(data.get("email") or who.get("email"), 320)
    names = (text(one.get(key)) for one in (who,) for key in ("first_name", "last_name"))
    features = {
        "country": text(ship.get("country_code")),
        "province": text(ship.get("province")),
        "items": sum(_whole(one.get("quantity")) for one in listed(data, "line_items")),
    }
    changes: list[Change] = [
        OrderSeen(
            reference=order,
            placed_at=needed(data.get("created_at"), "created_at"),
            customer=text(who.get("id")) or guest(email),
            name=" ".join(name for name in names if name),
            email=email,
            phone=text(data.get("phone") or who.get("phone"), 50),
            amount=money(data.get("total_price")),
            currency=text(data.get("currency"), 3),
            channel=text(data.get("source_name"), 100),
            method=text(lines[0].get("title")) if lines else "",
            features={name: value for name, value in features.items() if value},
        )
    ]
    if data.get("fulfillment_status") == "fulfilled":
        changes += _all_shipped(order, listed(data, "fulfillments"))
    if cancelled := moment(data.get("cancelled_at"), utc=True):
        changes.append(TakenBack(order, cancelled))
    return Reading(tuple(changes), order)


def _privacy(topic: str, data: Mapping[str, Any]) -> Reading:
    """Whom it is about: he may have ordered with an account, as a guest, or both."""
    who = part(data, "customer")
    found = (text(who.get("id")), guest(text(who.get("email"), 320)))
    references = tuple(one for one in found if one)
    if not references:
        raise InputError("customer: neither id nor email")
    if topic == "customers/redact":
        return Reading((ToErase(references),), references[0])
    return Reading(tuple(map(DataAsked, references)), references[0])


def _all_shipped(order: str, fulfilments: list[Mapping[str, Any]]) -> list[Change]:
    """The last parcel of a whole order: it is there when everything is."""
    good = [one for one in fulfilments if one.get("status") in (None, "success")]
    sent = [at for one in good if (at := moment(one.get("created_at"), utc=True))]
    return [Happened(order, max(sent), "shipped")] if sent else []


def _fulfilment(order: str, data: Mapping[str, Any]) -> list[Change]:
    """One parcel: whether it is the last one only the order itself tells; arrival counts."""
    if data.get("shipment_status") != "delivered":
        return []
    return [Happened(order, needed(data.get("updated_at"), "updated_at"), "delivered")]


def _id(data: Mapping[str, Any], name: str) -> str:
    found = text(data.get(name), 100)
    if not found:
        raise InputError(f"{name}: missing")
    return found


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
