"""Settings of the shops that call us: connected, changed, silenced; what is refused and shown."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.models import Business, Service
from overdeliver.apps.intake import receiving, sources
from overdeliver.apps.intake.models import Received, Source
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.people.models import Customer
from overdeliver.apps.promises.models import Encounter, Order, Outcome, Promise, Standing
from overdeliver.vocabulary.errors import InputError, NotAllowed, NotFound

from .test_hooks import (
    FULFILLED,
    SECRET,
    call,
    post,
    shopify_order,
    signature,
    source,
    woo_order,
    work,
)

LISTED = "/settings/sources/"


@pytest.fixture
def manager(shop: Business, signed_in: Callable[[str], Client]) -> Client:
    return signed_in("manager")


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "amazon", "name": "Shop", "secret": SECRET},
        {"kind": "shopify", "name": " ", "secret": SECRET},
        {"kind": "shopify", "name": "Shop", "secret": ""},
        {"kind": "woocommerce", "name": "Shop", "secret": "short"},
        {"kind": "generic", "name": "Shop", "secret": "whsec_this is no base64!"},
        {"kind": "generic", "name": "Shop", "secret": "x" * 201},
    ],
)
def test_a_shop_that_cannot_be_connected_is_refused_and_its_name_stays(
    manager: Client, typed: dict[str, str]
) -> None:
    answer = manager.post(LISTED, typed)
    assert answer.status_code == 422 and answer.context["error"]
    assert answer.context["typed"]["name"] == typed["name"]
    assert not Source.objects.exists()


def test_two_shops_of_one_name_have_addresses_of_their_own(manager: Client) -> None:
    for name in ("Лавка", "Лавка"):
        manager.post(LISTED, {"kind": "woocommerce", "name": name})
    slugs = list(Source.objects.values_list("slug", flat=True))
    assert len(set(slugs)) == 2 and all(slug.startswith("woocommerce-") for slug in slugs)
    assert len(manager.get(LISTED).context["sources"]) == 2


def test_what_is_promised_is_said_per_shipping_method(manager: Client) -> None:
    slug, _ = sources.add("shopify", "Shop", secret=SECRET)
    page = f"{LISTED}{slug}/"
    typed = {
        "service": "parcel",
        "counts": "delivered",
        "active": "yes",
        "rule:Express": " 1,5 ",
        "rule:*": "4",
        "rule:Empty": " ",
    }
    assert manager.post(page, typed).headers["Location"] == page
    card = manager.get(page).context
    assert card["source"].rules == {"Express": 1.5, "*": 4.0} and card["other"] == 4.0
    assert (card["source"].counts, card["service"].slug) == ("delivered", "parcel")
    assert journal.life(f"source:{slug}")[-1].data["change"] == "promises"


@pytest.mark.parametrize(
    "wrong", [{"rule:*": "soon"}, {"rule:*": "-1"}, {"rule:*": "nan"}, {"counts": "packed"}]
)
def test_a_promise_that_is_no_number_changes_nothing(
    manager: Client, wrong: dict[str, str]
) -> None:
    slug = source("shopify")
    typed = {"service": "courier", "counts": "shipped", "active": "yes", **wrong}
    answer = manager.post(f"{LISTED}{slug}/", typed)
    assert answer.status_code == 422 and answer.context["error"]
    assert Source.objects.get().settings["service"] == "parcel"


def test_a_silenced_shop_is_refused_like_a_stranger(manager: Client) -> None:
    slug = source("shopify")
    manager.post(f"{LISTED}{slug}/", {"service": "parcel", "counts": "shipped"})
    assert call(slug, "orders/create", shopify_order()).status_code == 401
    manager.post(f"{LISTED}{slug}/", {"service": "parcel", "counts": "shipped", "active": "yes"})
    assert call(slug, "orders/create", shopify_order()).status_code == 200


def test_a_new_secret_is_shown_once_and_a_bad_one_is_refused(manager: Client) -> None:
    slug = source("woocommerce")
    page = f"{LISTED}{slug}/secret"
    wrong = manager.post(page, {"secret": "short"})
    assert wrong.status_code == 422 and wrong.context["error"]
    assert Source.objects.get().secret == SECRET
    shown = manager.post(page, {"secret": "the-secret-of-the-shop"}, follow=True)
    assert shown.context["secret"] == "the-secret-of-the-shop"
    assert manager.get(f"{LISTED}{slug}/").context["secret"] == ""
    made = manager.post(page, follow=True).context["secret"]
    assert made == Source.objects.get().secret and len(made) > 30


def test_somebody_who_only_looks_changes_no_shop(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    slug = source("shopify")
    agent = signed_in("agent")
    for path in (LISTED, f"{LISTED}{slug}/", f"{LISTED}{slug}/secret", f"{LISTED}{slug}/replay"):
        assert agent.post(path, {"kind": "generic", "name": "Till"}).status_code == 403, path
    assert Source.objects.count() == 1 and Source.objects.get().secret == SECRET


def test_shops_and_calls_that_are_not_there_are_not_found(manager: Client) -> None:
    slug = source("shopify")
    assert manager.get(f"{LISTED}nothing/").status_code == 404
    assert manager.post(f"{LISTED}nothing/", {"counts": "shipped"}).status_code == 404
    assert manager.post(f"{LISTED}nothing/secret").status_code == 404
    for number in ("", "x", "0", "9" * 40):
        answer = manager.post(f"{LISTED}{slug}/replay", {"call": number})
        assert answer.status_code == 404, number
    with pytest.raises(NotFound):
        sources.replay("nothing", 1)


def test_the_calls_of_a_shop_are_filtered_found_and_walked(manager: Client) -> None:
    slug = source("shopify")
    for number in range(31):
        call(slug, "orders/create", shopify_order(id=6000 + number))
    call(slug, "products/create", {"id": 1})
    work()
    page = f"{LISTED}{slug}/"
    first = manager.get(page).context
    assert len(first["calls"]) == 30 and first["next"]
    rest = manager.get(f"{page}?after={first['next']}").context
    assert len(rest["calls"]) == 2 and rest["next"] == ""
    for query, found in (
        ("state=unknown", ["products/create"]),
        ("q=6003", ["orders/create"]),
        ("q=products", ["products/create"]),
        ("state=failed", []),
        ("state=waiting&q=nothing", []),
    ):
        shown = manager.get(f"{page}?{query}").context["calls"]
        assert [one.topic for one, _ in shown] == found, query


def test_a_shop_that_counts_delivery_does_not_mind_the_shipping(shop: Business) -> None:
    slug = source("shopify", counts="delivered")
    call(slug, "orders/create", shopify_order())
    call(slug, "orders/fulfilled", shopify_order(**FULFILLED))
    work()
    assert not Outcome.objects.exists()
    parcel = {"order_id": 5101, "shipment_status": "delivered"}
    call(slug, "fulfillments/update", {**parcel, "updated_at": "2026-03-03T09:00:00+05:00"})
    work()
    assert Standing.objects.get().verdict == "exceeded"


def test_an_order_taken_back_before_it_was_placed_is_taken_back_then(shop: Business) -> None:
    """Clocks of shops differ: a moment before the order is the order's own."""
    slug = source("shopify")
    call(slug, "orders/cancelled", shopify_order(cancelled_at="2026-03-01T10:00:00+05:00"))
    work()
    order = Order.objects.get()
    assert order.cancelled_at == order.placed_at


