"""A quote over HTTP with its ledger write, beside a bare insert view: gunicorn 2 x 4 on loopback.

    python bench/quotes_http.py [--seconds 20] [--rate 100] [--orders 4000] [--postgres]

Both are served by the same processes on one SQLite database (WAL, synchronous FULL) or on a
PostgreSQL of its own, and called in turn by one open-loop client: calls leave at their planned
moment whether or not earlier ones have been answered, and the time counts from the planned moment.
The bare view parses its JSON and inserts one row of the quotes' table in a transaction of its own,
without key, rule or model.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PORT = 8931

SITE = """
import json, os, secrets
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overdeliver.server.settings")
from overdeliver.server.wsgi import application
from datetime import timedelta
from django.http import JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.quoting.models import Quote
from overdeliver.server import urls

@csrf_exempt
@needs(PUBLIC)
def bare(request):
    given = json.loads(request.body)
    now = timezone.now()
    row = Quote.objects.create(reference=f"b-{secrets.token_hex(10)}", service=given["service"],
        lever="time", unit="days", level=0.9, features=given["features"], shown=True,
        made_at=now, expires_at=now + timedelta(hours=24))
    return JsonResponse({"id": row.reference}, status=201)

urls.urlpatterns.append(path("bare", bare))
"""

SEED = """
import sys, json, django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from overdeliver.apps.business.models import Business
Business.objects.create(name="S", kind="webshop", country="KZ", zone="UTC", currency="KZT")
from tests.apps.quoting.conftest import simulate
shop = simulate("webshop", int(sys.argv[1]))
from overdeliver.apps.quoting import jobs, reads, runs
runs.ask_to_learn("sim"); jobs.learn_here()
assert reads.published("sim"), "no model was published"
from overdeliver.apps.people.actions import make_key
print(json.dumps({"key": make_key("bench", ["quoting.write"]),
    "features": [one.features for one in shop.later[:200]],
    "model": reads.published("sim").metrics["model"]}))
"""


def main() -> None:
    """Seed, serve, call, compare, print."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--seconds", type=float, default=20)
    given.add_argument("--rate", type=float, default=100)
    given.add_argument("--orders", type=int, default=4000)
    given.add_argument("--postgres", action="store_true")
    asked = given.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="quotes-http-") as folder,
        database(asked.postgres) as address,
    ):
        env = environment(Path(folder)) | {"OVERDELIVER_DATABASE_URL": address}
        seeded = subprocess.run(
            [sys.executable, "-c", SEED, str(asked.orders)],
            env=env, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        shop = json.loads(seeded.stdout.splitlines()[-1])
        (Path(folder) / "bench_site.py").write_text(SITE)
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-w", "2", "--threads", "4", "-k", "gthread",
             "-b", f"127.0.0.1:{PORT}", "--keep-alive", "75", "--log-level", "error",
             "bench_site:application"],
            env=env, cwd=folder,
        )  # fmt: skip
        try:
            wait()
            print("PostgreSQL, durable" if asked.postgres else "SQLite, synchronous FULL")
            report(asked, shop)
        finally:
            server.terminate()
            server.wait()


@contextmanager
def database(postgres: bool) -> Iterator[str]:
    """The address of an empty PostgreSQL that waits for its disk; empty means SQLite."""
    if not postgres:
        yield ""
        return
    sys.path.insert(0, str(ROOT))
    from tools.postgres import server

    with server("fsync=on", "synchronous_commit=on", "full_page_writes=on") as address:
        yield address


def environment(folder: Path) -> dict[str, str]:
    """The server's environment on a data folder of its own."""
    kept = {name: value for name, value in os.environ.items() if "OVERDELIVER" not in name}
    return kept | {
        "OVERDELIVER_DATA": str(folder),
        "OVERDELIVER_URL": f"http://127.0.0.1:{PORT}",
        "DJANGO_SETTINGS_MODULE": "overdeliver.server.settings",
        "PYTHONPATH": f"{folder}:{ROOT}:{ROOT / 'src'}",
    }


def wait() -> None:
    """Until the server answers."""
    for _ in range(100):
        try:
            if call("GET", "/healthz", "", {})[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not come up")


_LOCAL = threading.local()


def call(method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """One call on this thread's own connection."""
    line = getattr(_LOCAL, "line", None) or http.client.HTTPConnection(
        "127.0.0.1", PORT, timeout=30
    )
    _LOCAL.line = line
    try:
        line.request(method, path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read()
    except (http.client.HTTPException, OSError):
        line.close()
        _LOCAL.line = None
        raise


def report(asked: argparse.Namespace, shop: dict[str, object]) -> None:
    """Both doors in turn, second by second; medians and tails of both, and their ratio."""
    headers = {"Authorization": f"Bearer {shop['key']}", "Content-Type": "application/json"}
    bodies = [json.dumps({"service": "sim", "features": f}) for f in shop["features"]]  # type: ignore[attr-defined]
    took: dict[str, list[float]] = {"/api/v1/quotes": [], "/bare": []}
    with ThreadPoolExecutor(32) as pool:
        for path in took:  # warm: calls on every connection, so that every process loads its model
            burst(pool, path, bodies, headers, asked.rate, 3.0)
        for turn in range(max(2, int(asked.seconds / 2.5))):
            for path in sorted(took, reverse=bool(turn % 2)):
                took[path] += burst(pool, path, bodies, headers, asked.rate, 2.5)
    print(f"model {shop['model']}, {asked.rate:g} calls/s, gunicorn 2 x 4")
    print(f"{'door':<18}{'calls':>7}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for path, times in took.items():
        marks = [statistics.quantiles(times, n=100)[k - 1] * 1e3 for k in (50, 95, 99)]
        shown = "".join(f"{mark:>9.2f}" for mark in (*marks, max(times) * 1e3))
        print(f"{path:<18}{len(times):>7}{shown}")
    ratio = statistics.median(took["/api/v1/quotes"]) / statistics.median(took["/bare"])
    print(f"p50 of a quote is {ratio:.2f} times the bare insert view's")


def burst(
    pool: ThreadPoolExecutor,
    path: str,
    bodies: list[str],
    headers: dict[str, str],
    rate: float,
    seconds: float,
) -> list[float]:
    """Calls at a steady rate for so long; seconds from each planned moment to its answer."""

    def send(number: int) -> None:
        status, text = call("POST", path, bodies[number % len(bodies)], headers)
        assert status == 201, (status, text)

    return steadily(pool, send, rate, seconds)


def steadily(
    pool: ThreadPoolExecutor, send: Callable[[int], None], rate: float, seconds: float
) -> list[float]:
    """Send so many a second, whether or not earlier ones were answered; seconds each took from
    its planned moment.
    """
    start = time.perf_counter() + 0.05

    def one(number: int) -> float:
        planned = start + number / rate
        while (left := planned - time.perf_counter()) > 0:
            time.sleep(left)
        send(number)
        return time.perf_counter() - planned

    waiting = []
    for number in range(int(rate * seconds)):
        ahead = start + number / rate - 0.02 - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
        waiting.append(pool.submit(one, number))
    return [each.result() for each in waiting]


if __name__ == "__main__":
    main()
