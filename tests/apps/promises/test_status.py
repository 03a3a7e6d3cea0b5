"""The public status page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.look import missed
from overdeliver.apps.people import actions as people
from overdeliver.apps.promises import actions
from overdeliver.apps.promises.models import Order

pytestmark = pytest.mark.django_db


def link(reference: str = "o-1") -> str:
    return f"/s/{Order.objects.get(reference=reference).token}/"


def text(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


@pytest.fixture
def promised(shop: object) -> str:
    now = timezone.now()
    people.keep_customer("c-1", name="Anna Secret", email="anna@example.org", language="ru")
    order = actions.place_order("o-1", placed_at=now, customer="c-1", service="courier")
    return actions.make_promise(order, lever="time", unit="minutes", promised=120, made_at=now)


def test_it_shows_original_and_revised_promise_and_what_comes_next(promised: str) -> None:
    actions.make_promise(
        "o-1", lever="time", unit="minutes", promised=300, revises=promised, words="by the evening"
    )
    actions.say_next_step("o-1", "We call before we come.")
    client = Client()
    client.cookies["language"] = "en"
    page = client.get(link())
    assert "promised first" in text(page) and "promised anew" in text(page)
    assert "by the evening" in text(page) and "We call before we come." in text(page)


def test_it_speaks_the_customers_language_and_names_nobody(promised: str) -> None:
    page = Client().get(link(), headers={"accept-language": "en"})
    assert 'lang="ru"' in text(page) and "Обещано" in text(page)
    assert "Anna" not in text(page) and "example.org" not in text(page) and "c-1" not in text(page)


def test_it_is_not_indexed_and_tells_no_other_site_its_address(promised: str) -> None:
    page = Client().get(link())
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Cache-Control"] == "no-store"
    assert "<script" not in text(page)


@pytest.mark.parametrize("token", ["x", "A" * 32, "A" * 500, "%00", "o-1"])
def test_every_unknown_link_gets_the_same_answer(promised: str, token: str) -> None:
    client = Client()
    known, found = client.get("/s/no-such-link/"), client.get(f"/s/{token}/")
    assert (known.status_code, found.status_code) == (404, 404)
    assert known.content == found.content


def test_whoever_guesses_has_to_wait_and_others_do_not(promised: str) -> None:
    guesser, customer = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    for number in range(missed.MISSES):
        assert guesser.get(f"/s/guess-{number}/").status_code == 404
    assert guesser.get("/s/guess-more/").status_code == 429
    assert guesser.get(link()).status_code == 429
    assert customer.get(link()).status_code == 200


def test_tokens_cannot_be_guessed(shop: object) -> None:
    for number in range(50):
        actions.place_order(f"o-{number}", placed_at=timezone.now())
    tokens = list(Order.objects.values_list("token", flat=True))
    assert len(set(tokens)) == 50
    assert min(map(len, tokens)) >= 24  # 144 bits and more


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (None, "Promised: by"),
        (60, "Done, better than promised."),
        (180, "Done, but not as promised"),
    ],
)
def test_it_says_how_the_promise_stands(promised: str, minutes: int | None, said: str) -> None:
    if minutes:
        actions.record_outcome(promised, happened_at=timezone.now() + timedelta(minutes=minutes))
    client = Client()
    client.cookies["language"] = "en"
    assert said in text(client.get(link()))


def test_a_cancelled_order_says_so(promised: str) -> None:
    actions.cancel_order("o-1")
    client = Client()
    client.cookies["language"] = "en"
    assert "This order was cancelled." in text(client.get(link()))


def test_posting_to_it_changes_nothing(promised: str) -> None:
    assert Client().post(link()).status_code == 405
