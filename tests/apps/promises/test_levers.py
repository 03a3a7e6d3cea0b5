"""Estimates with a ceiling and service classes, from the promise to what is read on the pages."""

from collections.abc import Callable

import pytest
from django.test import Client

from overdeliver.apps.promises import actions
from overdeliver.apps.promises.models import Order, Standing
from overdeliver.vocabulary.errors import InputError
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db
Sign = Callable[[str], Client]


def text(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("estimate", "bill", "verdict", "gap", "said"),
    [
        (120, 108, "exceeded", 12, "€12 under"),
        (120, 120, "met", 0, "exactly as promised"),
        (120, 150, "broken", -30, "€30 over"),
    ],
)
def test_a_dentists_estimate_is_kept_exceeded_or_broken(
    estimates: object,
    signed_in: Sign,
    estimate: float,
    bill: float,
    verdict: str,
    gap: float,
    said: str,
) -> None:
    client = signed_in("manager")
    form = {"service": "crown", "promised": str(estimate), "order": "o-1", "source": "contract"}
    page = client.post("/promises/new/", form, follow=True)
    assert f"at most €{estimate}" in text(page)
    promise = Standing.objects.get().promise.reference
    sent = client.post(f"/promises/{promise}/outcome", {"actual": str(bill)}, follow=True)
    row = Standing.objects.get()
    assert (row.verdict, row.gap) == (verdict, gap)
    assert said in text(sent)


def test_only_where_an_estimate_is_on_record_is_a_bill_judged(estimates: object) -> None:
    actions.place_order("o-1", placed_at=NOON, service="crown", amount=None)
    assert not Standing.objects.exists()


def test_a_car_service_estimate_of_time_and_cost(shop: object) -> None:
    order = actions.place_order("car-7", placed_at=NOON)
    cost = actions.make_promise(order, lever="cost", unit="EUR", promised=320, made_at=NOON)
    hours = actions.make_promise(order, lever="time", unit="hours", promised=20, made_at=NOON)
    assert actions.record_outcome(cost, actual=340) == "broken"
    assert actions.record_outcome(hours, actual=18) == "exceeded"
    found = {row.promise.reference: row.gap for row in Standing.objects.all()}
    assert found == {cost: -20, hours: 2}


def test_a_raised_estimate_is_scored_beside_the_first(estimates: object) -> None:
    order = actions.place_order("o-1", placed_at=NOON, service="crown")
    first = actions.make_promise(order, lever="cost", unit="EUR", promised=400, made_at=NOON)
    second = actions.make_promise(order, lever="cost", unit="EUR", promised=480, revises=first)
    actions.record_outcome(second, actual=470)
    verdicts = {row.promise.reference: row.verdict for row in Standing.objects.all()}
    assert verdicts == {first: "broken", second: "exceeded"}


@pytest.mark.parametrize(
    ("booked", "delivered", "verdict", "gap", "said"),
    [
        ("economy", "business", "exceeded", 1, "1 class above"),
        ("economy", "economy", "met", 0, "as booked"),
        ("business", "economy", "broken", -1, "1 class below"),
    ],
)
def test_economy_booked_and_business_delivered_is_exceeded_by_one_class(
    cabins: object,
    signed_in: Sign,
    booked: str,
    delivered: str,
    verdict: str,
    gap: float,
    said: str,
) -> None:
    client = signed_in("agent")
    page = client.post("/promises/new/", {"service": "seat", "promised": booked}, follow=True)
    promise = Standing.objects.get().promise.reference
    assert f">{booked}<" in text(page)
    sent = client.post(f"/promises/{promise}/outcome", {"actual": delivered}, follow=True)
    row = Standing.objects.get()
    assert (row.verdict, row.gap) == (verdict, gap)
    assert said in text(sent)
    listed = text(client.get("/promises/"))
    assert booked in listed and said in listed
    order = Order.objects.get()
    client.cookies["language"] = "en"
    assert booked in text(client.get(f"/s/{order.token}/"))


@pytest.mark.parametrize("rank", [0.0, 1.5])
def test_half_a_class_cannot_be_delivered(cabins: object, rank: float) -> None:
    order = actions.place_order("o-1", placed_at=NOON, service="seat")
    promise = actions.make_promise(order, lever="service", unit="class", promised=1)
    with pytest.raises(InputError, match="rank of a class"):
        actions.record_outcome(promise, actual=rank)
