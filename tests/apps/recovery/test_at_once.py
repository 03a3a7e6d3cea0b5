"""Many at once: one step, one owner, one complaint of a key; nobody sees half of it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from overdeliver.apps.business.models import Business
from overdeliver.apps.people.models import Staff
from overdeliver.apps.recovery import actions, incoming, jobs
from overdeliver.apps.recovery.models import Case, Incoming, Step
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.vocabulary.errors import Conflict
from tests.figures import figure

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE, ROUNDS = 6, figure(5, 1_000)
WAITING = 5  # of what a job takes in one go


def together(does: Callable[[int], Any]) -> list[Any]:
    """What each of several threads answered or raised, all begun at the same moment."""
    start, found = threading.Barrier(AT_ONCE), [None] * AT_ONCE

    def one(number: int) -> None:
        start.wait()
        try:
            found[number] = does(number)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            found[number] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_one_of_many_does_a_step(shop: Business) -> None:
    told = actions.Told(words="You are right.")
    for _ in range(ROUNDS):
        number = actions.open_case(Complaint(text="The lid came broken")).pk
        found = together(lambda _, number=number: actions.do_step(number, "admit", told))
        assert found.count("admitted") == 1
        assert sum(isinstance(one, Conflict) for one in found) == AT_ONCE - 1, found
        assert Step.objects.filter(case_id=number).count() == 1


def test_one_of_many_takes_a_complaint(shop: Business) -> None:
    people = [Staff.objects.create_user(f"a{n}@example.org") for n in range(AT_ONCE)]
    for _ in range(ROUNDS):
        number = actions.open_case(Complaint(text="The lid came broken")).pk
        found = together(lambda n, number=number: actions.take(number, people[n].pk))
        assert found.count(None) == 1, found
        assert Case.objects.get(pk=number).owner_id is not None


def test_the_same_key_at_once_is_one_complaint(shop: Business) -> None:
    given = Complaint(text="The lid came broken")
    for turn in range(ROUNDS):
        found = together(lambda _, turn=turn: actions.open_case(given, key=f"k-{turn}").pk)
        assert len(set(found)) == 1, found
    assert Case.objects.count() == ROUNDS


def test_workers_beside_each_other_read_a_mail_once(shop: Business) -> None:
    for number in range(WAITING):
        incoming.keep_mail(f"From: a@example.org\nMessage-ID: <{number}@x>\n\nLate".encode())
    found = together(lambda _: jobs.read_mail())
    assert sum(found) == WAITING, found
    assert Case.objects.count() == WAITING
    assert set(Incoming.objects.values_list("status", flat=True)) == {"opened"}


def test_a_missed_deadline_is_told_by_one_worker(shop: Business) -> None:
    for _ in range(WAITING):
        row = actions.open_case(Complaint(text="The lid came broken"))
        Case.objects.filter(pk=row.pk).update(due_at=row.received_at)
    assert sum(together(lambda _: jobs.escalate_due())) == WAITING
