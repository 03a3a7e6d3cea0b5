"""Every main page over a long history: milliseconds and SQL statements, as the rows become many.

    python bench/pages.py [--orders 50000 200000] [--complaints 4000] [--repeat 20] [--postgres]
                          [--slow] [--data FOLDER]

A simulated web shop is stored the way imports are (`server.demo`), then complaints with all their
steps, a mail and an event for every fourth promise; then the worker does what is due at once.
Each page is asked for by an owner, in process with Django's client: what is measured is the page
from its address to its last byte, without a network. ``first`` is the first look of a fresh
process. Each number of orders is a database and a process of its own. ``--slow`` names the slowest
statements; ``--data`` keeps the database of the first number there and measures it again.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pages_past import fill

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Page:
    """A page: its name, its address, the milliseconds that 95 of 100 looks stay below."""

    name: str
    path: str
    most: int = 500


@dataclass(frozen=True)
class Found:
    """What a page took, in milliseconds, and how many statements; ``held``: within its figure.

    ``cpu``: the median of what this process used, all its threads together; on a machine that
    others use too it says more than the clock.
    """

    name: str
    statements: int
    first: float
    cpu: float
    p50: float
    p95: float
    most: int
    held: bool
    slowest: Sequence[str]


def main() -> None:
    """Measure each number of orders in a process of its own; print a table and a line of JSON."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--orders", type=int, nargs="+", default=[50_000, 200_000])
    asked.add_argument("--complaints", type=int, default=4_000)
    asked.add_argument("--repeat", type=int, default=20)
    asked.add_argument("--postgres", action="store_true")
    asked.add_argument("--slow", action="store_true")
    asked.add_argument("--data", type=Path)
    asked.add_argument("--run", type=int)
    given = asked.parse_args()
    if given.run:
        _one(given.run, given.complaints, given.repeat)
        return
    for orders in given.orders:
        with tempfile.TemporaryDirectory(prefix="overdeliver-pages-") as name:
            folder = given.data or Path(name)
            with _database(given.postgres) as url:
                report = _apart(orders, given, folder, url)
        _print(orders, report, given.slow)


def _apart(orders: int, given: argparse.Namespace, folder: Path, url: str) -> dict[str, Any]:
    words = [sys.executable, __file__, "--run", str(orders)]
    words += ["--complaints", str(given.complaints), "--repeat", str(given.repeat)]
    env = {**os.environ, "OVERDELIVER_DATA": str(folder), "OVERDELIVER_DATABASE_URL": url}
    done = subprocess.run(words, env=env, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    report: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return report


@contextmanager
def _database(postgres: bool) -> Iterator[str]:
    if not postgres:
        yield ""
        return
    sys.path.insert(0, str(ROOT))
    from tools.postgres import server

    with server() as url:
        yield url


def _one(orders: int, complaints: int, repeat: int) -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "overdeliver.server.settings"
    django.setup()
    from overdeliver.apps.promises.models import Order
    from overdeliver.cli.django_ready import migrated

    migrated()
    begun = time.perf_counter()
    if not Order.objects.exists():
        fill(orders, complaints)
    filled = time.perf_counter() - begun
    found = [asdict(one) for one in measured(pages(), repeat)]
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"pages": found, "filled_s": filled, "rss_mb": rss, **_sizes()}))


def pages() -> list[Page]:
    """The main pages, the lists with what people filter them by."""
    from django.utils import timezone

    from overdeliver.apps.business.reads import services
    from overdeliver.apps.outreach.models import Message
    from overdeliver.apps.promises import reads as promises
    from overdeliver.apps.recovery.models import Case

    today = timezone.localdate()
    row = promises.promises(promises.Filter(), limit=1).rows[0]
    deep = promises.promises(promises.Filter(made_to=today - timedelta(days=150))).next
    of_case = Case.objects.order_by("pk").values_list("pk", flat=True)
    service, best = services()[0].slug, _best_customer()
    listed = {
        "newest": {},
        "broken": {"verdict": "broken"},
        "of a service": {"service": service},
        "of a fortnight": {"made_from": today - timedelta(days=60), "made_to": today},
        "of a customer": {"customer": best},
        "of a segment nobody has": {"segment": "zzzzz"},
        "cost, broken": {"lever": "cost", "verdict": "broken"},
        "the worst first": {"verdict": "broken", "sort": "gap"},
        "by a name": {"q": "Grace"},
        "by a number": {"q": row.order},
        "by nothing known": {"q": "zzzzz"},
        "in the middle": {"after": deep},
    }
    return [
        Page("Today", "/", 800),
        *(Page(f"Promises, {name}", _at("/promises/", asked)) for name, asked in listed.items()),
        Page("A promise", f"/promises/{row.reference}/"),
        Page("An order", f"/orders/{row.order}/"),
        Page("Reliability, a quarter", "/reliability/", 800),
        Page("Reliability, a year by month", "/reliability/?period=year&by=month", 800),
        Page("Reliability, all by segment", "/reliability/?period=all&by=segment", 800),
        Page("Quoting", "/quoting/"),
        Page("A service", f"/quoting/of/{service}/"),
        Page("Customers", "/customers/"),
        Page("Customers, by a name", "/customers/?q=grace"),
        Page("Customers, by nothing known", "/customers/?q=zzzzz"),
        Page("A customer's card", f"/customers/{best}/", 300),
        Page("Answers", "/answers/"),
        Page("Answers, by nothing known", "/answers/?q=zzzzz"),
        Page("Money", "/money/", 800),
        Page("Complaints", "/cases/"),
        Page("Complaints, closed", "/cases/?status=closed"),
        Page("Complaints, by a word", "/cases/?q=parcel"),
        Page("Complaints, by nothing known", "/cases/?q=zzzzz"),
        Page("A complaint", f"/cases/{of_case.filter(status='apologised')[0]}/"),
        Page("Causes", "/cases/causes/"),
        Page("Lessons", "/cases/lessons/"),
        Page("Messages", "/messages/"),
        Page("Messages, by a name", "/messages/?q=grace"),
        Page("Messages, by nothing known", "/messages/?q=zzzzz"),
        Page("Messages, waiting", "/messages/?status=waiting"),
        Page("A message", f"/messages/{Message.objects.order_by('-pk')[0].pk}/"),
        Page("Letters", "/letters/"),
        Page("Care", "/care/"),
        Page("Care, tasks", "/care/tasks/"),
        Page("A plan of care", "/care/plans/order/"),
        Page("Imports", "/imports/"),
        Page("Journal", "/journal/"),
        Page("Journal, of a chapter", "/journal/?chapter=recovery"),
        Page("Settings", "/settings/"),
        Page("System", "/settings/system/"),
    ]


