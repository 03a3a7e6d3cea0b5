"""Around learning: words of a promise, advice about levers, alarms of sums, quotes refused."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.models import Service
from overdeliver.apps.listening import actions as listening
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.models import Order
from overdeliver.apps.quoting import actions, apart, drifting, jobs, learning, reads, runs
from overdeliver.apps.quoting.advice import advised
from overdeliver.apps.quoting.margins import weigh
from overdeliver.apps.quoting.models import LearningRun, Quote, Watch
from overdeliver.apps.quoting.past import read_past
from overdeliver.apps.quoting.saying import Saying, promise_in_words
from overdeliver.vocabulary.errors import InputError, NotEnoughData

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)  # five in the afternoon in Almaty, a Thursday


@pytest.mark.parametrize(
    ("hours", "moved", "said"), [(30, False, "23:00"), (2, True, "19:00"), (2, False, "2 hours")]
)
def test_a_long_or_moved_promise_of_hours_is_said_as_a_moment(
    hours: float, moved: bool, said: str
) -> None:
    due = NOON + timedelta(hours=hours)
    one = Saying("time", "hours", hours, NOON, due, False, "Asia/Almaty", moved)
    for language in ("en", "pt", "ru", "ro", "kk"):
        words = promise_in_words(one, language)
        assert words and "quoting." not in words
        if language == "en" or ":" in said:
            assert said in words


@pytest.mark.parametrize(("value", "said"), [(120.0, "€120"), (120.5, "€120.50")])
def test_a_ceiling_is_said_to_the_coin_where_it_has_coins(value: float, said: str) -> None:
    one = Saying("cost", "EUR", value, NOON, None, False, "UTC")
    assert promise_in_words(one, "en") == f"at most {said}"


def _bought(number: int, late: bool, score: float | None) -> None:
    made = timezone.now() - timedelta(days=200 - number / 10)
    order = promises.place_order(f"o-{number}", placed_at=made, customer=f"c-{number}")
    one = promises.make_promise(order, lever="time", unit="minutes", promised=60, made_at=made)
    promises.record_outcome(one, actual=90 if late else 45)
    two = promises.make_promise(order, lever="cost", unit="KZT", promised=100, made_at=made)
    promises.record_outcome(two, actual=90 if number % 2 else 100)
    if score is not None:
        listening.take_feedback(kind="survey", order=order, score=score, scale=(1, 5))


def test_advice_about_levers_says_how_many_cases_are_missing(shop: object) -> None:
    with read_past() as past:
        assert advised(past)["have"] == 0
    for number in range(6):
        _bought(number, late=number % 2 == 0, score=5)
    with read_past() as past:
        found = advised(past)
    assert not found["ranked"] and "error" not in found
    assert found["have"] < found["need"]


def test_a_sum_is_watched_by_its_bills_and_a_class_is_not_watched(shop: object) -> None:
    Service.objects.create(slug="crown", name="Crown", lever="cost", unit="EUR", whole=False)
    Service.objects.create(slug="seat", name="Seat", lever="service", unit="class")
    for number in range(60):
        made = timezone.now() - timedelta(days=30 - number / 4)
        order = promises.place_order(f"o-{number}", placed_at=made, service="crown")
        one = promises.make_promise(
            order, lever="cost", unit="EUR", promised=100, made_at=made, level=0.9, source="quote"
        )
        if number < 50:  # ten are not billed yet
            promises.record_outcome(one, actual=150 if number % 2 else 90)
    assert "seat" not in {one.slug for one in drifting.due()}
    Watch.objects.update(looked_at=timezone.now() - timedelta(hours=1))
    jobs.watch_due()
    (alarm,) = reads.alarms()
    assert (alarm.service, alarm.n) == ("crown", 50)
    assert "seat" not in reads.watched()


def test_services_are_looked_at_some_at_a_time(shop: object) -> None:
    for number in range(7):
        Service.objects.create(slug=f"s-{number}", name="S", lever="time", unit="days", whole=True)
    seen = [{one.slug for one in drifting.due(limit=5)} for _ in range(3)]
    assert [len(one) for one in seen] == [5, 4, 0] and not seen[0] & seen[1]


def test_without_an_outcome_nothing_is_weighed() -> None:
    given: dict[str, Any] = {"unit": "days", "whole": True, "outcomes": 3}
    with pytest.raises(NotEnoughData):
        weigh([], {}, promise=None, **given)
    for promise in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="promise"):
            weigh([1, 2, 3], {}, promise=promise, **given)
    for price in (-1.0, float("nan")):
        with pytest.raises(InputError, match="late_cost"):
            weigh([1, 2, 3], {"late_cost": price}, promise=2, **given)
    found = weigh([1, 2, 3], {"unit_margin": 40, "elasticity": 0.01}, promise=2, **given)
    assert found.lacking == "late" and found.chosen.profit is None


@pytest.mark.parametrize("value", [[1], {"a": 1}, float("nan"), float("inf"), "x\x00", 1e16])
def test_a_feature_nothing_can_be_learned_from_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="seller"):
        actions.checked({"seller": value})


def test_a_quote_becomes_an_order_with_the_amount_it_was_for(shop: object) -> None:
    Service.objects.filter(slug="courier").update(fallback=60)
    told: tuple[dict[str, Any], ...] = (
        {"amount": 12.5, "currency": "KZT"},
        {"amount": True, "currency": "KZT"},
        {"amount": 12.5},
    )
    for number, features in enumerate(told):
        quote = actions.give_quote("courier", features)
        with pytest.raises(InputError, match="reference is needed"):
            actions.accept_quote(quote.reference, order=" ")
        actions.accept_quote(quote.reference, order=f"o-{number}")
    amounts = list(Order.objects.order_by("pk").values_list("amount", flat=True))
    assert [None if one is None else float(one) for one in amounts] == [12.5, None, None]
    assert Quote.objects.filter(accepted_at=None).count() == 0


def test_where_nothing_is_asked_for_nothing_is_learned(shop: object) -> None:
    assert (jobs.learn_here(), jobs.learn_due(wait=True), jobs.learn_due()) == (0, 0, 0)


def test_a_run_that_breaks_fails_visibly_and_tells_no_private_words(
    shop: object, signed_in: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ValueError("Анна")

    monkeypatch.setattr(learning, "read_past", breaks)
    runs.ask_to_learn("courier")
    with pytest.raises(ValueError, match="Анна"):
        jobs.learn_here()
    row = LearningRun.objects.get()
    assert (row.state, row.error) == ("failed", "ValueError")
    assert "Анна" not in signed_in("manager").get("/quoting/runs").content.decode()


@pytest.fixture
def gentle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of the tests keeps its place in the queue of the processor."""
    monkeypatch.setattr(os, "nice", lambda _: 0)


def test_a_run_in_a_process_of_its_own_ends_as_one_here_does(shop: object, gentle: None) -> None:
    run = runs.ask_to_learn("courier")
    assert runs.claim(run, "me")
    apart.main(run, "me")
    row = LearningRun.objects.get()
    assert (row.state, row.report[0]["state"]) == ("done", "few")


def test_a_process_whose_run_somebody_else_took_up_ends_and_changes_nothing(
    shop: object, gentle: None
) -> None:
    run = runs.ask_to_learn("courier")
    assert runs.claim(run, "alive")
    with pytest.raises(SystemExit) as ended:
        apart.main(run, "dead")
    assert ended.value.code == 3 and LearningRun.objects.get().state == "running"


def test_a_process_that_breaks_says_so_in_its_run(
    shop: object, gentle: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise InputError("the ledger cannot be read")

    monkeypatch.setattr(learning, "read_past", breaks)
    run = runs.ask_to_learn("courier")
    assert runs.claim(run, "me")
    with pytest.raises(InputError):
        apart.main(run, "me")
    row = LearningRun.objects.get()
    assert (row.state, row.error) == ("failed", "the ledger cannot be read")
