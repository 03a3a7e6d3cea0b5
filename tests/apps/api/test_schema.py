"""The OpenAPI file: it is what the server says, and what the server does."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
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

FILE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "openapi.json"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def said() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    return schema


def test_the_file_is_what_the_server_says() -> None:
    if os.environ.get("OD_WRITE"):
        FILE.write_text(json.dumps(said(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert json.loads(FILE.read_text("utf-8")) == said(), "renew it: OD_WRITE=1 pytest this file"


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
    max_examples=25,
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