def _at(path: str, asked: dict[str, Any]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path


def _best_customer() -> str:
    """Whoever ordered most."""
    from django.db.models import Count

    from overdeliver.apps.promises.models import Order

    counted = Order.objects.values_list("customer__reference").annotate(n=Count("pk"))
    return str(counted.order_by("-n")[0][0])


def measured(asked: Sequence[Page], repeat: int) -> Iterator[Found]:
    """Each page once for its statements, then so often for its time."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from overdeliver.apps.people.models import Staff

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client(headers={"accept-language": "en"})
    client.force_login(Staff.objects.get(role="owner"))
    for page in asked:
        ran: list[tuple[float, str]] = []

        def watch(run: Any, sql: str, params: Any, many: bool, context: Any, to: Any = ran) -> Any:
            begun = time.perf_counter()
            done = run(sql, params, many, context)
            to.append((1e3 * (time.perf_counter() - begun), sql))
            return done

        first, _ = _look(client, page)
        with connection.execute_wrapper(watch):
            _look(client, page)
        looks = [_look(client, page) for _ in range(repeat)]
        took, used = sorted(clock for clock, _ in looks), sorted(cpu for _, cpu in looks)
        p50, p95 = took[len(took) // 2], took[min(int(len(took) * 0.95), len(took) - 1)]
        cpu = used[len(used) // 2]
        print(f"  {page.name}: {cpu:.0f} ms of CPU, {p50:.0f} ms", file=sys.stderr)
        slow = [f"{ms:.0f} ms: {sql}" for ms, sql in sorted(ran, reverse=True)[:3] if ms > 10]
        yield Found(page.name, len(ran), first, cpu, p50, p95, page.most, p95 <= page.most, slow)


def _look(client: Any, page: Page) -> tuple[float, float]:
    begun, cpu = time.perf_counter(), time.process_time()
    answer = client.get(page.path)
    took = 1e3 * (time.perf_counter() - begun), 1e3 * (time.process_time() - cpu)
    assert answer.status_code == 200, (page, answer.status_code)
    return took


def _sizes() -> dict[str, int]:
    from django.apps import apps

    names = ("promises.Promise", "people.Customer", "recovery.Case", "outreach.Message")
    return {name: apps.get_model(name)._base_manager.count() for name in names}


def _print(orders: int, report: dict[str, Any], slow: bool) -> None:
    rows = report.pop("pages")
    print(f"\n{orders} orders: {json.dumps({k: round(v) for k, v in report.items()})}")
    heads = f"{'first ms':>10}{'CPU ms':>8}{'p50 ms':>8}{'p95 ms':>8}{'figure':>8}"
    print(f"{'page':<35}{'SQL':>4}{heads}")
    for one in rows:
        marks = f"{one['first']:>10.0f}{one['cpu']:>8.0f}{one['p50']:>8.0f}"
        marks += f"{one['p95']:>8.0f}{one['most']:>8}"
        over = "" if one["held"] else "  over"
        print(f"{one['name']:<35}{one['statements']:>4}{marks}{over}")
        for said in one["slowest"] if slow else ():
            print(f"        {said}")
    kept = ("statements", "cpu", "p50", "p95")
    brief = {one["name"]: [round(one[name]) for name in kept] for one in rows}
    print(json.dumps(brief), flush=True)


if __name__ == "__main__":
    main()
