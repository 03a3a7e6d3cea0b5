"""What customers said, exported beside the ledger."""

from pathlib import Path

import pytest

from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.listening import actions, export
from overdeliver.apps.listening.models import Feedback
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.card_parts import data_of
from overdeliver.apps.people.reads import customer
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises import export as ledger
from overdeliver.simulate.business import business
from overdeliver.tables.check import check
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db


def test_what_customers_said_comes_out_as_it_went_in(db: None, tmp_path: Path) -> None:
    given = business("pizza", 120, seed=2)
    for row in given["orders"].to_pylist():
        promises.place_order(
            row["order_id"], placed_at=row["placed_at"], customer=row["customer_id"]
        )
    said = given["feedback"].to_pylist()
    assert said
    for row in said:
        actions.take_feedback(
            kind=row["kind"],
            customer=row["customer_id"],
            order=row["order_id"],
            score=row["score"],
            scale=(row["scale_min"], row["scale_max"]),
            at=row["at"],
            reference=row["feedback_id"],
        )
    found = export.table().select(given["feedback"].column_names).to_pylist()
    assert found == said
    tables = export.opened(export.snapshot(tmp_path / "ledger"))
    assert check(tables["feedback"], "feedback", others=tables) == []


def test_scores_stand_beside_the_promise_they_are_about(shop: object, tmp_path: Path) -> None:
    order = promises.place_order("o-1", placed_at=NOON, customer="c-1")
    promise = promises.make_promise(order, lever="cost", unit="EUR", promised=100, made_at=NOON)
    promises.record_outcome(promise, actual=120)
    actions.take_feedback(kind="survey", order=order, score=2, scale=(1, 5), text="too dear")
    cases = ledger.ledger_cases(export.opened(export.snapshot(tmp_path / "ledger")))
    row = cases.table.to_pyarrow().to_pylist()[0]
    assert (row["verdict"], row["score"], row["text"]) == ("broken", 2.0, "too dear")


def test_without_feedback_the_table_is_there_with_its_types(db: None, tmp_path: Path) -> None:
    tables = export.opened(export.snapshot(tmp_path / "ledger"))
    assert check(tables["feedback"], "feedback") == []


def test_an_erased_customers_words_are_gone_and_the_score_stays(shop: object) -> None:
    for who in ("c-1", "c-2"):
        actions.take_feedback(kind="review", customer=who, score=1, scale=(1, 5), text=f"I, {who}")
    assert data_of(customer("c-1").id)["feedback"][0]["text"] == "I, c-1"
    people.erase_customer("c-1")
    while deliver_due():
        pass
    texts = dict(Feedback.objects.values_list("customer__reference", "text"))
    assert texts == {"c-1": "", "c-2": "I, c-2"}
    assert set(Feedback.objects.values_list("score", flat=True)) == {1.0}
