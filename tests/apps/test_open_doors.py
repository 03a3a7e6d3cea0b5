"""Every door behind a link, played with as mail scanners and guessers do."""

import hashlib
import random
import re
import secrets
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.care import feeds, sharing
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.listening import asking
from overdeliver.apps.listening.models import Ask, Feedback
from overdeliver.apps.listening.rules import SurveyPolicy
from overdeliver.apps.look import missed
from overdeliver.apps.outreach import preferences
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import buckets, consents, links
from overdeliver.apps.people.models import Staff
from overdeliver.apps.people.reads import customer
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises.models import Order
from overdeliver.apps.recovery import actions as recovery
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.vocabulary.errors import TooManyCalls

AGENTS = ("Mozilla/5.0", "BarracudaCentral", "Microsoft Office", "Slackbot-LinkExpanding", "curl/8")
DOORS = {
    "status": "/s/{}/",
    "complain": "/c/o/{}/",
    "complaint": "/c/k/{}/",
    "question": "/a/{}/",
    "choices": "/u/{}/",
    "pack": "/m/{}/",
    "calendar": "/calendar/{}.ics",
    "join": "/join/{}/",
    "password": "/password/{}/",
}
#: These show the same form for the other's link, and refuse what is sent (test_account).
ALIKE = ({"join", "password"}, {"status", "complain"})


@pytest.fixture(autouse=True)
def _nobody_waits(db: None) -> None:
    cache.clear()
    buckets._BUCKETS.clear()


@pytest.fixture
def tokens(shop: object) -> dict[str, str]:
    """A link of each kind that works."""
    business.set_policy(SurveyPolicy(on=True, control_share=0))
    now = timezone.now()
    people.keep_customer("c-1", name="Anna", email="anna@example.org")
    consents.note_consent("c-1", "asking", True, source="page")
    promises.place_order("o-1", customer="c-1", placed_at=now - timedelta(days=3))
    promises.make_promise("o-1", lever="time", unit="days", promised=9)
    promises.complete_order("o-1", at=now - timedelta(days=2))
    while deliver_due():
        pass
    asking.send_due(now + timedelta(days=3))
    text = Message.objects.get(template__startswith="question_").text
    found = re.search(r"/a/([\w-]+)/", text)
    assert found
    agent = Staff.objects.create_user("a@example.org", "secret", role="agent")
    order = Order.objects.get().token
    return {
        "status": order,
        "complain": order,
        "complaint": recovery.open_case(Complaint(text="The lid came broken")).token,
        "question": found[1],
        "choices": preferences.token(customer("c-1").id, "asking"),
        "pack": sharing.token_of("o-1"),
        "calendar": feeds.make_feed(agent.pk),
        "join": links.invite("new@example.org", "agent", by=None),
        "password": links.password_link(agent.pk),
    }


def everything() -> dict[str, str]:
    """A sum over the rows of every table but the counters of failed tries."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            rows = sorted(map(repr, cursor.fetchall()))
            found[model._meta.db_table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def test_scanners_open_every_link_and_nothing_is_recorded(tokens: dict[str, str]) -> None:
    before = everything()
    for kind, door in DOORS.items():
        for agent in AGENTS:
            scanner = Client(headers={"user-agent": agent})
            page = scanner.get(door.format(tokens[kind]))
            assert page.status_code == 200, (kind, agent)
            assert scanner.head(door.format(tokens[kind])).status_code == 200, (kind, agent)
            if kind in ("question", "choices"):
                wish = {"score": "0", "stories": "no", "List-Unsubscribe": "One-Click"}
                assert scanner.get(door.format(tokens[kind]), wish).status_code == 200
    assert everything() == before
    page = Client().post(DOORS["question"].format(tokens["question"]), {"score": "9"})
    assert page.status_code == 302 and Feedback.objects.get().score == 9, "a person's click counts"


def test_no_open_page_runs_a_script_or_loads_anything_of_others(tokens: dict[str, str]) -> None:
    for kind, door in DOORS.items():
        answer = Client().get(door.format(tokens[kind]))
        page = answer.content.decode()
        assert not re.findall(r"<script(?![^>]*\bsrc=.?/static/)", page), kind
        loaded = re.findall(
            r"""<(?:script|img|link|iframe)[^>]+(?:src|href)=["']?([^"'> ]+)""", page
        )
        assert all(one.startswith(("/", "data:")) for one in loaded), (kind, loaded)
        assert answer.headers["X-Frame-Options"] == "DENY", kind
        assert "no-store" in answer.headers["Cache-Control"] or kind == "calendar", kind
        policy = answer.headers["Referrer-Policy"]
        assert policy == ("same-origin" if kind in ("join", "password") else "no-referrer"), kind


