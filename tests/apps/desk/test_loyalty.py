"""The page of loyalty: who stays, who slips away, and the rows behind every figure."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Business
from overdeliver.apps.desk import ladder, loyalty
from overdeliver.apps.desk.ladder import drawn
from overdeliver.apps.desk.rules import LoyaltyPolicy
from overdeliver.apps.people import actions as people
from overdeliver.apps.promises import actions as promises
from overdeliver.measure.answers import NotEnough
from overdeliver.vocabulary.errors import InputError
from tests.apps.conftest import NOON
from tests.apps.desk.conftest import Make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def noon() -> Iterator[None]:
    ladder._drawn.cache_clear()  # the numbers of rows begin anew in each test
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def guests(sold: Make) -> Make:
    """Twelve came every ten days until lately, Anna until ten weeks ago; Ion came once today."""
    people.keep_customer("anna", name="Anna <b>")
    number = 0
    for guest in range(12):
        for visit in range(4):
            number += 1
            sold(number, days_ago=31 - 10 * visit, took=30, customer=f"g-{guest}")
    for ago in (110, 100, 90, 70):
        number += 1
        sold(number, days_ago=ago, took=30, customer="anna")
    sold(999, days_ago=0, took=30, customer="ion")
    return sold


def test_the_page_says_who_is_active_and_who_slips_away(
    guests: Make, signed_in: Callable[[str], Client]
) -> None:
    manager = signed_in("manager")
    text = manager.get("/loyalty/").content.decode()
    assert "13 customers are active." in text
    found = drawn()
    assert not isinstance(found, NotEnough)
    assert found.counts == {"new": 1, "regular": 12, "loyal": 0, "slipping": 0, "gone": 1}
    gone = manager.get("/loyalty/customers/?state=gone").content.decode()
    assert "Anna &lt;b&gt;" in gone and 'href="/customers/anna/"' in gone and "70 days" in gone
    guests(1000, days_ago=25, took=30, customer="anna")
    text = manager.get("/loyalty/").content.decode()
    assert "<em>1 regular slips away.</em>" in text and "Anna &lt;b&gt;" in text


def test_who_has_no_habit_yet_has_no_usual_pause(
    guests: Make, signed_in: Callable[[str], Client]
) -> None:
    guests(1001, days_ago=5, took=30, customer="ion")  # the second time
    page = signed_in("owner").get("/loyalty/customers/?state=new")
    assert [(one.visits, one.usual) for one in page.context["page"].rows] == [(2, None)]
    assert "nan" not in page.content.decode().lower()


def test_orders_taken_back_and_answers_to_complaints_are_no_visits(guests: Make) -> None:
    promises.cancel_order("o-999")
    found = drawn()
    assert not isinstance(found, NotEnough) and found.counts["new"] == 0


def test_the_business_says_from_when_somebody_is_regular(guests: Make) -> None:
    business.set_policy(LoyaltyPolicy(regular_from=2, loyal_from=4))
    found = drawn()
    assert not isinstance(found, NotEnough) and found.counts["loyal"] == 12
    for wrong in ({"regular_from": 1}, {"regular_from": 4, "loyal_from": 4}):
        with pytest.raises(InputError):
            LoyaltyPolicy(**wrong)


def test_too_little_is_said_and_an_analyst_sees_no_names(
    shop: Business, sold: Make, signed_in: Callable[[str], Client]
) -> None:
    sold(1, days_ago=3, took=30)
    for client, path, status in (
        (signed_in("manager"), "/loyalty/", 200),
        (signed_in("owner"), "/loyalty/customers/?state=new", 200),
        (signed_in("analyst"), "/loyalty/", 200),
    ):
        answer = client.get(path)
        assert answer.status_code == status
        assert "not enough data yet (0 of 30)" in answer.content.decode()


def test_a_list_is_turned_page_by_page(
    guests: Make, signed_in: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loyalty, "PAGE", 5)
    owner, path = signed_in("owner"), "/loyalty/customers/?state=regular"
    first = owner.get(path).context["page"]
    second = owner.get(f"{path}&after={first.next}").context["page"]
    third = owner.get(f"{path}&after={second.next}").context["page"]
    seen = [row.who.reference for part in (first, second, third) for row in part.rows]
    assert sorted(seen) == sorted(f"g-{guest}" for guest in range(12))
    assert (first.previous, third.next, third.previous) == ("", "", "5")
    assert owner.get("/loyalty/customers/?state=none").status_code == 422
    assert owner.get(f"{path}&after=x").context["page"].rows


def test_programs_hear_the_same_figures(guests: Make, api: Callable[..., Client]) -> None:
    key = api("figures.see")
    told = key.get("/api/v1/loyalty").json()
    assert told["customers"] == {"new": 1, "regular": 12, "loyal": 0, "slipping": 0, "gone": 1}
    assert (told["active"], told["as_of"], told["missing"]) == (13, "2026-03-05", None)
    assert [one["new"] for one in told["months"]][-2:] == [12, 1]
    kept = key.get("/api/v1/reliability?made_from=2026-03-05").json()
    assert (kept["exceeded"], kept["broken"], kept["kept"]["share"]) == (1, 0, 1.0)
    assert [(one["group"], one["judgement"]) for one in kept["groups"]] == [
        ("courier", "not_enough")
    ]
    worth = key.get("/api/v1/money?within=30").json()
    assert (worth["missing"]["have"], worth["missing"]["need"]) == (16, 30)
    assert (worth["repeats"], worth["worths"][0]["mean"]) == ([], 100.0)
    assert api("promises.see").get("/api/v1/loyalty").status_code == 403


def test_programs_hear_what_is_missing(shop: Business, api: Callable[..., Client]) -> None:
    told = api("figures.see").get("/api/v1/loyalty").json()
    assert told["missing"] == {
        "reason": "customers came again 0 times, 30 are needed",
        "have": 0,
        "need": 30,
    }
    assert told["customers"] == {} and told["active"] is None
    empty = api("figures.see").get("/api/v1/money").json()
    assert empty["missing"] and empty["repeats"] == [] == empty["worths"]
    nothing = api("figures.see").get("/api/v1/reliability").json()
    assert nothing["kept"] == {"share": None, "low": None, "high": None}
