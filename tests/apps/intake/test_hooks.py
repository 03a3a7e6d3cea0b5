"""Webhooks in: signed, once, in any order; what cannot be understood waits and is shown."""

import base64
import hashlib
import hmac
import itertools
import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from overdeliver.apps.business.models import Business
from overdeliver.apps.intake import receiving, sources
from overdeliver.apps.intake.models import Received, Source
from overdeliver.apps.people.models import Customer
from overdeliver.apps.promises.models import Encounter, Order, Outcome, Promise, Standing
from tests.figures import figure

SECRET = "a-secret-of-the-shop"


def shopify_order(**more: Any) -> dict[str, Any]:
    return {
        "id": 5101,
        "name": "#1001",
        "created_at": "2026-03-02T10:00:00+05:00",
        "updated_at": "2026-03-02T10:00:00+05:00",
        "email": "ann@example.org",
        "total_price": "129.90",
        "currency": "EUR",
        "source_name": "web",
        "customer": {"id": 77, "first_name": "Ann", "last_name": "Öz", "email": "ann@example.org"},
        "shipping_lines": [{"title": "Express"}],
        "shipping_address": {"country_code": "KZ", "province": "Almaty"},
        "line_items": [{"quantity": 2}],
        "fulfillments": [],
        "fulfillment_status": None,
        **more,
    }


FULFILLED = {
    "fulfillment_status": "fulfilled",
    "updated_at": "2026-03-03T09:00:00+05:00",
    "fulfillments": [{"status": "success", "created_at": "2026-03-03T09:00:00+05:00"}],
}


def woo_order(**more: Any) -> dict[str, Any]:
    return {
        "id": 31,
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2026-03-02T05:00:00",
        "date_modified_gmt": "2026-03-02T05:00:00",
        "date_completed_gmt": None,
        "total": "80.00",
        "customer_id": 0,
        "billing": {"email": "bo@example.org", "first_name": "Bo", "country": "RO"},
        "shipping_lines": [{"method_title": "Courier"}],
        "line_items": [{"quantity": 1}],
        **more,
    }


def signature(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def source(kind: str, **settings_: Any) -> str:
    slug, _ = sources.add(kind, "Shop", secret=SECRET if kind != "generic" else "")
    sources.change(slug, service="parcel", rules={"Express": 2, "*": 5}, **settings_)
    return slug


def call(slug: str, topic: str, data: Mapping[str, Any], key: str = "", **more: str) -> Any:
    """One call of a shop, signed as it signs."""
    body = json.dumps(data).encode()
    kind = Source.objects.get(slug=slug).kind
    if kind == "shopify":
        headers = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": signature(body),
            "X-Shopify-Webhook-Id": key or hashlib.sha256(topic.encode() + body).hexdigest(),
        }
    else:
        headers = {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Signature": signature(body)}
    return post(slug, body, {**headers, **more})


def told(kind: str, topic: str, body: bytes) -> dict[str, str]:
    """A shop's headers as the server hands them on."""
    if kind == "shopify":
        return {"x-shopify-topic": topic, "x-shopify-hmac-sha256": signature(body)}
    return {"x-wc-webhook-topic": topic, "x-wc-webhook-signature": signature(body)}


def post(slug: str, body: bytes, headers: Mapping[str, str], kind: str = "application/json") -> Any:
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/hooks/{slug}/", body, content_type=kind, headers=dict(headers))


def work() -> None:
    """Process until nothing is due, as if time went on."""
    for _ in range(20):
        Received.objects.filter(processed_at__isnull=True).update(next_at=timezone.now())
        if not receiving.process_received():
            return


def state(order: str) -> list[Any]:
    """Everything the ledger knows of an order, without the moments of writing."""
    seen = Outcome.objects.filter(promise__order__reference=order)
    made = Promise.objects.filter(order__reference=order)
    stands = Standing.objects.filter(order__reference=order)
    told = Encounter.objects.filter(order__reference=order)
    return [
        Order.objects.values_list("placed_at", "cancelled_at", "completed_at", "amount", "channel")
        .filter(reference=order)
        .get(),
        list(made.values_list("promised", "due_at", "made_at")),
        sorted(seen.values_list("actual", "happened_at")),
        sorted(stands.values_list("verdict", "gap", "settled_at")),
        sorted(told.values_list("touchpoint", "at")),
    ]


def test_an_order_is_promised_by_its_shipping_method_and_judged(shop: Business) -> None:
    slug = source("shopify")
    assert call(slug, "orders/create", shopify_order()).status_code == 200
    assert not Order.objects.exists()  # answered first, processed later
    work()
    promise = Promise.objects.get()
    assert (promise.order.reference, promise.promised, promise.unit) == ("5101", 2.0, "days")
    call(slug, "orders/fulfilled", shopify_order(**FULFILLED))
    work()
    assert Standing.objects.get().verdict == "exceeded"
    assert Customer.objects.get().reference == "77"
    assert Source.objects.get().settings["methods"] == ["Express"]


def test_wrong_signatures_are_refused_and_nothing_is_kept(shop: Business) -> None:
    slug = source("shopify")
    body = json.dumps(shopify_order()).encode()
    good = {"X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-Sha256": signature(body)}
    changed = body.replace(b"129.90", b"0.01")
    assert post(slug, changed, good).status_code == 401
    assert post(slug, json.dumps(json.loads(body), indent=1).encode(), good).status_code == 401
    assert post(slug, body, {}).status_code == 401
    assert post("nobody", body, good).status_code == 401
    assert not Received.objects.exists()
    assert post(slug, body, good).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"\xff{}",
        b"not json",
        b"[1]",
        b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": 1e400}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\u0000"}',
    ],
)
def test_signed_nonsense_is_refused(shop: Business, body: bytes) -> None:
    slug = source("shopify")
    assert post(slug, body, {"X-Shopify-Hmac-Sha256": signature(body)}).status_code == 400
    assert not Received.objects.exists()


