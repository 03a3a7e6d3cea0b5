"""The OpenAPI file: it is what the server says, and what the server does."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
)

from overdeliver.apps.business.models import Business, Service
from overdeliver.apps.people import actions as people
from overdeliver.apps.people.rules import KEY_RIGHTS
from overdeliver.server.api import api
from overdeliver.server.wsgi import application
from tests.apps.api.contract import lines, taken_away
from tests.figures import figure

FILE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "openapi.json"
CONTRACT = Path(__file__).with_name("contract.txt")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def said() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    return schema


def test_the_file_is_what_the_server_says() -> None:
    if os.environ.get("OD_WRITE"):
        FILE.write_text(json.dumps(said(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert json.loads(FILE.read_text("utf-8")) == said(), "renew it: OD_WRITE=1 pytest this file"


def test_nothing_that_programs_rely_on_is_taken_away() -> None:
    """`contract.txt` only grows: OD_WRITE=1 adds to it what is new."""
    now = lines(said())
    before = set(CONTRACT.read_text("utf-8").splitlines()) if CONTRACT.exists() else set()
    assert not taken_away(before, now)
    if os.environ.get("OD_WRITE"):
        CONTRACT.write_text("\n".join(sorted(now)) + "\n", "utf-8")
    assert now <= set(CONTRACT.read_text("utf-8").splitlines()), "add to it: OD_WRITE=1"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda d: d["paths"].pop("/api/v1/me"), "gone: GET /api/v1/me"),
        (lambda d: part(d, "PromiseOut")["properties"].pop("gap"), "answers 200 items.[].gap"),
        (lambda d: part(d, "OrderIn")["properties"].pop("team"), "takes application/json team"),
        (
            lambda d: part(d, "OrderIn")["required"].append("team"),
            "asked anew: POST /api/v1/orders",
        ),
        (lambda d: d["paths"]["/api/v1/orders"]["get"]["parameters"].pop(), "takes query limit"),
    ],
)
def test_what_is_taken_away_is_noticed(change: Callable[[Any], Any], word: str) -> None:
    described = said()
    change(described)
    assert word in "\n".join(taken_away(lines(said()), lines(described)))


def test_what_is_added_harms_nobody() -> None:
    described = said()
    part(described, "OrderIn")["properties"]["colour"] = {"type": "string"}
    part(described, "OrderIn")["required"].remove("placed_at")
    assert not taken_away(lines(said()), lines(described))


def part(described: Any, name: str) -> Any:
    return described["components"]["schemas"][name]


def test_the_page_of_the_description_asks_nobody_else(client: Client) -> None:
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "unsafe" not in page["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert loaded and all(one.startswith("/static/ninja/") for one in loaded)


def test_every_operation_says_what_it_does() -> None:
    silent = [
        (path, method)
        for path, operations in said()["paths"].items()
        for method, one in operations.items()
        if not one.get("summary") or not one.get("responses")
    ]
    assert not silent


schema = schemathesis.openapi.from_dict(said())
schema.app = application


@pytest.fixture
def one_connection(db: None) -> Iterator[None]:
    """The server's end of a request would close the connection that the test's changes live in."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key(one_connection: None) -> str:
    if not Business.objects.exists():
        Business.objects.create(
            name="Shop", kind="webshop", country="KZ", zone="Asia/Almaty", currency="KZT"
        )
        Service.objects.create(slug="parcel", name="Parcel", lever="time", unit="days")
    return people.make_key("schemathesis", KEY_RIGHTS)


@schema.parametrize()
@settings(
    max_examples=figure(4, 100),
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_call_breaks_the_server(case: schemathesis.Case, key: str) -> None:
    # Whether a key is asked for is the matrix's question; here every call brings one.
    left_out = [ignored_auth, positive_data_acceptance, unsupported_method]
    if "/batch/" in case.path:  # a row that cannot be read is refused in the answer
        left_out.append(negative_data_rejection)
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, excluded_checks=left_out)
