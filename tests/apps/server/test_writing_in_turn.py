"""Whoever waits to write on SQLite gets a turn, and is told when the turn does not come."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction

from overdeliver.apps.business.models import Business

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


@contextmanager
def writing(seconds: float) -> Iterator[None]:
    """Somebody goes from one transaction to the next, each so long."""
    stop, begun = threading.Event(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            with transaction.atomic():
                begun.set()
                time.sleep(seconds)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    begun.wait(10)
    yield
    stop.set()
    thread.join()


def test_whoever_writes_without_a_pause_lets_others_in(shop: Business) -> None:
    waited = []
    with writing(0.02):
        for number in range(20):
            since = time.monotonic()
            with transaction.atomic():
                Business.objects.filter(pk=shop.pk).update(name=f"Shop {number}")
            waited.append(time.monotonic() - since)
    # One transaction of the other's, where SQLite's own way of looking takes many.
    assert sorted(waited)[10] < 0.08, waited
    assert Business.objects.get().name == "Shop 19"


def test_many_at_once_all_come_in(shop: Business) -> None:
    errors: list[Exception] = []

    def add() -> None:
        try:
            for _ in range(20):
                with transaction.atomic():
                    row = Business.objects.get()
                    Business.objects.update(name=str(int(row.name) + 1))
        except Exception as error:  # noqa: BLE001 - the test looks at it
            errors.append(error)
        finally:
            connection.close()

    Business.objects.update(name="0")
    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and Business.objects.get().name == "160"


def test_a_turn_that_does_not_come_is_an_error_of_the_database(
    shop: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.2)
    with writing(0.6):
        since = time.monotonic()
        with pytest.raises(OperationalError, match="locked"), transaction.atomic():
            pass
        assert time.monotonic() - since < 0.5
    monkeypatch.undo()
    with transaction.atomic():
        Business.objects.update(name="After")
    assert Business.objects.get().name == "After"
