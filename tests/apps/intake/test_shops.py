"""What shops and tills say in their calls, understood: each topic, and what is missing or odd."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from overdeliver.apps.intake.rules import generic, shopify, woocommerce
from overdeliver.apps.intake.rules.changes import (
    Happened,
    OrderSeen,
    Refunded,
    TakenBack,
    moment,
    money,
)
from overdeliver.vocabulary.errors import InputError

from .test_hooks import FULFILLED, shopify_order, woo_order

AT = "2026-03-05T10:00:00Z"
THEN = datetime(2026, 3, 5, 10, tzinfo=UTC)


def order_of(reading: Any) -> OrderSeen:
    (order,) = (one for one in reading.changes if isinstance(one, OrderSeen))
    return order


def test_a_parcel_of_shopify_counts_when_it_is_delivered() -> None:
    parcel = {"order_id": 5101, "updated_at": AT, "shipment_status": "delivered"}
    reading = shopify.read("fulfillments/update", parcel)
    assert reading.changes == (Happened("5101", THEN, "delivered"),)
    on_its_way = shopify.read("fulfillments/create", {**parcel, "shipment_status": "in_transit"})
    assert (on_its_way.changes, on_its_way.subject, on_its_way.known) == ((), "5101", True)


def test_the_courier_of_shopify_tells_of_delivery_in_an_event() -> None:
    event = {"order_id": 5101, "status": "delivered", "happened_at": AT}
    told = (Happened("5101", THEN, "delivered"),)
    assert shopify.read("fulfillment_events/create", event).changes == told
    later = {"order_id": 5101, "status": "delivered", "created_at": AT}
    assert shopify.read("fulfillment_events/create", later).changes == told
    out = shopify.read("fulfillment_events/create", {**event, "status": "out_for_delivery"})
    assert (out.changes, out.subject) == ((), "5101")


def test_a_cancelled_order_of_shopify_is_seen_and_taken_back() -> None:
    reading = shopify.read("orders/cancelled", shopify_order(cancelled_at=AT))
    assert reading.changes[1:] == (TakenBack("5101", THEN),)


def test_an_order_of_shopify_is_shipped_when_its_last_good_parcel_is() -> None:
    parcels = [
        {"status": "success", "created_at": "2026-03-03T10:00:00Z"},
        {"status": None, "created_at": AT},
        {"status": "cancelled", "created_at": "2026-03-09T10:00:00Z"},
        "no parcel",
    ]
    order = shopify_order(**{**FULFILLED, "fulfillments": parcels})
    assert shopify.read("orders/updated", order).changes[1:] == (Happened("5101", THEN, "shipped"),)
    none = shopify_order(**{**FULFILLED, "fulfillments": []})
    assert len(shopify.read("orders/updated", none).changes) == 1


def test_an_order_of_shopify_that_was_a_test_is_no_order() -> None:
    assert shopify.read("orders/create", shopify_order(test=True)).changes == ()


def test_a_guest_of_shopify_is_told_by_his_mail_which_stays_hidden() -> None:
    guest = shopify_order(customer=None, shipping_lines=[], line_items=[{"quantity": "two"}])
    order = order_of(shopify.read("orders/create", guest))
    assert order.customer.startswith("guest-") and "ann" not in order.customer
    assert order.method == "" and "items" not in order.features
    upper = order_of(shopify.read("orders/create", {**guest, "email": " ANN@example.org"}))
    assert upper.customer == order.customer
    nobody = order_of(shopify.read("orders/create", {**guest, "email": None}))
    assert nobody.customer == ""


@pytest.mark.parametrize(
    ("topic", "data", "field"),
    [
        ("orders/create", {}, "id"),
        ("orders/create", {"id": ["1"]}, "id"),
        ("orders/create", {"id": 1}, "created_at"),
        ("fulfillments/create", {"shipment_status": "delivered"}, "order_id"),
        ("fulfillments/create", {"order_id": 1, "shipment_status": "delivered"}, "updated_at"),
        ("fulfillment_events/create", {"order_id": 1, "status": "delivered"}, "happened_at"),
        ("refunds/create", {"order_id": 1}, "created_at"),
    ],
)
def test_what_a_call_of_shopify_lacks_is_named(
    topic: str, data: Mapping[str, Any], field: str
) -> None:
    with pytest.raises(InputError, match=f"^{field}:"):
        shopify.read(topic, data)


@pytest.mark.parametrize("topic", ["products/create", "orders/delete", "orders", ""])
def test_topics_of_shopify_that_are_about_no_promise_are_unknown(topic: str) -> None:
    assert shopify.read(topic, {"id": 1}).known is False


def test_woocommerce_speaks_of_other_things_too() -> None:
    assert woocommerce.read("product.updated", {"id": 1}).known is False
    assert woocommerce.read("", {}).known is False


def test_an_order_of_woocommerce_that_is_a_draft_or_gone_changes_nothing() -> None:
    for topic, data in (
        ("order.deleted", {"id": 31}),
        ("order.created", woo_order(status="checkout-draft")),
        ("order.updated", woo_order(status="auto-draft")),
    ):
        reading = woocommerce.read(topic, data)
        assert (reading.changes, reading.subject, reading.known) == ((), "31", True)


def test_a_lost_order_of_woocommerce_is_taken_back_when_it_was_last_touched() -> None:
    lost = woo_order(status="failed", date_modified_gmt="2026-03-05T10:00:00")
    assert woocommerce.read("order.updated", lost).changes[1:] == (TakenBack("31", THEN),)
    untouched = woo_order(status="trash", date_modified_gmt=None)
    placed = datetime(2026, 3, 2, 5, tzinfo=UTC)
    assert woocommerce.read("order.updated", untouched).changes[1:] == (TakenBack("31", placed),)


def test_what_a_call_of_woocommerce_lacks_is_named() -> None:
    with pytest.raises(InputError, match=r"^id: missing"):
        woocommerce.read("order.created", {})
    with pytest.raises(InputError, match=r"^date_created_gmt: missing"):
        woocommerce.read("order.created", woo_order(date_created_gmt=None))


def test_a_customer_of_woocommerce_with_an_account_keeps_his_number() -> None:
    order = order_of(woocommerce.read("order.created", woo_order(customer_id=12)))
    assert (order.customer, order.name, order.features["country"]) == ("12", "Bo", "RO")


@pytest.mark.parametrize(
    ("topic", "change"),
    [
        ("order.delivered", Happened("A-1", THEN, "delivered")),
        ("order.cancelled", TakenBack("A-1", THEN)),
        ("order.refunded", Refunded("A-1", THEN)),
    ],
)
def test_a_till_tells_what_became_of_an_order(topic: str, change: object) -> None:
    for name in ("order", "reference"):
        reading = generic.read(topic, {"type": topic, "data": {name: "A-1", "at": AT}})
        assert (reading.changes, reading.subject) == ((change,), "A-1")


def test_a_till_may_promise_by_itself() -> None:
    data = {"order": "A-1", "placed_at": AT, "features": {"size": 3}}
    promised = generic.read("order.placed", {"data": {**data, "promise": {"promised": 2}}})
    assert (order_of(promised).promised, order_of(promised).features) == (2, {"size": 3})
    due = generic.read("order.placed", {"data": {**data, "promise": {"due_at": AT}}})
    assert (order_of(due).promised, order_of(due).due_at) == (None, THEN)


@pytest.mark.parametrize(
    ("topic", "data", "field"),
    [
        ("order.placed", {}, "data.order"),
        ("order.placed", {"order": "A-1"}, "data.placed_at"),
        (
            "order.placed",
            {"order": "A-1", "placed_at": AT, "promise": {"promised": "2"}},
            "data.pr",
        ),
        (
            "order.placed",
            {"order": "A-1", "placed_at": AT, "promise": {"promised": True}},
            "data.pr",
        ),
        ("order.delivered", {"order": "A-1"}, "data.at"),
        ("order.cancelled", {"at": AT}, "data.order"),
    ],
)
def test_what_a_call_of_a_till_lacks_is_named(
    topic: str, data: Mapping[str, Any], field: str
) -> None:
    with pytest.raises(InputError, match=f"^{field}"):
        generic.read(topic, {"data": data})


def test_a_till_that_says_something_else_is_unknown() -> None:
    assert generic.read("till.opened", {"data": {"order": "A-1"}}).known is False


def test_moments_and_amounts_are_read_as_shops_write_them() -> None:
    assert moment("2026-03-05T15:00:00+05:00") == THEN
    assert moment("2026-03-05T10:00:00", utc=True) == THEN
    assert moment(None) is None and moment("") is None
    with pytest.raises(InputError, match="says no zone"):
        moment("2026-03-05T10:00:00")
    with pytest.raises(InputError, match="ISO 8601"):
        moment("yesterday")
    assert (money("12.50"), money(3), money(""), money(None)) == (Decimal("12.50"), 3, None, None)
    with pytest.raises(InputError, match="number is needed"):
        money("free")
