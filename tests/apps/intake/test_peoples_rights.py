"""What Shopify passes on of its customers' rights: handed out by a person, erased at once."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Business
from overdeliver.apps.desk import reads as desk
from overdeliver.apps.intake import jobs, sources
from overdeliver.apps.intake.models import Received, Source
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import reads as customers
from overdeliver.apps.people.rules import RetentionPolicy, rights_of_role
from overdeliver.apps.promises.models import Order
from overdeliver.vocabulary.errors import Conflict

from .conftest import ORDERS
from .test_hooks import call, post, shopify_order, signature, source, work

pytestmark = pytest.mark.django_db
Bring = Callable[..., Any]
ANN = {"id": 77, "email": "ann@example.org", "phone": "+77011234567"}


def told(what: str, **more: Any) -> dict[str, Any]:
    """A call as Shopify sends it."""
    return {
        "shop_id": 954889,
        "shop_domain": "s.myshopify.com",
        "customer": ANN,
        "what": what,
    } | more


@pytest.fixture
def slug(shop: Business) -> str:
    """A shop that has told of two orders of Ann: one with an account, one as a guest."""
    slug = source("shopify")
    call(slug, "orders/create", shopify_order())
    call(slug, "orders/create", shopify_order(id=5102, customer=None))
    work()
    assert Order.objects.values("customer").distinct().count() == 2
    return slug


def lines(role: str = "owner") -> list[str]:
    found = desk.today(timezone.now(), rights_of_role(role))
    return [fact.key for fact in found if fact.key.startswith("privacy:")]


def test_who_asks_what_is_known_of_him_stands_on_today_until_it_is_handed_out(
    slug: str, signed_in: Callable[[str], Client]
) -> None:
    assert (
        call(slug, "customers/data_request", told("x", data_request={"id": 9})).status_code == 200
    )
    work()
    assert len(lines()) == 1 and "customer:77:" in lines()[0]
    assert not lines("agent"), "who may hand nothing out is not asked to"
    owner = signed_in("owner")
    page = owner.get("/").content.decode()
    assert "asks what is known of him" in page and "/customers/77/" in page
    assert owner.get(f"/today/why/{lines()[0]}/").status_code == 200
    data = owner.post("/customers/77/export").json()
    assert data["customer"]["email"] == "ann@example.org" and not lines()
    assert not Received.objects.filter(topic="customers/data_request").exclude(body="").exists()


def test_a_request_of_somebody_unknown_asks_nobody(slug: str) -> None:
    call(slug, "customers/data_request", told("x", customer={"id": 5, "email": "no@example.org"}))
    work()
    assert not lines()


def test_a_customer_is_erased_under_both_his_names_and_the_raw_calls_with_him(slug: str) -> None:
    guest = next(one.reference for one in customers.some_customers()[0] if one.reference != "77")
    assert guest.startswith("guest-")
    assert call(slug, "customers/redact", told("x", orders_to_redact=[5101])).status_code == 200
    work()
    while deliver_due():
        pass
    assert all(customers.customer(one).erased_at for one in ("77", guest))
    left = json.dumps(list(Received.objects.values_list("body", flat=True)))
    assert "ann" not in left.casefold() and "7701" not in left
    assert Order.objects.count() == 2
    # the shop tells of her once more: nothing of it is kept
    call(slug, "orders/updated", shopify_order(updated_at="2026-03-09T10:00:00Z"))
    work()
    assert customers.customer("77").email == ""
    assert not Received.objects.filter(body__contains="ann@").exists()
    with pytest.raises(Conflict, match="not kept"):
        sources.replay(slug, Received.objects.earliest("pk").pk)


def test_a_call_nobody_could_read_goes_with_the_person_it_names(slug: str) -> None:
    call(slug, "orders/create", shopify_order(id=6001, created_at="never"))
    call(
        slug,
        "orders/create",
        shopify_order(id=6002, created_at="never", customer={"id": 8}, email=""),
    )
    Received.objects.filter(processed_at=None).update(given_up=True)
    people.erase_customer("77")
    while deliver_due():
        pass
    left = Received.objects.filter(given_up=True).order_by("pk").values_list("body", flat=True)
    assert [bool(body) for body in left] == [False, True]


def test_a_shop_that_left_calls_no_more_and_a_person_decides_about_its_customers(
    slug: str, signed_in: Callable[[str], Client]
) -> None:
    assert call(slug, "shop/redact", {"shop_id": 1}).status_code == 200
    work()
    assert not Source.objects.get(slug=slug).active
    assert not Received.objects.exclude(body="").exists()
    assert not customers.customer("77").erased_at
    assert lines() == [f"privacy:source:{slug}:{Received.objects.latest('pk').pk}"]
    owner = signed_in("owner")
    assert owner.post("/today/mark", {"key": lines()[0], "state": "done"}).status_code in (200, 302)
    assert not lines()
    assert call(slug, "orders/create", shopify_order(id=7)).status_code == 401


@pytest.mark.parametrize("topic", ["customers/data_request", "customers/redact", "shop/redact"])
def test_a_wrong_signature_is_401_and_changes_nothing(slug: str, topic: str) -> None:
    body = json.dumps(told("x")).encode()
    for signed in (signature(body, "another secret"), "", "%%%"):
        headers = {"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": signed}
        assert post(slug, body, headers).status_code == 401
    work()
    assert not lines() and not customers.customer("77").erased_at
    assert Source.objects.get(slug=slug).active


def test_raw_calls_go_after_thirty_days_and_the_journal_says_so(slug: str) -> None:
    call(slug, "orders/create", shopify_order(id=6001, created_at="never"))
    assert jobs.forget_calls() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert jobs.forget_calls() == 2  # one still waits to be read
        assert jobs.forget_calls() == 0
        Received.objects.update(given_up=True)
        assert jobs.forget_calls() == 1
    gone = [one for one in journal.life("policy:retention") if one.name == "intake.calls_forgotten"]
    assert [one.data["calls"] for one in gone] == [2, 1]
    assert Received.objects.count() == 3, "who called and when stays"


def test_a_policy_of_no_days_keeps_calls_for_ever(slug: str) -> None:
    business.set_policy(RetentionPolicy(calls_days=0))
    with time_machine.travel(timezone.now() + timedelta(days=4_000)):
        assert jobs.forget_calls() == 0


def test_files_go_when_a_person_asks_and_stay_when_only_his_time_is_over(
    bring: Bring, folder: Path
) -> None:
    done, waiting = bring(ORDERS), bring(ORDERS, through=False)
    people.erase_customer("c1", because="retention")
    while deliver_due():
        pass
    assert (folder / done.reference).is_dir()
    people.erase_customer("c2")
    while deliver_due():
        pass
    assert not (folder / done.reference).exists()
    assert (folder / waiting.reference).is_dir(), "it is not in yet: a person decides"
    done.refresh_from_db()
    assert (done.report["stored"], done.preview, done.files) == (3, {}, [])
