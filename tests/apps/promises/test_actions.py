"""The promise ledger on the real database."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from overdeliver.apps.journal import reads as journal
from overdeliver.apps.promises import actions
from overdeliver.apps.promises.models import Promise, Standing
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(shop: object) -> str:
    return actions.place_order("o-1", placed_at=NOON, customer="c-1", service="courier")


def test_sixty_minutes_promised_and_delivered_in_45_is_exceeded_by_15(order: str) -> None:
    promise = actions.make_promise(order, lever="time", unit="minutes", promised=60, made_at=NOON)
    assert actions.record_outcome(promise, happened_at=NOON + timedelta(minutes=45)) == "exceeded"
    assert Standing.objects.get(promise__reference=promise).gap == 15


def test_a_revision_keeps_both_scores_visible(order: str) -> None:
    first = actions.make_promise(order, lever="time", unit="minutes", promised=30, made_at=NOON)
    later = NOON + timedelta(minutes=20)
    second = actions.make_promise(
        order, lever="time", unit="minutes", promised=40, made_at=later, revises=first
    )
    actions.record_outcome(first, happened_at=NOON + timedelta(minutes=45))
    verdicts = {s.promise.reference: s.verdict for s in Standing.objects.all()}
    assert verdicts == {first: "broken", second: "exceeded"}


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_itself_refuses_to_change_a_promise(order: str, change: str) -> None:
    actions.make_promise(order, lever="time", unit="minutes", promised=30, made_at=NOON)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        if change == "update":
            Promise.objects.update(promised=90)
        else:
            Promise.objects.all()._raw_delete("default")
    assert Promise.objects.get().promised == 30


def test_what_happened_is_in_the_journal(order: str) -> None:
    promise = actions.make_promise(order, lever="time", unit="minutes", promised=60)
    actions.record_outcome(promise, actual=75)
    names = [entry.name for entry in journal.life(f"promise:{promise}")]
    assert names == ["promises.promise_made", "promises.promise_broken"]
