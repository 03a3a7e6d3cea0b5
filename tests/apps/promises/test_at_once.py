"""Several at once: whoever comes last has seen the others."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from overdeliver.apps.business.models import Business
from overdeliver.apps.journal.models import Event
from overdeliver.apps.promises import actions, drawing, jobs
from overdeliver.apps.promises.models import Outcome, Promise, Standing
from overdeliver.vocabulary.errors import Conflict
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 6


@pytest.fixture
def promise() -> str:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads need a database in a file")
    Business.objects.create(name="A", kind="webshop", country="KZ", zone="UTC", currency="KZT")
    order = actions.place_order("o-1", placed_at=NOON)
    return actions.make_promise(order, lever="cost", unit="EUR", promised=100, made_at=NOON)


def at_once(work: Callable[[int], Any], times: int = MANY) -> list[Any]:
    """Run a piece of work in so many threads at the same moment; what each answered or raised."""
    gate = Barrier(times)

    def one(number: int) -> Any:
        try:
            gate.wait(10)
            return work(number)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


def test_outcomes_at_once_leave_the_standing_the_ledger_says(promise: str) -> None:
    answers = at_once(lambda number: actions.record_outcome(promise, actual=95 + 2 * number))
    assert set(answers) <= {"broken", "met", "exceeded"}, answers
    assert Outcome.objects.count() == MANY
    row = Standing.objects.get()
    last = drawing.last_outcome(Promise.objects.get())
    assert last is not None and row.actual == last.actual
    assert (row.verdict == "broken") == (last.actual > 100)


def test_the_same_report_at_once_is_one_outcome(promise: str) -> None:
    answers = at_once(lambda _: actions.record_outcome(promise, actual=90, key="till-7"))
    assert set(answers) == {"exceeded"}, answers
    assert Outcome.objects.count() == 1
    assert Event.objects.filter(name="promises.promise_exceeded").count() == 1


def test_of_revisions_at_once_one_stands(promise: str) -> None:
    terms = {"lever": "cost", "unit": "EUR", "revises": promise}
    answers = at_once(
        lambda number: actions.make_promise("o-1", promised=110 + number, **terms)  # type: ignore[arg-type]
    )
    assert sum(isinstance(one, Conflict) for one in answers) == MANY - 1, answers
    assert Promise.objects.count() == 2
    assert Standing.objects.filter(latest=True).count() == 1


def test_the_same_reference_at_once_is_one_promise(promise: str) -> None:
    answers = at_once(
        lambda _: actions.make_promise(
            "o-1", lever="cost", unit="EUR", promised=50, reference="p-same"
        )
    )
    assert set(answers) == {"p-same"}, answers


def test_an_overdue_promise_is_told_of_once(promise: str) -> None:
    actions.make_promise("o-1", lever="time", unit="minutes", promised=5, made_at=NOON)
    Standing.objects.filter(lever="time").update(verdict="open")
    broken = at_once(lambda _: jobs.break_overdue())
    assert sum(broken) == 1, broken
    assert Event.objects.filter(name="promises.promise_broken").count() == 1
