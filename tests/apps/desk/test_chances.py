"""How many of ten promises like an open one are kept, on the Today page and in its why."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from overdeliver.apps.desk import chances
from overdeliver.apps.desk.rules import Fact
from overdeliver.apps.promises import actions
from overdeliver.apps.promises.reads import OpenCase
from overdeliver.apps.quoting.chances import Chance
from tests.apps.desk.conftest import Make

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[OpenCase]:
    """A model that says 72 % of everything it is asked about; what it was asked."""
    cases: list[OpenCase] = []

    def answer(of: Iterable[OpenCase], now: datetime) -> dict[str, Chance]:
        cases.extend(of)
        return {one.reference: Chance(0.72, "courier", "Courier", 3, 412) for one in cases}

    monkeypatch.setattr(chances, "chances", answer)
    return cases


def page(client: Client, path: str = "/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_line_says_it_and_why_names_the_model(
    made: Make, asked: list[OpenCase], signed_in: Callable[[str], Client]
) -> None:
    made(1, ago=50, segment="new", features={"kg": 2})
    made(2, ago=600, took=90)
    client = signed_in("manager")
    text = page(client)
    assert text.count("About 7 of 10 promises like this are still kept.") == 1
    (case,) = asked
    assert (case.reference, case.promised, case.revised) == ("p-1", 60, False)
    assert case.features["kg"] == 2 and case.features["segment"] == "new"
    why = page(client, "/today/why/risk:p-1/")
    assert "About 7 of 10 promises like this are still kept." in why
    assert "learned from 412 outcomes" in why
    assert '<a href="/quoting/of/courier/">Courier, version 3</a>' in why
    assert "of 10" not in page(client, "/today/why/broken:p-2/")


def test_without_a_model_nothing_is_said(made: Make, signed_in: Callable[[str], Client]) -> None:
    made(1, ago=50)
    client = signed_in("manager")
    assert "of 10" not in page(client) and "of 10" not in page(client, "/today/why/risk:p-1/")


def test_only_the_lines_shown_are_asked_about_and_all_at_once(
    made: Make, asked: list[OpenCase], signed_in: Callable[[str], Client]
) -> None:
    client, counts = signed_in("agent"), []
    for many in (range(2), range(2, 11)):
        for number in many:
            made(number, ago=50)
        asked.clear()
        page(client)
        with CaptureQueriesContext(connection) as seen:
            page(client)
        counts.append(len(seen))
    assert len(asked) == 2 * 8 and counts[0] == counts[1]


def test_a_revision_is_known_as_one(
    made: Make, asked: list[OpenCase], signed_in: Callable[[str], Client]
) -> None:
    made(1, ago=600)
    moment = timezone.now() - timedelta(minutes=55)
    terms: dict[str, Any] = {"lever": "time", "unit": "minutes", "promised": 60}
    actions.make_promise("o-1", made_at=moment, reference="p-1b", revises="p-1", **terms)
    page(signed_in("agent"))
    assert [(one.reference, one.revised) for one in asked] == [("p-1b", True)]


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.0, "Fewer than 1 of 10"),
        (0.04, "Fewer than 1 of 10"),
        (0.1, "About 1 of 10"),
        (0.5, "About 5 of 10"),
        (0.949, "About 9 of 10"),
        (0.96, "More than 9 of 10"),
        (1.0, "More than 9 of 10"),
    ],
)
def test_never_none_and_never_all(share: float, told: str) -> None:
    assert chances.said(Chance(share, "courier", "Courier", 3, 412)).startswith(told)


def test_lines_of_other_kinds_ask_nothing(asked: list[OpenCase]) -> None:
    line = Fact("look", "stale:door:2026-01-01", "Door", "/", "", "/", "touchpoint:door", ("x",))
    with CaptureQueriesContext(connection) as seen:
        assert chances.chances_of([line], timezone.now()) == {}
    assert (len(seen), asked) == (0, [])
