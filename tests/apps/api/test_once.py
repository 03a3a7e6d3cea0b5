"""A call with an Idempotency-Key is done once, whatever the network and the clock do."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client

from overdeliver.apps.business.models import Business
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import calls
from overdeliver.apps.people.calls import Answer, once
from overdeliver.apps.people.models import ApiCall
from overdeliver.apps.promises.models import Order, Promise
from overdeliver.vocabulary.errors import InputError
from tests.apps.api.conftest import ORDER, PROMISE, post

KEY = {"idempotency-key": "k-1"}
DONE = Answer(201, "{}", replayed=False)


@pytest.mark.django_db
def test_the_answer_is_kept_for_the_key_that_called(
    shop_api: Client, api: Callable[..., Client]
) -> None:
    other = api("promises.write")
    assert post(shop_api, "/orders", ORDER, **KEY).status_code == 201
    answers = [post(one, "/orders", ORDER, **KEY) for one in (shop_api, other)]
    assert [one.get("Idempotent-Replay") for one in answers] == ["true", None]
    assert ApiCall.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "replayed"), [(47, True), (49, False)])
def test_an_answer_is_kept_for_two_days(shop_api: Client, age: int, replayed: bool) -> None:
    post(shop_api, "/orders", ORDER)
    post(shop_api, "/promises", PROMISE, **KEY)
    for row in ApiCall.objects.all():
        ApiCall.objects.update(at=row.at - timedelta(hours=age))
    again = post(shop_api, "/promises", PROMISE, **KEY)
    assert (again.get("Idempotent-Replay") == "true") == replayed
    assert Promise.objects.count() == (1 if replayed else 2)
    assert calls.prune() == 0


@pytest.mark.django_db
def test_old_answers_are_pruned_and_young_ones_stay(shop_api: Client) -> None:
    post(shop_api, "/orders", ORDER, **KEY)
    ApiCall.objects.update(at=ApiCall.objects.get().at - timedelta(hours=49))
    post(shop_api, "/orders", ORDER, **{"idempotency-key": "k-2"})
    assert calls.prune() == 1
    assert ApiCall.objects.get().key == "k-2"


@pytest.mark.django_db
def test_a_key_stands_for_one_call() -> None:
    assert once("key:1", "k", "print", lambda: DONE) == DONE
    with pytest.raises(InputError):
        once("key:1", "k", "other print", lambda: DONE)
    assert once("key:1", "k", "print", lambda: DONE).replayed


@pytest.mark.django_db
def test_what_an_older_release_left_unfinished_is_done_by_the_next() -> None:
    ApiCall.objects.create(scope="key:1", key="k", fingerprint="print")
    assert once("key:1", "k", "print", lambda: DONE) == DONE
    assert once("key:1", "k", "print", lambda: DONE).replayed


@pytest.mark.django_db
def test_a_call_that_raised_leaves_its_key_free() -> None:
    def fail() -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        once("key:1", "k", "print", fail)
    assert once("key:1", "k", "print", lambda: DONE) == DONE


@pytest.mark.django_db
def test_strangers_leave_nothing_behind(shop: object, client: Client) -> None:
    assert post(client, "/orders", ORDER, **KEY).status_code == 401
    assert not ApiCall.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_calls_at_once_one_is_done() -> None:
    Business.objects.create(name="A", kind="webshop", country="KZ", zone="UTC", currency="KZT")
    key = people.make_key("till", ["promises.write"])
    gate = threading.Barrier(8)

    def one(number: int) -> tuple[int, str]:
        client = Client(headers={"authorization": f"Bearer {key}"})
        try:
            gate.wait(10)
            body = {**ORDER, "reference": "", "service": ""} | {"reference": "o-same"}
            answer = post(client, "/orders", body, **KEY)
            return answer.status_code, answer.get("Idempotent-Replay", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(one, range(8)))
    assert answers.count((201, "")) == 1, answers
    assert answers.count((201, "true")) == 7, "the others waited for its answer"
    assert Order.objects.count() == ApiCall.objects.count() == 1
