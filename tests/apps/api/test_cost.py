"""How many statements a call costs: the quick path must stay quick."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from overdeliver.apps.promises import actions
from tests.apps.api.conftest import ORDER, PROMISE, post

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


#: The promise, how it stands, what happened, and one delivery of it.
WRITTEN = ["promises_promise", "promises_standing", "journal_event", "journal_delivery"]


def statements(work: Callable[[], Any]) -> list[str]:
    """The statements of a piece of work, without the marks of transactions."""
    with CaptureQueriesContext(connection) as caught:
        work()
    found = [one["sql"] for one in caught.captured_queries]
    return [sql for sql in found if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]


def written(found: list[str]) -> list[str]:
    """The tables written to, in order."""
    return [sql.split('"')[1] for sql in found if not sql.startswith("SELECT")]


def test_a_promise_with_its_event_is_written_by_four_statements(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    found = statements(lambda: actions.make_promise("o-1", lever="time", unit="days", promised=2))
    assert written(found) == WRITTEN
    assert len(found) <= 7, "\n".join(found)


def test_over_the_api_a_promise_costs_five_looks_more(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    post(shop_api, "/promises", PROMISE)  # notes that the key was used, once a minute
    found = statements(lambda: post(shop_api, "/promises", PROMISE))
    assert written(found) == WRITTEN
    assert len(found) <= 9, "\n".join(found)


def test_doing_it_once_costs_a_look_a_claim_and_the_answer(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER)
    post(shop_api, "/promises", PROMISE)
    once = {"idempotency-key": "k"}
    found = statements(lambda: post(shop_api, "/promises", PROMISE, **once))
    assert written(found) == ["people_apicall", *WRITTEN, "people_apicall"]
    again = statements(lambda: post(shop_api, "/promises", PROMISE, **once))
    assert len(again) <= 3 and not written(again), "\n".join(again)


def test_a_page_of_promises_costs_the_same_however_many(shop_api: Client) -> None:
    post(shop_api, "/orders", {**ORDER, "customer": "c-1"})
    counts = []
    for _ in range(2):
        for _ in range(5):
            post(shop_api, "/promises", PROMISE)
        counts.append(len(statements(lambda: shop_api.get("/api/v1/promises"))))
    assert counts[0] == counts[1]