def test_a_link_opens_its_own_door_and_no_other(tokens: dict[str, str]) -> None:
    for number, (kind, token) in enumerate(tokens.items()):
        for other, door in DOORS.items():
            answer = Client(REMOTE_ADDR=f"192.0.2.{number}").get(door.format(token))
            same = kind == other or {kind, other} in ALIKE
            assert answer.status_code == (200 if same else 404), (kind, other)


def test_near_links_lead_nowhere(tokens: dict[str, str]) -> None:
    chance = random.Random(7)
    for number in range(300):
        kind = chance.choice(sorted(tokens))
        near = list(tokens[kind])
        place = chance.randrange(len(near) - 1)  # the last letter may hold bits that say nothing
        near[place] = "A" if near[place] != "A" else "B"
        guesser = Client(REMOTE_ADDR=f"2001:db8::{number:x}")
        assert guesser.get(DOORS[kind].format("".join(near))).status_code == 404, kind


def test_tokens_look_like_chance() -> None:
    """100,000 tokens from where all links come, each place for itself: chi-square, 63 degrees."""
    made = [secrets.token_urlsafe(24) for _ in range(100_000)]
    assert len(set(made)) == len(made) and {len(one) for one in made} == {32}
    for place in (0, 15, 31):
        seen = Counter(one[place] for one in made)
        expected = len(made) / 64
        assert sum((n - expected) ** 2 / expected for n in seen.values()) < 130, place
        assert len(seen) == 64


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_made_up_address_buys_no_further_guess(
    proxies: int, shop: object, settings: pytest.FixtureRequest
) -> None:
    settings.KNOBS = {**settings.KNOBS, "proxies": proxies}  # type: ignore[attr-defined]
    guesser, answers = Client(REMOTE_ADDR="198.51.100.7"), []
    for number in range(60):
        told = f"10.1.{number}.1" + (", 203.0.113.9" if proxies else "")
        answer = guesser.get(f"/s/guess-{number}/", headers={"x-forwarded-for": told})
        answers.append(answer.status_code)
    assert answers == [404] * missed.MISSES + [429] * (60 - missed.MISSES)


def at_once(work: Callable[[int], int], times: int) -> list[int]:
    gate = Barrier(times)

    def one(number: int) -> int:
        try:
            gate.wait(20)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_a_question_answered_by_thirty_two_at_once_is_answered_once(
    tokens: dict[str, str],
) -> None:
    page = DOORS["question"].format(tokens["question"])
    found = at_once(lambda n: Client().post(page, {"score": str(n % 11)}).status_code, 32)
    assert set(found) == {302}
    assert Feedback.objects.count() == 1
    Ask.objects.all().delete()
    Feedback.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_counted_each(shop: object) -> None:
    def guess(number: int) -> int:
        guesser = Client(REMOTE_ADDR="198.51.100.8")
        codes = [guesser.get(f"/s/guess-{number}-{n}/").status_code for n in range(12)]
        assert set(codes) <= {404, 429}
        return codes.count(404)

    tried = sum(at_once(guess, 8))
    assert tried == missed.MISSES, tried


def test_of_fifty_calls_at_once_ten_pass() -> None:
    def call(_: int) -> int:
        try:
            buckets.spend("fifty", per_second=0.0001, most=10)
        except TooManyCalls:
            return 0
        return 1

    assert sum(at_once(call, 50)) == 10