def test_a_refund_is_remembered_and_the_promise_scored_as_it_was_kept(shop: Business) -> None:
    slug = source("shopify")
    call(slug, "orders/fulfilled", shopify_order(**FULFILLED))
    refund = {"order_id": 5101, "created_at": "2026-03-05T10:00:00+05:00"}
    call(slug, "refunds/create", refund)
    work()
    assert Encounter.objects.get().touchpoint == "refunded"
    assert Standing.objects.get().verdict == "exceeded"


def test_a_refund_waits_for_its_order(shop: Business) -> None:
    slug = source("shopify")
    call(slug, "refunds/create", {"order_id": 5101, "created_at": "2026-03-05T10:00:00+05:00"})
    receiving.process_received()
    waiting = Received.objects.get()
    assert waiting.processed_at is None and "5101" in waiting.error
    call(slug, "orders/create", shopify_order())
    work()
    assert Encounter.objects.get().touchpoint == "refunded"


def test_a_field_that_a_customer_filled_with_anything_keeps_his_name(shop: Business) -> None:
    slug = source("shopify")
    call(slug, "orders/create", shopify_order(email="none of your business"))
    work()
    customer = Customer.objects.get()
    assert (customer.reference, customer.name, customer.email) == ("77", "Ann Öz", "")


def test_without_a_service_an_order_is_kept_and_nothing_promised(shop: Business) -> None:
    slug, _ = sources.add("shopify", "Shop", secret=SECRET)
    call(slug, "orders/create", shopify_order())
    work()
    assert Order.objects.exists() and not Promise.objects.exists()


