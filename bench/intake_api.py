"""A promise over HTTP with its standing, event and delivery, beside a bare insert view.

    python bench/intake_api.py [--seconds 20] [--lines 4] [--postgres]

Both are served by the same processes (gunicorn 2 x 4) on one SQLite database (WAL, synchronous
FULL) or on a PostgreSQL of its own, and called in turn by a closed loop: each line sends its next
call when the last was answered. The bare view parses its JSON and inserts one row into the ledger's
table of promises, without key, rule, standing, event or answer of more than its number.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from quotes_http import PORT, call, database, environment, wait

SITE = """
import json, os, secrets
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overdeliver.server.settings")
from overdeliver.server.wsgi import application
from django.http import JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from overdeliver.apps.look.access import PUBLIC, needs
from overdeliver.apps.people import key_auth
from overdeliver.apps.promises.models import Promise
from overdeliver.server import urls

key_auth.PER_SECOND = key_auth.MOST = 1_000_000

@csrf_exempt
@needs(PUBLIC)
def bare(request):
    given = json.loads(request.body)
    row = Promise.objects.create(reference=f"b-{secrets.token_hex(8)}", order_id=1,
        lever=given["lever"], promised=given["promised"], unit=given["unit"],
        made_at=timezone.now(), whole=given["whole"], level=given["level"], source="standard")
    return JsonResponse({"id": row.reference}, status=201)

urls.urlpatterns.append(path("bare", bare))
"""
SEED = """
import json, django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.utils import timezone
from overdeliver.apps.business.models import Business
Business.objects.create(name="S", kind="webshop", country="KZ", zone="UTC", currency="KZT")
from overdeliver.apps.people.actions import make_key
from overdeliver.apps.promises.actions import place_order
for number in range(500):
    place_order(f"o-{number}", placed_at=timezone.now())
print(json.dumps({"key": make_key("bench", ["promises.write"])}))
"""
OURS, BARE = "/api/v1/promises", "/bare"


def main() -> None:
    """Seed, serve, call, compare, print."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--seconds", type=float, default=20)
    given.add_argument("--lines", type=int, default=4)
    given.add_argument("--postgres", action="store_true")
    asked = given.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="intake-api-") as folder,
        database(asked.postgres) as address,
    ):
        env = environment(Path(folder)) | {"OVERDELIVER_DATABASE_URL": address}
        seeded = subprocess.run(
            [sys.executable, "-c", SEED], env=env, check=True, stdout=subprocess.PIPE, text=True
        )
        key = json.loads(seeded.stdout.splitlines()[-1])["key"]
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
            report(asked.seconds, asked.lines, key)
        finally:
            server.terminate()
            server.wait()


def report(seconds: float, lines: int, key: str) -> None:
    """All doors in turn; calls a second of each, and the ratio to the bare view."""
    doors = {
        "promise": (OURS, False),
        "promise, Idempotency-Key": (OURS, True),
        "bare insert": (BARE, False),
    }
    rates: dict[str, list[float]] = {name: [] for name in doors}
    took: dict[str, list[float]] = {name: [] for name in doors}
    for turn in range(max(2, int(seconds / 6)) + 1):
        for name, (path, once) in sorted(doors.items(), reverse=bool(turn % 2)):
            found = burst(path, key, lines, 2.0, once=once)
            if turn:  # the first is to warm up
                rates[name].append(len(found) / 2.0)
                took[name] += found
    print(f"gunicorn 2 x 4, {lines} lines, closed loop")
    print(f"{'door':<28}{'calls/s':>9}{'of bare':>9}{'p50 ms':>9}{'p99 ms':>9}")
    least = statistics.median(rates["bare insert"])
    for name, times in took.items():
        rate = statistics.median(rates[name])
        marks = [statistics.quantiles(times, n=100)[k - 1] * 1e3 for k in (50, 99)]
        print(f"{name:<28}{rate:>9.0f}{rate / least:>9.0%}{marks[0]:>9.2f}{marks[1]:>9.2f}")


def burst(path: str, key: str, lines: int, seconds: float, *, once: bool) -> list[float]:
    """Calls on so many lines for so long; the seconds each took."""
    until = time.perf_counter() + seconds
    found: list[list[float]] = [[] for _ in range(lines)]

    def one(line: int) -> None:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        number = 0
        while (begun := time.perf_counter()) < until:
            number += 1
            body = {
                "order": f"o-{(number * lines + line) % 500}", "lever": "time", "unit": "days",
                "promised": 3, "whole": True, "level": 0.9,
            }  # fmt: skip
            more = {"Idempotency-Key": f"{begun}-{line}"} if once else {}
            status, text = call("POST", path, json.dumps(body), headers | more)
            assert status == 201, (status, text)
            found[line].append(time.perf_counter() - begun)

    threads = [threading.Thread(target=one, args=(line,)) for line in range(lines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [took for line in found for took in line]


if __name__ == "__main__":
    main()
