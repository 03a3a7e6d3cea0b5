"""Reliability by supplier: the fact of an order that names him, found or chosen."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Business
from overdeliver.apps.promises import actions, cases, suppliers
from overdeliver.apps.promises.kept import Asked, kept
from overdeliver.apps.promises.suppliers import ReliabilityPolicy
from overdeliver.vocabulary.errors import InputError
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db
PAGE = "/reliability/?by=supplier&period=all"


@pytest.fixture
def sold(shop: Business) -> None:
    """24 parcels of Ala, all kept; 22 of "B & <b>", 11 kept; one of nobody, one of number 7."""
    with time_machine.travel(NOON, tick=False):
        for number in range(48):
            facts: dict[str, object] = {"seller": "Ala" if number < 24 else "B & <b>", "kg": 2}
            if number == 46:
                facts = {"kg": 1}
            elif number == 47:
                facts = {"seller": 7, "lorry's __ no": "A 1"}
            placed = NOON - timedelta(days=30)
            actions.place_order(f"o-{number}", placed_at=placed, service="parcel", features=facts)
            promise = actions.make_promise(
                f"o-{number}", lever="time", unit="days", promised=5, whole=True,
                made_at=placed, reference=f"p-{number}",
            )  # fmt: skip
            late = 24 <= number < 35
            actions.record_outcome(promise, happened_at=placed + timedelta(days=9 if late else 2))


def shares() -> dict[object, tuple[int, int]]:
    """Supplier -> kept and all."""
    found = kept(Asked(by="supplier"))
    rows = [*found.levels, *found.groups]
    return {
        one.key["supplier"]: (round((one.kept.rate if one.kept else 0) * one.n), one.n)
        for one in rows
    }


def test_each_supplier_is_counted_and_opened_to_his_promises(
    sold: None, signed_in: Callable[[str], Client]
) -> None:
    told = shares()
    assert told["Ala"] == (24, 24) and told["B & <b>"] == (11, 22)
    assert set(told) == {"Ala", "B & <b>", None, "7"}
    owner = signed_in("owner")
    page = owner.get(PAGE).content.decode()
    assert "B &amp; &lt;b&gt;" in page and "supplier=B+%26+%3Cb%3E" in page
    rows = owner.get("/promises/?supplier=B+%26+%3Cb%3E&verdict=broken").context["page"].rows
    assert len(rows) == 11 and {row.reference for row in rows} <= {f"p-{n}" for n in range(24, 35)}
    assert owner.get("/promises/?supplier=nobody").context["found"] == 0


def test_the_business_says_which_fact_it_is(
    sold: None, signed_in: Callable[[str], Client], api: Callable[..., Client]
) -> None:
    assert suppliers.fact() == "seller"
    assert suppliers.suppliers() == ["7", "Ala", "B & <b>"]
    business.set_policy(ReliabilityPolicy(supplier="lorry's __ no"))
    assert shares()["A 1"] == (0, 1) or shares()["A 1"] == (1, 1)
    told = api("figures.see").get("/api/v1/reliability?by=supplier&supplier=A%201").json()
    assert [(one["group"], one["outcomes"]) for one in told["groups"]] == [("A 1", 1)]
    with pytest.raises(InputError):
        ReliabilityPolicy(supplier="x" * 81)


def test_where_no_order_names_one_nothing_is_offered(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    page = signed_in("owner").get("/reliability/").content.decode()
    assert suppliers.fact() == "" and "by=supplier" not in page
    assert signed_in("manager").get(PAGE).status_code == 200


def test_another_fact_makes_the_file_of_cases_anew(
    sold: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cases, "SMALL", 10)
    monkeypatch.setattr(cases, "_file", lambda: tmp_path / "cases.parquet")
    assert shares()["Ala"] == (24, 24)
    business.set_policy(ReliabilityPolicy(supplier="kg"))
    assert set(shares()) == {"2", "1", None}
