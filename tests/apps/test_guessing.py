"""Guesses are counted where every process sees them, and many in an hour are told."""

import multiprocessing
import time
from collections.abc import Callable

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from overdeliver.apps.look import missed
from overdeliver.apps.look.models import Missed
from overdeliver.apps.people import buckets
from overdeliver.apps.promises import actions as promises

NOW = 1_790_000_000.0
GUESSED = "links that lead nowhere were tried within an hour"


def told(caplog: pytest.LogCaptureFixture) -> int:
    return sum("somebody guesses" in record.getMessage() for record in caplog.records)


@pytest.mark.django_db
def test_a_thousand_misses_in_an_hour_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    begun = NOW - 3_000
    for number in range(missed.ALARM - 1):
        missed.note(f"2001:db8::{number:x}", begun + 3 * number)
    assert told(caplog) == 0 and missed.alarm(NOW) is None
    for number in range(50):
        missed.note(f"192.0.2.{number}", NOW)
    assert told(caplog) == 1
    assert missed.alarm(NOW) == missed.Alarm(int(NOW), missed.ALARM)
    missed.note("192.0.2.1", NOW + 3_599)
    assert told(caplog) == 1, "once an hour"
    Missed.objects.filter(name=f"all:{int(NOW + 3_700) // 600}").delete()
    Missed.objects.create(
        name=f"all:{int(NOW + 3_700) // 600}", at=int(NOW + 3_700), n=missed.ALARM
    )
    missed.note("192.0.2.1", NOW + 3_700)
    assert told(caplog) == 2
    assert missed.alarm(NOW + 3_700 + 25 * 3_600) is None, "it stands for a day"


@pytest.mark.django_db
def test_of_whoever_guessed_nothing_is_kept_for_long_and_no_address_ever() -> None:
    missed.note("198.51.100.7", NOW)
    assert "198.51.100" not in str(list(Missed.objects.values()))
    missed.note("203.0.113.9", NOW + 3 * 3_600)
    assert not Missed.objects.filter(at__lt=NOW + 3 * 3_600).exists()
    assert missed.within_hour(NOW + 3 * 3_600) == 1


@pytest.mark.django_db
def test_an_address_waits_until_it_has_been_quiet_for_a_minute() -> None:
    for number in range(missed.MISSES):
        assert not missed.waits("192.0.2.1", NOW + number)
        missed.note("192.0.2.1", NOW + number)
    last = NOW + missed.MISSES - 1
    assert missed.waits("192.0.2.1", last + missed.QUIET - 1)
    assert not missed.waits("192.0.2.2", last)
    assert not missed.waits("192.0.2.1", last + missed.QUIET)


@pytest.mark.django_db
def test_guesses_at_links_of_staff_are_counted_too(shop: object) -> None:
    guesser = Client(REMOTE_ADDR="192.0.2.1")
    for door in ("join", "password", "welcome/t"):
        for number in range(missed.MISSES // 3):
            assert guesser.get(f"/{door}/guess-{number}/").status_code == 404
    for door in ("join", "password", "welcome/t", "s", "c/k", "a", "u", "m"):
        answer = guesser.get(f"/{door}/guess-more/")
        assert answer.status_code == 429 and int(answer.headers["Retry-After"]) == 60, door


@pytest.mark.django_db
def test_an_alarm_stands_on_today_for_whoever_sees_the_settings_and_in_the_metrics(
    shop: object, signed_in: Callable[[str], Client]
) -> None:
    owner, agent = signed_in("owner"), signed_in("agent")
    promises.place_order("o-1", placed_at=timezone.now())
    promises.make_promise("o-1", lever="time", unit="days", promised=3)
    at = int(time.time())
    Missed.objects.create(name=f"all:{at // 600}", at=at, n=missed.ALARM)
    assert GUESSED not in owner.get("/").content.decode()
    assert Client().get("/s/guess/").status_code == 404
    assert f"1,001 {GUESSED}" in owner.get("/").content.decode()
    assert GUESSED not in agent.get("/").content.decode()
    why = owner.get(f"/today/why/guessed:{missed.alarm().at}/")  # type: ignore[union-attr]
    assert why.status_code == 200 and "guessing finds none" in why.content.decode()
    assert "overdeliver_missed_links 1001.0" in Client().get("/metrics").content.decode()
    assert "1,001" in owner.get("/settings/system/").content.decode()


def _spend(_: int) -> int:
    return sum(not buckets._BUCKETS.take("of-four", 1e-9, 10_000) for _ in range(5_000))


def test_four_processes_share_one_limit() -> None:
    """Each is made from this one, as the web server makes its own, and calls 5,000 times."""
    buckets._BUCKETS.clear()
    with multiprocessing.get_context("fork").Pool(4) as pool:
        passed = pool.map(_spend, range(4), chunksize=1)
    assert sum(passed) == 10_000


def _guess(number: int) -> list[int]:
    connections.close_all()
    return [missed.note("198.51.100.9") for _ in range(25)]


@pytest.mark.django_db(transaction=True)
def test_four_processes_count_every_miss() -> None:
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(4) as pool:
        counted = pool.map(_guess, range(4), chunksize=1)
    assert sorted(one for row in counted for one in row) == list(range(1, 101))
    assert missed.within_hour() == 100
