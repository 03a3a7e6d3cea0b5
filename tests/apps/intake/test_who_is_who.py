"""Who a row is about, and files that come again: nothing is put together in silence, or twice."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client

from overdeliver.apps.business.models import Business
from overdeliver.apps.intake import actions
from overdeliver.apps.outreach import blocking
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import reads as customers
from overdeliver.apps.people.models import Customer
from overdeliver.apps.promises.models import Order, Outcome, Promise, Standing

from .conftest import worked

pytestmark = pytest.mark.django_db
Bring = Callable[..., Any]
HEAD = "order id;ordered on;promised for;delivered on;total;currency;customer id;customer name\n"
_DAYS = ((1, 5), (2, 9), (3, 7), (4, 2), (5, 8), (6, 6), (7, 12), (8, 1), (9, 7))
LINES = [
    f"A-{n};2026-02-{n:02};2026-02-{n + 7:02};2026-02-{n + late:02};{n}0.50;EUR"
    f";c-{n % 4};Name {n % 4}\n"
    for n, late in _DAYS
]


def state() -> list[Any]:
    """All the ledger knows of them, whenever and with whichever file it came."""
    order = ("order__reference", "lever")
    return [
        sorted(
            Order.objects.values_list("reference", "placed_at", "amount", "customer__reference")
        ),
        list(Promise.objects.order_by(*order).values_list("reference", "promised", "due_at")),
        sorted(Outcome.objects.values_list("promise__reference", "actual", "happened_at")),
        sorted(Standing.objects.values_list("promise__reference", "verdict", "gap")),
        sorted(Customer.objects.values_list("reference", "name")),
    ]


@pytest.mark.one_database
def test_overlapping_files_in_any_order_come_to_the_same_and_the_second_time_to_nothing(
    bring: Bring,
) -> None:
    chance = random.Random(7)
    files = [LINES[0:5], LINES[3:8], LINES[4:9]]
    ends = []
    for _ in range(2):
        chance.shuffle(files)
        rows = [bring(HEAD + "".join(chance.sample(part, len(part)))) for part in files]
        assert sum(row.report["stored"] for row in rows) == len(LINES)
        ends.append(state())
        again = bring(HEAD + "".join(chance.sample(LINES, len(LINES))))
        assert (again.report["stored"], again.report["known"]) == (0, len(LINES))
        assert state() == ends[0]
        for row in reversed([*rows, again]):
            actions.undo(row.reference)
            assert worked(row.reference).state == "undone"
        assert not Order.objects.exists()
    assert ends[0] == ends[1]


def test_three_spellings_of_a_name_are_three_customers_until_somebody_says_otherwise(
    bring: Bring,
) -> None:
    names = ("Айгерім", "Aigerim", "AIGERIM ")
    lines = [
        f"{n};2026-02-0{n};2026-02-10;2026-02-09;9;EUR;c{n};{name}\n"
        for n, name in enumerate(names, 1)
    ]
    row = bring(HEAD + "".join(lines))
    assert row.report["stored"] == 3
    found = {one.reference: one.name for one in customers.some_customers()[0]}
    assert found == {"c1": "Айгерім", "c2": "Aigerim", "c3": "AIGERIM"}


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("KZ", "8 701 123 45 67", "+77011234567"),
        ("RU", "8 921 123 45 67", "+79211234567"),
        ("KZ", "+7 921 123 45 67", "+79211234567"),
        ("RU", "+7 701 123 45 67", "+77011234567"),
        ("MD", "8 701 123 45 67", "8 701 123 45 67"),
    ],
)
def test_a_number_of_plus_seven_is_what_it_says_wherever_the_shop_is(
    shop: Business, country: str, typed: str, kept: str
) -> None:
    """Both countries have +7: with it a number is the same from everywhere, without it local."""
    Business.objects.update(country=country)
    people.keep_customer("c-1", batch="b", phone=typed)
    assert customers.customer("c-1").phone == kept


@pytest.mark.one_database
def test_numbers_a_spreadsheet_has_cut_are_said_before_anything_is_stored(
    bring: Bring, signed_in: Callable[[str], Client]
) -> None:
    lines = [
        f"{order};2026-02-0{n};2026-02-10;2026-02-09;9;EUR;{who};A\n"
        for n, (order, who) in enumerate(
            [
                ("1.0E+12", "c1"),
                ("1.0E+12", "c2"),
                ("10", "1E+12"),
                ("11", "1,5e+12"),
                ("12", "E+12"),
            ],
            1,
        )
    ]
    row = bring(HEAD + "".join(lines), through=False)
    actions.answer(row.reference, {})
    row = worked(row.reference)
    assert (row.state, row.report["cut_ids"], row.report["rejected"]) == ("checked", 3, 1)
    assert not Order.objects.exists()
    page = signed_in("owner").get(f"/imports/{row.reference}/").content.decode()
    assert "1.0E+12, in rows: 3" in page
    actions.start(row.reference)
    assert worked(row.reference).state == "done"
    kept = set(Order.objects.values_list("reference", flat=True))
    assert kept == {"1.0E+12", "10", "11", "12"}, "as text, as it stood"


def test_a_long_number_of_a_workbook_is_kept_whole(bring: Bring, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["order id", "ordered on", "promised for", "delivered on"])
    sheet.append([1_000_000_000_001, "2026-02-02", "2026-02-10", "2026-02-09"])
    sheet.append(["0012", "2026-02-02", "2026-02-10", "2026-02-09"])
    book.save(tmp_path / "long.xlsx")
    row = bring(tmp_path / "long.xlsx")
    assert (row.report["stored"], row.report["cut_ids"]) == (2, 0)
    assert set(Order.objects.values_list("reference", flat=True)) == {"1000000000001", "0012"}


def test_who_said_no_stays_on_the_list_whatever_is_imported_again(bring: Bring) -> None:
    """An objection is kept, not forgotten: else the next file would undo it."""
    bring(HEAD + "".join(LINES))
    people.change_customer("c-1", name="Name 1", email="one@example.org")
    number = customers.customer("c-1").id
    for purpose in ("asking", "marketing", "service"):
        people.note_consent("c-1", purpose, True, source="page")
        people.note_consent("c-1", purpose, False, source="page")
    blocking.block("one@example.org")
    before = Customer.objects.get(pk=number).consents.count()
    bring(HEAD + "".join(LINES).replace("Name 1", "Another name"))
    people.keep_customer("c-1", email="one@example.org")
    assert Customer.objects.get(pk=number).consents.count() == before == 6
    for purpose in ("asking", "marketing", "service"):
        assert customers.agreed_to(purpose, [number]) == set()
    assert blocking.block_reason("ONE@example.org") == "by_hand"
