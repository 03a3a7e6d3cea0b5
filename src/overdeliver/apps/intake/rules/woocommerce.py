"""WooCommerce's webhooks: an order as it is now, whatever the topic."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from overdeliver.apps.intake.rules.changes import (
    Change,
    Happened,
    OrderSeen,
    Reading,
    TakenBack,
    guest,
    listed,
    moment,
    money,
    part,
    text,
)
from overdeliver.vocabulary.errors import InputError

_DRAFT = ("checkout-draft", "auto-draft", "draft")
_LOST = ("cancelled", "failed", "refunded", "trash")


def read(topic: str, data: Mapping[str, Any]) -> Reading:
    """What a call says. InputError: it is no order."""
    group, _, what = topic.partition(".")
    if group != "order":
        return Reading(known=False)
    order = text(data.get("id"), 100)
    if not order:
        raise InputError("id: missing")
    if what == "deleted" or data.get("status") in _DRAFT:
        return Reading((), order)  # only the number is left, or nothing was ordered yet
    return Reading(_order(order, data), order)


def _order(order: str, data: Mapping[str, Any]) -> tuple[Change, ...]:
    placed = _at(data, "date_created")
    if placed is None:
        raise InputError("date_created_gmt: missing")
    bill, ship = part(data, "billing"), part(data, "shipping")
    lines = listed(data, "shipping_lines")
    email = text(bill.get("email"), 320)
    number = data.get("customer_id")
    names = (text(bill.get(key)) for key in ("first_name", "last_name"))
    goods = listed(data, "line_items")
    features = {
        "country": text(ship.get("country") or bill.get("country")),
        "state": text(ship.get("state") or bill.get("state")),
        "payment_method": text(data.get("payment_method")),
        "items": sum(q for one in goods if isinstance(q := one.get("quantity"), int)),
    }
    seen = OrderSeen(
        reference=order,
        placed_at=placed,
        customer=text(number) if number else guest(email),
        name=" ".join(name for name in names if name),
        email=email,
        phone=text(bill.get("phone"), 50),
        amount=money(data.get("total")),
        currency=text(data.get("currency"), 3),
        channel=text(data.get("created_via"), 100),
        method=text(lines[0].get("method_title")) if lines else "",
        features={name: value for name, value in features.items() if value},
    )
    changes: list[Change] = [seen]
    if completed := _at(data, "date_completed"):
        changes.append(Happened(order, completed, "shipped"))
    if data.get("status") in _LOST:
        changes.append(TakenBack(order, _at(data, "date_modified") or placed))
    return tuple(changes)


def _at(data: Mapping[str, Any], name: str) -> datetime | None:
    """The universal spelling; the shop's own clock does not say its zone."""
    return moment(data.get(f"{name}_gmt"), utc=True)
