"""While a file comes in, a shop and a program tell of the same orders."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection, connections, transaction

from overdeliver.apps.business.models import Business
from overdeliver.apps.intake.models import Upload
from overdeliver.apps.promises import actions, bulk
from overdeliver.apps.promises.models import Order, Promise
from tests.apps.conftest import NOON
from tests.apps.intake.conftest import ORDERS

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(work: Callable[[], Any]) -> threading.Thread:
    """Start a piece of work on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_an_order_told_of_in_the_middle_of_a_part_stops_no_import(
    shop: Business, bring: Callable[..., Upload], monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("whoever writes into SQLite is alone")
    real, met = bulk.many_rows.ids_of, []

    def looked_up(model: Any, column: str, values: Any) -> dict[str, int]:
        found = real(model, column, values)
        if model is Order and connection.in_atomic_block and not met:
            met.append(1)  # the part has seen which orders there are; now one more is told of
            elsewhere(lambda: actions.place_order("1002", placed_at=NOON)).join(10)
        return found

    monkeypatch.setattr(bulk.many_rows, "ids_of", looked_up)
    row = bring(ORDERS)
    assert (row.state, row.error) == ("done", "")
    assert row.report["stored"] + row.report["known"] + row.report["rejected"] == 5
    assert met and Order.objects.count() == Promise.objects.count() == 3
    assert Order.objects.get(reference="1002").placed_at == NOON


def test_a_promise_that_a_file_brings_at_the_same_moment_is_the_same_promise(
    shop: Business,
) -> None:
    actions.place_order("o-1", placed_at=NOON)
    answers: list[str] = []
    terms: dict[str, Any] = {"lever": "time", "unit": "days", "promised": 3, "made_at": NOON}

    def promise() -> None:
        answers.append(actions.make_promise("o-1", reference="o-1.time", **terms))

    order = {"reference": "o-1", "placed_at": NOON}
    row = {"reference": "o-1.time", "order": "o-1", **terms, "promised": 3.0}
    tables = {"orders": pa.Table.from_pylist([order]), "promises": pa.Table.from_pylist([row])}
    with transaction.atomic():
        bulk.write(tables, batch="file")
        thread = elsewhere(promise)
        time.sleep(0.3)
        assert not answers, "it waits for the file"
    thread.join(30)
    assert answers == ["o-1.time"] and Promise.objects.count() == 1
