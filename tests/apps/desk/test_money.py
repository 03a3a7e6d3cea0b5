"""The money page: who came again and what they spent, and honest silence."""

from collections.abc import Callable

import pytest
from django.test import Client

from overdeliver.apps.business.models import Business
from overdeliver.apps.desk.worth import money
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.paid import paid_table
from overdeliver.measure.answers import NotEnough
from tests.apps.desk.conftest import Make

pytestmark = pytest.mark.django_db


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/money/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def rates() -> dict[str, tuple[int, int]]:
    found = money(paid_table(), within_days=90).repeats
    assert not isinstance(found, NotEnough)
    return {one.verdict: (one.n, one.repeated) for one in found}


def a_shop_where_it_pays(sold: Make) -> None:
    """40 broken of whom 4 come again, 40 exceeded of whom 30 do."""
    for number in range(80):
        late = number < 40
        sold(number, days_ago=200, took=90 if late else 30, amount="50" if late else "120")
        if number < 4 or 40 <= number < 70:
            sold(1000 + number, days_ago=150, took=60, customer=f"c-{number}", amount="80")
    sold(5000, days_ago=1, took=60)


def test_repeats_are_counted_by_how_the_order_ended(sold: Make) -> None:
    a_shop_where_it_pays(sold)
    assert rates()["broken"] == (40, 4) and rates()["exceeded"] == (40, 30)


def test_the_page_says_it_pays_only_where_the_intervals_part(
    sold: Make, signed_in: Callable[[str], Client]
) -> None:
    a_shop_where_it_pays(sold)
    text = page(signed_in("manager"))
    assert "After a kept promise 75% come again, after a broken one 10%." in text
    assert "€50" in text and "€120" in text


def test_without_enough_there_is_no_figure(sold: Make, signed_in: Callable[[str], Client]) -> None:
    client = signed_in("manager")
    assert "It takes 30 outcomes of each kind." in page(client)
    for number in range(12):
        sold(number, days_ago=200, took=90)
    sold(99, days_ago=1, took=30)
    text = page(client)
    assert "not enough data yet" in text and "%" not in text.partition("<main")[2].partition(
        "Value of these orders"
    )[0].replace("95%", "")


def test_two_promises_about_one_order_are_one_order_and_the_worst_counts(sold: Make) -> None:
    sold(1, days_ago=100, took=30)
    promises.make_promise("o-1", lever="time", unit="minutes", promised=5, reference="p-1b")
    table = paid_table()
    assert table.num_rows == 1 and table["verdict"].to_pylist() == ["exceeded"]
    promises.record_outcome("p-1b", actual=10)
    assert paid_table()["verdict"].to_pylist() == ["broken"]


def test_an_order_not_settled_shows_that_the_customer_came_again(sold: Make, made: Make) -> None:
    sold(1, days_ago=100, took=90, customer="c-1")
    made(2, ago=20, customer="c-1")
    table = paid_table()
    assert sorted(table["verdict"].to_pylist(), key=str) == [None, "broken"]
    assert money(table, within_days=90).n == 1


def test_an_order_taken_back_is_no_order(sold: Make, made: Make) -> None:
    made(2, ago=20, customer="c-1")
    promises.cancel_order("o-2")
    assert paid_table().num_rows == 0


def test_currencies_are_never_added_up(sold: Make) -> None:
    for number in range(60):
        sold(number, days_ago=200, took=30, amount="10", currency="EUR" if number < 30 else "KZT")
    found = money(paid_table(), within_days=90).worths
    assert [(one.currency, one.n) for one in found] == [("EUR", 30), ("KZT", 30)]


def test_an_order_without_money_or_currency_is_left_out_of_values(made: Make) -> None:
    made(1, ago=600, took=30)
    found = money(paid_table(), within_days=90)
    assert found.n == 1 and found.worths == []


def test_a_span_of_ones_own_is_refused(shop: Business, signed_in: Callable[[str], Client]) -> None:
    assert signed_in("manager").get("/money/?within=7").status_code == 422
    assert signed_in("agent").get("/money/").status_code == 403
