"""How fast a shop's webhook is answered under load; Shopify waits five seconds.

    python bench/hooks_http.py [--seconds 30] [--rate 50] [--postgres]

Signed calls about ever new orders leave at a steady rate, whether or not earlier ones have been
answered; the time counts from the planned moment. The web (gunicorn 2 x 4) and a worker, which
processes what came in, run beside each other on a database of their own.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from quotes_http import PORT, call, database, environment, steadily, wait

SECRET = "a-secret-of-the-shop"
SEED = """
import json, django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from overdeliver.apps.business.actions import begin
begin("webshop", "en", "Shop", "RO", "Europe/Bucharest", "RON")
from overdeliver.apps.business import reads
from overdeliver.apps.intake import sources
slug, _ = sources.add("shopify", "Shop", secret="a-secret-of-the-shop")
service = next(one.slug for one in reads.services() if one.lever == "time")
sources.change(slug, service=service, rules={"*": 5})
print(json.dumps(slug))
"""
COUNTS = """
import json, django; django.setup()
from overdeliver.apps.intake.models import Received
from overdeliver.apps.promises.models import Order, Promise
print(json.dumps([Received.objects.filter(processed_at=None).count(), Received.objects.count(),
    Order.objects.count(), Promise.objects.count()]))
"""


def main() -> None:
    """Seed, serve, call, print."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--seconds", type=float, default=30)
    given.add_argument("--rate", type=float, default=50)
    given.add_argument("--postgres", action="store_true")
    asked = given.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="hooks-http-") as folder,
        database(asked.postgres) as address,
    ):
        env = environment(Path(folder)) | {"OVERDELIVER_DATABASE_URL": address}
        slug = python(SEED, env)
        running = [started(words, env) for words in (WEB, WORKER)]
        try:
            wait()
            print("PostgreSQL, durable" if asked.postgres else "SQLite, synchronous FULL")
            report(asked, slug, env)
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait()


WEB = (
    *("gunicorn", "-w", "2", "--threads", "4", "-k", "gthread", "-b", f"127.0.0.1:{PORT}"),
    *("--keep-alive", "75", "--log-level", "error", "overdeliver.server.wsgi:application"),
)
WORKER = ("overdeliver", "worker")


def started(words: tuple[str, ...], env: dict[str, str]) -> subprocess.Popen[bytes]:
    """One of the server's processes."""
    quiet = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-m", *words], env=env, stdout=quiet, stderr=quiet)


def python(code: str, env: dict[str, str]) -> Any:
    """What a piece of code prints last, read as JSON."""
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def report(asked: argparse.Namespace, slug: str, env: dict[str, str]) -> None:
    """The times of the answers, and how long until everything was processed."""
    with ThreadPoolExecutor(32) as pool:
        burst(pool, slug, asked.rate, 3.0, first=9_000_000)  # every process and line is warm
        took = burst(pool, slug, asked.rate, asked.seconds, first=5_000_000)
    marks = [statistics.quantiles(took, n=100)[k - 1] * 1e3 for k in (50, 95, 99)]
    load = os.getloadavg()[0]
    print(f"{len(took)} calls, {asked.rate:g} a second, one worker beside them, load {load:.1f}")
    shown = "p50 {:.1f} ms, p95 {:.1f}, p99 {:.1f}, most {:.0f}"
    print(shown.format(*marks, max(took) * 1e3), flush=True)
    begun = time.monotonic()
    while (counts := python(COUNTS, env))[0]:
        if time.monotonic() - begun > 300:
            break
    waiting, received, orders, promises = counts
    print(f"received {received}, orders {orders}, promises {promises}, not processed {waiting}")
    print(f"all processed {time.monotonic() - begun:.1f} s after the last answer")


def burst(
    pool: ThreadPoolExecutor, slug: str, rate: float, seconds: float, *, first: int
) -> list[float]:
    """Calls at a steady rate for so long; seconds from each planned moment to its answer."""

    def send(number: int) -> None:
        body = order(first + number)
        sign = hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Webhook-Id": f"w-{first + number}",
            "X-Shopify-Hmac-Sha256": base64.b64encode(sign).decode(),
        }
        status, text = call("POST", f"/hooks/{slug}/", body, headers)
        assert status == 200, (status, text)

    return steadily(pool, send, rate, seconds)


def order(number: int) -> str:
    """An order about as large as a shop's: some 4 kB."""
    goods = [{"id": n, "title": "A lamp of brass " * 6, "quantity": 1} for n in range(25)]
    return json.dumps(
        {
            "id": number,
            "name": f"#{number}",
            "created_at": "2026-03-02T10:00:00+02:00",
            "email": f"c{number % 500}@example.org",
            "total_price": "129.90",
            "currency": "RON",
            "customer": {"id": number % 500, "first_name": "Ana", "last_name": "Pop"},
            "shipping_lines": [{"title": "Standard"}],
            "shipping_address": {"country_code": "RO"},
            "line_items": goods,
        }
    )


if __name__ == "__main__":
    main()
