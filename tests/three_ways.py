"""The same orders as a shop's webhooks, its export and a program tell of them."""

import base64
import csv
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SECRET = "a-secret-of-the-shop"
Ask = Callable[[str, dict[str, Any]], int]
Hook = Callable[[bytes, dict[str, str]], int]


def numbers(count: int) -> list[int]:
    """Numbers as a shop gives its orders."""
    return list(range(7_000_001, 7_000_001 + count))


def shuffled(of: list[int], seed: int) -> list[int]:
    """Each way tells of them in an order of its own."""
    return random.Random(seed).sample(of, len(of))


def written(path: Path, of: list[int]) -> Path:
    """The shop's own export."""
    rows = [
        {
            "Name": f"#{number - 7_000_000}",
            "Email": f"c{number % 50}@example.org",
            "Financial Status": "paid",
            "Fulfilled at": f"{placed(number) + timedelta(days=2):%Y-%m-%d %H:%M:%S} +0000",
            "Currency": "RON",
            "Total": "40.00",
            "Shipping Method": "Standard",
            "Created at": f"{placed(number):%Y-%m-%d %H:%M:%S} +0000",
            "Lineitem quantity": "1",
            "Lineitem name": "Mug",
            "Id": str(number),
        }
        for number in of
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


def by_the_shop(of: list[int], hook: Hook) -> Iterator[int]:
    """Its webhooks, created and fulfilled two days later; what each is answered."""
    for number in of:
        order = {
            "id": number,
            "created_at": placed(number).isoformat(),
            "email": f"c{number % 50}@example.org",
            "total_price": "40.00",
            "currency": "RON",
            "customer": {"id": number % 50 + 1},
            "shipping_lines": [{"title": "Standard"}],
        }
        sent = {"created_at": (placed(number) + timedelta(days=2)).isoformat()}
        done = {**order, "fulfillment_status": "fulfilled", "fulfillments": [sent]}
        for topic, data in (("orders/create", order), ("orders/fulfilled", done)):
            body = json.dumps(data).encode()
            sign = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest())
            yield hook(body, {"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": sign.decode()})


def by_a_program(of: list[int], service: str, ask: Ask) -> Iterator[int]:
    """A till that names orders and promises as the shop's webhooks do; what it is answered."""
    for number in of:
        at = placed(number).isoformat()
        yield ask("/orders", {"reference": str(number), "placed_at": at, "service": service})
        terms = {"lever": "time", "unit": "days", "promised": 5, "whole": True, "made_at": at}
        yield ask("/promises", {"order": str(number), "reference": f"{number}.time", **terms})


def placed(number: int) -> datetime:
    """When an order was placed."""
    return datetime(2026, 3, 1, 8, tzinfo=UTC) + timedelta(minutes=number % 10_000)