def test_bodies_are_limited(shop: Business) -> None:
    slug = source("shopify")
    large = json.dumps({"a": "x" * 1_000_001}).encode()
    assert post(slug, large, {"X-Shopify-Hmac-Sha256": signature(large)}).status_code == 413
    fits = json.dumps({"a": "x" * 900_000}).encode()
    assert post(slug, fits, {"X-Shopify-Hmac-Sha256": signature(fits)}).status_code == 200


def test_standard_webhooks_are_signed_fresh_and_taken_once(shop: Business) -> None:
    slug, secret = sources.add("generic", "Till")
    sources.change(slug, service="parcel", rules={"*": 3}, counts="delivered")
    placed = {"order": "A-1", "placed_at": "2026-03-02T10:00:00Z", "customer": {"reference": "c1"}}
    body = json.dumps({"type": "order.placed", "data": placed}).encode()

    def sent(at: datetime, number: str = "m1") -> int:
        stamp = str(int(at.timestamp()))
        sign = Webhook(secret).sign(number, at.replace(microsecond=0), body.decode())
        names = {"webhook-id": number, "webhook-timestamp": stamp, "webhook-signature": sign}
        return int(post(slug, body, names).status_code)

    now = datetime.now(UTC)
    assert sent(now - timedelta(seconds=302)) == 401
    assert sent(now + timedelta(seconds=302)) == 401
    assert sent(now - timedelta(seconds=297)) == 200
    assert sent(now) == 200  # the same id again
    assert Received.objects.count() == 1
    work()
    assert Promise.objects.get().promised == 3.0


_HOSTILE = st.one_of(
    st.sampled_from(
        ["v1", "v1,a,b", "v1,!!!", "v1,ñ", "", ",", "v1,AAAA", "v2,AAAA", "x" * 70_000]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60),
)


@given(sign=_HOSTILE, stamp=_HOSTILE, number=_HOSTILE)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_hostile_headers_are_a_plain_no(shop: Business, sign: str, stamp: str, number: str) -> None:
    if not Source.objects.exists():
        sources.add("generic", "Till")
    slug = Source.objects.get().slug
    from overdeliver.apps.intake.rules.signatures import signed

    names = {"webhook-id": number, "webhook-timestamp": stamp, "webhook-signature": sign}
    assert not signed("generic", [Source.objects.get().secret], b"{}", names)
    names["webhook-timestamp"] = str(int(datetime.now(UTC).timestamp()))
    with pytest.raises(Exception, match="signature") as refused:
        sources.receive(slug, b"{}", names)
    assert type(refused.value).__name__ == "NotAllowed"


def test_woocommerce_pings_unsigned_and_that_is_fine(shop: Business) -> None:
    slug = source("woocommerce")
    form = "application/x-www-form-urlencoded"
    assert post(slug, b"webhook_id=12", {}, form).status_code == 200
    assert not Received.objects.exists()
    assert post(slug, b"webhook_id=12&x=1", {}, form).status_code == 401


def test_two_deliveries_of_one_second_are_both_processed(shop: Business) -> None:
    slug = source("woocommerce")
    done = woo_order(status="completed", date_completed_gmt="2026-03-04T05:00:00")
    same = {"X-WC-Webhook-Delivery-ID": "d41d8"}
    assert call(slug, "order.created", woo_order(), **same).status_code == 200
    assert call(slug, "order.updated", done, **same).status_code == 200
    work()
    assert Received.objects.filter(result="done").count() == 2
    assert Standing.objects.get().verdict == "exceeded"
    assert Customer.objects.get().reference.startswith("guest-")