def test_without_a_rule_the_promise_of_the_service_holds_or_none(shop: Business) -> None:
    slug = source("woocommerce")
    sources.change(slug, service="parcel", rules={"Express": 2})
    call(slug, "order.created", woo_order())
    work()
    assert Order.objects.exists() and not Promise.objects.exists()
    Service.objects.filter(slug="parcel").update(fallback=6)
    call(slug, "order.created", woo_order(id=32))
    work()
    assert Promise.objects.get().promised == 6


def test_a_call_without_a_number_of_its_own_is_known_by_what_it_says(shop: Business) -> None:
    slug = source("shopify")
    body = json.dumps(shopify_order()).encode()
    for number in ("", "x" * 201):
        headers = {
            "Shopify-Topic": "orders/create",
            "Shopify-Hmac-Sha256": signature(body),
            "Shopify-Webhook-Id": number,
        }
        assert post(slug, body, headers).status_code == 200
    assert Received.objects.count() == 1
    assert Received.objects.get().topic == "orders/create"


def test_when_a_shop_was_last_heard_is_shown(manager: Client) -> None:
    slug = source("shopify")
    assert manager.get(f"{LISTED}{slug}/").context["source"].last_seen_at is None
    call(slug, "orders/create", shopify_order())
    first = Source.objects.get().last_seen_at
    assert first is not None
    call(slug, "orders/create", shopify_order(id=2))
    assert Source.objects.get().last_seen_at == first  # once a minute is often enough
    Source.objects.update(last_seen_at=first - timedelta(hours=1))
    call(slug, "orders/create", shopify_order(id=3))
    seen = Source.objects.get().last_seen_at
    assert seen is not None and seen >= first


def test_the_shipping_methods_of_a_hostile_shop_do_not_grow_without_end(shop: Business) -> None:
    slug = source("shopify")
    Source.objects.filter(slug=slug).update(
        settings={"methods": [f"m{number}" for number in range(60)]}
    )
    call(slug, "orders/create", shopify_order())
    work()
    assert len(Source.objects.get().settings["methods"]) == 60
    assert Order.objects.get().features["shipping_method"] == "Express"


def test_a_secret_a_program_gives_is_checked_too(shop: Business) -> None:
    slug, secret = sources.add("generic", "Till", secret="whsec_c2VjcmV0IG9mIHRoZSB0aWxs")
    assert Source.objects.get().secret == secret == "whsec_c2VjcmV0IG9mIHRoZSB0aWxs"
    with pytest.raises(InputError, match="base64"):
        sources.renew(slug, "whsec_not base64 at all")
    names = {"webhook-id": "1", "webhook-timestamp": str(int(timezone.now().timestamp()))}
    with pytest.raises(NotAllowed):
        sources.receive(slug, b"{}", names)
