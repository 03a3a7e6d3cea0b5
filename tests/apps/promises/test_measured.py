"""Figures over many promises: narrowed as asked, and true also where a file is read instead."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.promises import cases, lists
from overdeliver.apps.promises.jobs import refresh_cases
from overdeliver.apps.promises.kept import Asked, kept
from overdeliver.vocabulary.errors import InputError

pytestmark = pytest.mark.django_db
Sign = Callable[[str], Client]
Courier = Callable[..., str]


@pytest.fixture
def teams(courier: Courier) -> None:
    """Six promises of the north and four of the south."""
    for number in range(10):
        courier(number, took=45, team="north" if number < 6 else "south")


def test_figures_are_of_the_team_and_the_days_asked_for(teams: None) -> None:
    today = timezone.localdate()
    assert kept(Asked(only={"team": "south"})).n == 4
    assert kept(Asked(end=today)).n == 10
    assert kept(Asked(end=today - timedelta(days=30))).n == 0


def test_figures_are_narrowed_only_by_what_every_promise_says(teams: None) -> None:
    with pytest.raises(InputError, match="narrow by one of service"):
        kept(Asked(only={"customer": "c-1"}))


def test_the_page_narrows_its_figures_and_says_what_it_cannot_lay_out(
    teams: None, signed_in: Sign
) -> None:
    client = signed_in("manager")
    page = client.get("/reliability/?period=all&team=south").content.decode()
    assert "4 of 20 outcomes needed" in page
    assert client.get("/reliability/?period=all&by=colour").status_code == 422
    assert client.get("/reliability/?period=eternity").status_code == 422


def test_a_large_ledger_is_never_counted_from_a_file_that_has_fallen_behind(
    courier: Courier, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    monkeypatch.setattr(cases, "SMALL", 2)
    monkeypatch.setattr(cases, "MOST_CHANGES", 3)
    so_many = 0
    for more, minutes in ((4, 45), (2, 90), (5, 90)):  # written, laid over, too many: written anew
        for number in range(so_many, so_many + more):
            courier(number, took=minutes)
        so_many += more
        found = kept(Asked())
        assert (found.n, found.all.broken) == (so_many, so_many - 4)
    for number in (90, 91):
        courier(number, took=45)
    assert [refresh_cases(), refresh_cases()] == [1, 0]


def test_the_download_goes_on_where_one_reading_ends(
    teams: None, signed_in: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = lists.promises
    monkeypatch.setattr(
        lists, "promises", lambda asked, *, after, limit: whole(asked, after=after, limit=4)
    )
    response = signed_in("agent").get("/promises.csv")
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = [row["reference"] for row in csv.DictReader(io.StringIO(content))]
    assert sorted(rows) == sorted(f"p-{n}" for n in range(10))


def test_a_download_holds_no_more_than_its_most(teams: None) -> None:
    assert len(list(lists.every(lists.Filter(), 3))) == 3
    assert list(lists.every(lists.Filter(), 0)) == []
