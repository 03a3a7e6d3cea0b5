"""The two procedures that may change the ledger: undo of an import, and erasure."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from overdeliver.apps.journal import reads as journal
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.people import actions as people
from overdeliver.apps.promises import actions
from overdeliver.apps.promises.models import Encounter, Order, Outcome, Promise, Standing
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db


def bring(batch: str, reference: str = "o-1") -> str:
    order = actions.place_order(reference, placed_at=NOON, customer="c-1", batch=batch)
    terms: dict[str, Any] = {"lever": "cost", "unit": "EUR", "promised": 100, "made_at": NOON}
    promise = actions.make_promise(order, **terms, reference=f"p-{reference}", batch=batch)
    actions.record_outcome(promise, actual=90, observed_at=NOON, batch=batch)
    actions.record_encounter("door", at=NOON, order=order, batch=batch)
    return promise


def test_an_import_is_undone_whole_and_leaves_an_entry(shop: object) -> None:
    bring("spring", "o-1")
    bring("summer", "o-2")
    done = actions.withdraw_batch("spring")
    assert (done.orders, done.promises, done.outcomes, done.encounters) == (1, 1, 1, 1)
    assert [row.reference for row in Order.objects.all()] == ["o-2"]
    assert (Promise.objects.count(), Outcome.objects.count(), Standing.objects.count()) == (1, 1, 1)
    entry = journal.life("batch:spring")[-1]
    assert entry.name == "promises.batch_withdrawn" and entry.data["orders"] == 1


def test_revisions_of_an_import_go_with_it(shop: object) -> None:
    promise = bring("spring")
    terms: dict[str, Any] = {"lever": "cost", "unit": "EUR", "promised": 120, "made_at": NOON}
    actions.make_promise("o-1", **terms, revises=promise, batch="spring")
    assert actions.withdraw_batch("spring").promises == 2
    assert not Promise.objects.exists()


@pytest.mark.parametrize("later", ["outcome", "promise", "revision", "encounter"])
def test_an_import_that_later_work_hangs_on_stays_whole(shop: object, later: str) -> None:
    promise = bring("spring")
    terms: dict[str, Any] = {"lever": "cost", "unit": "EUR", "promised": 120}
    if later == "outcome":
        actions.record_outcome(promise, actual=95)
    elif later == "promise":
        actions.make_promise("o-1", **terms)
    elif later == "revision":
        actions.make_promise("o-1", **terms, revises=promise, batch="summer", made_at=NOON)
    else:
        actions.record_encounter("door", at=NOON, order="o-1")
    with pytest.raises(Conflict, match="hang on its rows"):
        actions.withdraw_batch("spring")
    assert Order.objects.exists() and Promise.objects.exists() and Outcome.objects.exists()


def test_a_promise_that_loses_its_outcome_stands_as_before(shop: object) -> None:
    order = actions.place_order("o-1", placed_at=NOON)
    promise = actions.make_promise(order, lever="cost", unit="EUR", promised=100, made_at=NOON)
    actions.record_outcome(promise, actual=120, observed_at=NOON, batch="late")
    assert Standing.objects.get().verdict == "broken"
    actions.withdraw_batch("late")
    row = Standing.objects.get()
    assert (row.verdict, row.gap, row.settled_at) == ("open", None, None)


def test_undoing_what_never_was_is_refused(shop: object) -> None:
    with pytest.raises(NotFound):
        actions.withdraw_batch("none")
    with pytest.raises(InputError):
        actions.withdraw_batch(" ")


def test_after_an_undo_the_ledger_is_locked_as_before(shop: object) -> None:
    bring("spring", "o-1")
    bring("summer", "o-2")
    actions.withdraw_batch("spring")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE promises_promise SET promised = 1")


def test_erasing_a_customer_blanks_what_orders_hold_of_him(shop: object) -> None:
    for customer in ("c-1", "c-2"):
        order = actions.place_order(
            f"o-{customer}", placed_at=NOON, customer=customer, features={"street": "Main 5"}
        )
        actions.make_promise(
            order, lever="cost", unit="EUR", promised=100, words="100 for you, Anna"
        )
        actions.say_next_step(order, "We call Anna.")
    token = Order.objects.get(reference="o-c-1").token
    people.erase_customer("c-1")
    while deliver_due():
        pass
    gone = Order.objects.get(reference="o-c-1")
    assert (gone.features, gone.next_step) == ({}, "") and gone.token != token
    assert Promise.objects.get(order=gone).words == ""
    assert Promise.objects.get(order=gone).promised == 100
    kept = Order.objects.get(reference="o-c-2")
    assert kept.features == {"street": "Main 5"} and kept.next_step == "We call Anna."
    assert journal.life("customer:c-1")[-1].name == "promises.orders_blanked"


def test_encounters_are_written_once_each(shop: object) -> None:
    bring("spring")
    assert Encounter.objects.get().touchpoint == "door"
