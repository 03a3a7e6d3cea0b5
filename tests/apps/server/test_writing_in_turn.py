"""Whoever waits to write on SQLite gets a turn, and is told when the turn does not come."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction

from overdeliver.apps.business.models import Business
from overdeliver.server.sqlite import base

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


@contextmanager
def writing(seconds: float) -> Iterator[list[int]]:
    """Somebody goes from one transaction to the next, each so long; how many he has begun."""
    stop, begun = threading.Event(), [0]

    def write() -> None:
        while not stop.is_set():
            with transaction.atomic():
                begun[0] += 1
                time.sleep(seconds)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    while not begun[0]:
        time.sleep(0.001)
    try:
        yield begun
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("alone", [False, True], ids=["in a transaction", "a statement alone"])
def test_whoever_writes_without_a_pause_lets_others_in(shop: Business, alone: bool) -> None:
    passed = []
    with writing(0.02) as begun:
        for number in range(20):
            since = begun[0]
            if alone:
                Business.objects.filter(pk=shop.pk).update(name=f"Shop {number}")
            else:
                with transaction.atomic():
                    Business.objects.filter(pk=shop.pk).update(name=f"Shop {number}")
            passed.append(begun[0] - since)
    # The one that was running, and at most the next, begun before we stood in the queue.
    assert sorted(passed)[10] <= 2, passed
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
    with writing(3.0) as begun:
        with pytest.raises(OperationalError, match="locked"), transaction.atomic():
            pass
        assert begun == [1], "nobody waits longer than he said"
    monkeypatch.undo()
    with transaction.atomic():
        Business.objects.update(name="After")
    assert Business.objects.get().name == "After"


def test_a_file_system_without_locks_has_no_queue_and_writes(
    shop: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(base, "flock", refuses)
    with writing(0.01):
        Business.objects.update(name="Without")
    assert Business.objects.get().name == "Without"