_SHOPIFY = [
    ("orders/create", shopify_order()),
    ("orders/paid", shopify_order(financial_status="paid")),
    ("orders/fulfilled", shopify_order(**FULFILLED)),
    ("orders/updated", shopify_order(**FULFILLED, note="thanks")),
    ("refunds/create", {"id": 9, "order_id": 5101, "created_at": "2026-03-05T10:00:00+05:00"}),
]
_WOO = [
    ("order.created", woo_order(status="pending")),
    ("order.updated", woo_order(date_paid_gmt="2026-03-02T05:10:00")),
    ("order.updated", woo_order(status="on-hold", date_modified_gmt="2026-03-02T06:00:00")),
    ("order.updated", woo_order(status="completed", date_completed_gmt="2026-03-04T05:00:00")),
    (
        "order.updated",
        woo_order(
            status="refunded",
            date_modified_gmt="2026-03-09T05:00:00",
            date_completed_gmt="2026-03-04T05:00:00",
        ),
    ),
]


@pytest.mark.parametrize("kind", ["shopify", "woocommerce"])
def test_every_order_of_arrival_ends_the_same(shop: Business, kind: str) -> None:
    """120 orders (40 on every run), each told of in another order of the same five calls."""
    slug = source(kind)
    arrivals = list(itertools.permutations(_SHOPIFY if kind == "shopify" else _WOO))
    arrivals = arrivals[:: figure(3, 1)]
    for turn in range(5):
        for number, arrival in enumerate(arrivals, start=7_000):
            topic, data = arrival[turn]
            name = "order_id" if "order_id" in data else "id"
            body = json.dumps({**data, name: number}).encode()
            assert sources.receive(slug, body, told(kind, topic, body))
        receiving.process_received(limit=len(arrivals))
    work()
    assert not Received.objects.exclude(result="done").exists()
    ends = [state(f"{number}") for number in range(7_000, 7_000 + len(arrivals))]
    assert len(ends) == figure(40, 120) and all(end == ends[0] for end in ends)
    assert ends[0][3][0][0] == "exceeded"
    assert Customer.objects.count() == 1


def test_unknown_topics_are_kept_and_shown(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    slug = source("shopify")
    call(slug, "themes/publish", {"shop_id": 1})
    work()
    assert Received.objects.get().result == "unknown"
    page = signed_in("manager").get(f"/settings/sources/{slug}/")
    assert "themes/publish" in page.content.decode()


def test_poison_is_tried_again_and_then_given_up_visibly(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    slug = source("shopify")
    call(slug, "orders/create", shopify_order(created_at="yesterday"))
    call(slug, "orders/create", shopify_order(id=5102))
    receiving.process_received()
    assert Order.objects.get().reference == "5102"  # the others are not held up
    poison = Received.objects.get(processed_at__isnull=True)
    assert poison.attempts == 1 and poison.next_at > timezone.now()
    work()
    poison.refresh_from_db()
    assert poison.given_up and poison.attempts == receiving.TRIES
    assert "yesterday" in poison.error
    client = signed_in("manager")
    assert "yesterday" in client.get(f"/settings/sources/{slug}/?state=failed").content.decode()
    client.post(f"/settings/sources/{slug}/replay", {"call": poison.pk})
    poison.refresh_from_db()
    assert not poison.given_up and poison.attempts == 0


def test_a_secret_is_shown_once_and_the_old_one_lasts_a_day(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("manager")
    shown = client.post("/settings/sources/", {"kind": "woocommerce", "name": "Shop"}, follow=True)
    row = Source.objects.get()
    assert row.secret in shown.content.decode()
    assert row.secret not in client.get(f"/settings/sources/{row.slug}/").content.decode()
    old = row.secret
    fresh = sources.renew(row.slug)
    body = json.dumps(woo_order()).encode()
    for secret in (old, fresh):
        headers = {"X-WC-Webhook-Signature": signature(body, secret), "X-WC-Webhook-Topic": secret}
        assert post(row.slug, body, headers).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        late = post(row.slug, body, {"X-WC-Webhook-Signature": signature(body, old)})
    assert late.status_code == 401


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_are_one(shop: Business) -> None:
    slug = source("shopify")
    answers: list[int] = []

    def tell() -> None:
        for _ in range(6):
            answers.append(call(slug, "orders/create", shopify_order(), key="one").status_code)
            receiving.process_received()
        connection.close()

    threads = [threading.Thread(target=tell) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work()
    assert answers == [200] * 96
    assert (Received.objects.count(), Order.objects.count(), Promise.objects.count()) == (1, 1, 1)
    Received.objects.all().delete()
    Source.objects.all().delete()
