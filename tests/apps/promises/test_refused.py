"""What the ledger refuses to write down: said in words a person can act on, and nothing kept."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from overdeliver.apps.journal import reads as journal
from overdeliver.apps.promises import actions
from overdeliver.apps.promises.models import Encounter, Order, Outcome, Promise, Standing
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reference": "  "}, "it needs a reference"),
        ({"reference": "o\x00-7"}, "a character of code 0"),
        ({"completed_at": NOON - HOUR}, "completed before it was placed"),
        ({"amount": Decimal("1e30"), "currency": "EUR"}, "is no amount"),
        ({"amount": Decimal(-1), "currency": "EUR"}, "must lie between 0"),
        ({"amount": Decimal("NaN"), "currency": "EUR"}, "must lie between 0"),
        ({"amount": Decimal(10) ** 14, "currency": "EUR"}, "must lie between 0"),
        ({"features": {f"f{n}": n for n in range(201)}}, "are too many"),
        ({"features": {"placed_at": "now"}}, "has a column of that name"),
        ({"features": {"boxes": [1, 2]}}, "a text, a number or yes and no"),
    ],
)
def test_an_order_that_cannot_be_right_is_not_taken_in(
    shop: object, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        actions.place_order(**{"reference": "o-7", "placed_at": NOON, **given})
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({}, "how much is promised, or until when"),
        ({"lever": "cost", "unit": "EUR", "due_at": NOON + HOUR}, "how much is promised"),
        ({"promised": 30, "source": "rumour"}, "source 'rumour'"),
        ({"promised": 1e9}, "more than a century"),
        ({"unit": "moons", "due_at": NOON + HOUR}, "unit 'moons'"),
        ({"due_at": NOON - HOUR}, "before the promise was made"),
        ({"promised": 30, "level": 1.0}, "level 1: it lies between 0 and 1"),
    ],
)
def test_terms_that_promise_nothing_sensible_make_no_promise(
    order: str, terms: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        actions.make_promise(
            order, **{"lever": "time", "unit": "minutes", "made_at": NOON, **terms}
        )
    assert not Promise.objects.exists() and not Standing.objects.exists()


@pytest.fixture
def promise(order: str) -> str:
    """Thirty minutes, promised at noon."""
    return actions.make_promise(order, lever="time", unit="minutes", promised=30, made_at=NOON)


@pytest.mark.parametrize(
    ("changed", "refused", "said"),
    [
        ({"revises": "p-none"}, NotFound, "none of that reference"),
        ({"unit": "hours"}, InputError, "keeps its lever and unit"),
        ({"made_at": NOON - HOUR}, InputError, "comes after what it revises"),
    ],
)
def test_a_revision_that_does_not_follow_its_promise_is_refused(
    order: str, promise: str, changed: dict[str, Any], refused: type[Exception], said: str
) -> None:
    terms = {"lever": "time", "unit": "minutes", "promised": 40, "revises": promise}
    with pytest.raises(refused, match=said):
        actions.make_promise(order, **{**terms, "made_at": NOON + HOUR, **changed})
    assert Promise.objects.count() == 1 and Standing.objects.get().latest


def test_a_promise_of_one_order_cannot_be_revised_under_another(promise: str) -> None:
    other = actions.place_order("o-2", placed_at=NOON)
    with pytest.raises(InputError, match="belongs to another order"):
        actions.make_promise(other, lever="time", unit="minutes", promised=40, revises=promise)


def test_a_promise_whose_outcome_is_known_is_corrected_and_not_revised(
    order: str, promise: str
) -> None:
    actions.record_outcome(promise, actual=25)
    with pytest.raises(Conflict, match="its outcome is known"):
        actions.make_promise(order, lever="time", unit="minutes", promised=40, revises=promise)


def test_one_reference_never_stands_for_two_promises(order: str) -> None:
    terms = {"lever": "time", "unit": "minutes", "made_at": NOON, "reference": "mine"}
    first = actions.make_promise(order, promised=30, **terms)  # type: ignore[arg-type]
    assert actions.make_promise(order, promised=30, **terms) == first  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="stands for other terms already"):
        actions.make_promise(order, promised=45, **terms)  # type: ignore[arg-type]
    assert Promise.objects.get().promised == 30


@pytest.mark.parametrize(
    ("given", "refused", "said"),
    [
        ({}, InputError, "say what happened"),
        ({"actual": float("nan")}, InputError, "not below 0"),
        ({"actual": -5}, InputError, "not below 0"),
        ({"actual": 1e9}, InputError, "more than a century"),
        ({"actual": 25, "observed_at": NOON - HOUR}, InputError, "observed before it was made"),
    ],
)
def test_an_outcome_that_cannot_be_is_not_written_down(
    promise: str, given: dict[str, Any], refused: type[Exception], said: str
) -> None:
    with pytest.raises(refused, match=said):
        actions.record_outcome(promise, **given)
    assert not Outcome.objects.exists()


def test_an_amount_is_not_settled_by_a_moment(shop: object) -> None:
    order = actions.place_order("car-7", placed_at=NOON)
    cost = actions.make_promise(order, lever="cost", unit="EUR", promised=320, made_at=NOON)
    with pytest.raises(InputError, match="say what happened, as an amount"):
        actions.record_outcome(cost, happened_at=NOON + HOUR)


def test_a_key_told_again_counts_once_and_never_for_another_outcome(promise: str) -> None:
    assert actions.record_outcome(promise, actual=25, key="till-9") == "exceeded"
    assert actions.record_outcome(promise, actual=25, key="till-9") == "exceeded"
    with pytest.raises(Conflict, match="another outcome"):
        actions.record_outcome(promise, actual=50, key="till-9")
    assert Outcome.objects.get().actual == 25


def test_an_order_ends_no_earlier_than_it_began(order: str) -> None:
    for end, said in ((actions.cancel_order, "cancelled"), (actions.complete_order, "completed")):
        with pytest.raises(InputError, match=f"{said} before it was placed"):
            end(order, at=NOON - HOUR)
    row = Order.objects.get()
    assert (row.cancelled_at, row.completed_at) == (None, None)


def test_an_order_completed_twice_at_one_moment_is_told_of_once(order: str) -> None:
    for _ in range(2):
        actions.complete_order(order, at=NOON + HOUR)
    names = [event.name for event in journal.life(f"order:{order}")]
    assert names.count("promises.order_completed") == 1


def test_a_contact_of_nobody_is_not_kept(order: str) -> None:
    with pytest.raises(InputError, match="say whose"):
        actions.record_encounter("call", at=NOON)
    with pytest.raises(NotFound, match="none of that reference"):
        actions.record_encounter("call", at=NOON, order="o-none")
    actions.record_encounter("call", at=NOON, order=order)
    assert Encounter.objects.get(order__reference=order).touchpoint == "call"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/promises/?lever=luck", "lever 'luck'"),
        ("/promises/?weekday=8", "weekday 8"),
        ("/promises/?gap_from=1e15", "no usable number"),
        ("/promises/?made_to=9999-12-31", "beyond the calendar"),
        ("/promises/?made_from=0001-01-01", "beyond the calendar"),
    ],
)
def test_a_filter_that_means_nothing_says_why(
    shop: object, signed_in: Any, path: str, said: str
) -> None:
    page = signed_in("manager").get(path, headers={"accept-language": "en"})
    assert page.status_code == 422
    assert said in page.content.decode().replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("typed", "read"), [("1.200,50", 1200.5), ("1,200.50", 1200.5), ("1\u202f200,5", 1200.5)]
)
def test_thousands_are_read_as_each_country_writes_them(
    estimates: object, signed_in: Any, typed: str, read: float
) -> None:
    form = {"service": "crown", "promised": typed, "order": "o-1"}
    assert signed_in("agent").post("/promises/new/", form).status_code == 302
    assert Promise.objects.get().promised == read


@pytest.mark.parametrize("typed", ["soon", "2026-02-30T10:00", "0001-01-01T00:00"])
def test_a_moment_that_is_none_is_said_at_its_form(
    promise: str, signed_in: Any, typed: str
) -> None:
    client: Client = signed_in("agent")
    page = client.post(f"/promises/{promise}/outcome", {"happened_at": typed})
    assert page.status_code == 422 and "is no moment" in page.content.decode()
    assert not Outcome.objects.exists()


def test_a_promise_about_a_service_not_offered_is_said_at_its_form(
    shop: object, signed_in: Any
) -> None:
    page = signed_in("agent").post("/promises/new/", {"service": "teleport", "promised": "3"})
    assert page.status_code == 422 and "choose one of the list" in page.content.decode()
    assert not Order.objects.exists()


def test_the_list_of_last_revisions_leaves_the_first_promise_out(
    order: str, promise: str, signed_in: Any
) -> None:
    later = actions.make_promise(
        order, lever="time", unit="minutes", promised=40, made_at=NOON + HOUR, revises=promise
    )
    page = signed_in("agent").get("/promises/?revised=1").content.decode()
    assert f'href="/promises/{later}/"' in page and f'href="/promises/{promise}/"' not in page
