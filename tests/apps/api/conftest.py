"""Programs that call the API."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from overdeliver.apps.people import buckets

ORDER = {"reference": "o-1", "placed_at": "2026-03-05T12:00:00Z", "service": "courier"}
PROMISE = {"order": "o-1", "lever": "time", "unit": "minutes", "promised": 60}
JSON = "application/json"


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    """POST a body as JSON; bytes and texts go as they are."""
    sent = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(f"/api/v1{path}", sent, content_type=JSON, headers=headers)


@pytest.fixture(autouse=True)
def _full_buckets() -> Iterator[None]:
    buckets._BUCKETS.clear()
    yield
    buckets._BUCKETS.clear()


@pytest.fixture
def shop_api(shop: object, api: Callable[..., Client]) -> Client:
    """A program that may read and write the ledger."""
    return api("promises.see", "promises.write", "customers.see", "customers.write", "journal.see")
