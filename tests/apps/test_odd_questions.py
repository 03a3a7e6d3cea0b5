"""Filters, searches and cursors asked for what makes no sense: an honest page, never a failure."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.http import QueryDict
from django.test import Client

from overdeliver.apps.business.models import Business
from overdeliver.apps.people import buckets
from overdeliver.apps.people.rules import KEY_RIGHTS
from overdeliver.server.api import api as API
from tests.apps.everything import everything_of
from tests.apps.payloads import QUERIES
from tests.apps.test_strangers_texts import paths

pytestmark = pytest.mark.django_db
#: Of the values each parameter gets so many, another few each time, so that all are tried.
EACH = 1
#: A page may find nothing, refuse, or lead to sign-in; it may not fail.
ANSWERS = (200, 204, 302, 400, 404, 405, 409, 410, 422, 429)
#: What every page may be asked beside what it asks for itself.
ALWAYS = ("page", "order_by", "password__startswith", "format")


@pytest.fixture
def owner(
    shop: Business, tmp_path: Path, settings: Any, signed_in: Callable[[str], Client]
) -> Client:
    """A shop with something of everything, and its owner at the browser."""
    settings.UPLOADS = tmp_path
    everything_of("a", tmp_path)
    client = signed_in("owner")
    client.raise_request_exception = False
    return client


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of parameters that pages have looked for."""
    names: set[str] = set()

    def spied(known: Callable[..., Any]) -> Callable[..., Any]:
        def look(self: Any, key: Any, *more: Any) -> Any:
            if not getattr(self, "_mutable", False) and isinstance(key, str):
                names.add(key)
            return known(self, key, *more)

        return look

    for name in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, name, spied(getattr(QueryDict, name)), raising=False)
    return names


def _values() -> Iterator[str]:
    while True:
        yield from QUERIES


def _put(path: str, name: str, value: str) -> str:
    return f"{path}?{name}={quote(value, safe='', errors='surrogatepass')}"


def test_no_page_fails_whatever_it_is_asked(owner: Client, asked: set[str]) -> None:
    values, tried, wrong = _values(), 0, []
    for path in paths(once=True):
        asked.clear()
        assert owner.get(path).status_code < 500, path
        for name in sorted(asked | {"after", "q"}) or ALWAYS:
            for _ in range(EACH):
                value = next(values)
                status = owner.get(_put(path, name, value)).status_code
                tried += 1
                if status not in ANSWERS:
                    wrong.append((path, name, value[:60], status))
    assert not wrong
    assert tried > 100


def test_no_list_of_the_api_fails_whatever_it_is_asked(
    owner: Client, api: Callable[..., Client]
) -> None:
    client = api(*KEY_RIGHTS)
    client.raise_request_exception = False
    values, tried, wrong = _values(), 0, []
    for path, operation in _lists():
        names = [one["name"] for one in operation["parameters"] if one["in"] == "query"]
        for name in [*names, "password__startswith"]:
            for _ in range(EACH):
                buckets._BUCKETS.clear()
                value = next(values)
                answer = client.get(_put(path, name, value))
                tried += 1
                known = answer.status_code in (200, 400, 404, 409, 422)
                if not known or (name not in names and answer.status_code not in (400, 422)):
                    wrong.append((path, name, value[:60], answer.status_code))
    assert not wrong
    assert tried > 40


def _lists() -> list[tuple[str, Any]]:
    there = API.get_openapi_schema()["paths"]
    return [
        (path, one["get"])
        for path, one in there.items()
        if "{" not in path and "get" in one and one["get"].get("parameters")
    ]
