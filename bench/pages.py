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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
PART = 5_000  # rows written at once
OPEN = 300  # complaints that are not closed yet, at most


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


def fill(orders: int, complaints: int) -> None:
    """The past of a shop: orders, complaints, messages, the journal; then a round of the worker."""
    from overdeliver.apps.people.staffing import make_owner
    from overdeliver.server.demo import set_up

    _said(f"{orders} orders", lambda: set_up("webshop", "en", orders))
    make_owner("owner@example.org", "an owner of long standing")
    _said(f"{complaints} complaints", lambda: _complaints(complaints))
    _said("messages and journal", _told)
    _said("what the worker does at once", _work)


def _said(what: str, work: Callable[[], object]) -> None:
    begun = time.perf_counter()
    work()
    print(f"  {what}: {time.perf_counter() - begun:.1f} s", file=sys.stderr)


def _work() -> None:
    """Events delivered, overdue promises broken, the file of cases written; learning is left out:
    its pages read what it found, whose size does not follow the number of orders.
    """
    from overdeliver.apps.journal.jobs import deliver_due
    from overdeliver.apps.promises.jobs import break_overdue, refresh_cases

    while break_overdue() + deliver_due():
        pass
    refresh_cases()


def _complaints(count: int) -> None:
    """Complaints of the last two years, nearly all closed; each went through every step."""
    import secrets

    from django.utils import timezone

    from overdeliver.apps.promises.models import Order
    from overdeliver.apps.recovery.models import Case

    now = timezone.now()
    rows = list(Order.objects.order_by("-placed_at").values_list("reference", "customer_id"))
    chosen = rows[:: max(len(rows) // count, 1)][:count]
    made = []
    for number, (order, customer) in enumerate(chosen):
        fresh = number < min(OPEN, count // 10)
        at = now - timedelta(hours=number * 0.5 if fresh else 200 + number * 17_000 / count)
        made.append(
            Case(
                token=secrets.token_urlsafe(24),
                order=order,
                customer_id=customer,
                channel="page",
                language="en",
                text=f"The parcel {order} came late and the box was open.",
                object=("product", "person", "service", "other")[number % 4],
                first=number % 5 != 1,
                seconds=20 + number % 60,
                received_at=at,
                answer_by=at + timedelta(hours=2),
                step_since=at,
                due_at=at + timedelta(hours=24 if fresh else 2),
            )
        )
    Case.objects.bulk_create(made, PART)
    _steps(made, min(OPEN, count // 10))


def _steps(cases: Sequence[Any], fresh: int) -> None:
    """One step after the other for all that do it: the database asks for that order."""
    from django.db import transaction
    from django.utils import timezone

    from overdeliver.apps.recovery.causes import keep_cause, keep_change
    from overdeliver.apps.recovery.models import Case, Step
    from overdeliver.apps.recovery.rules.loop import BY_NAME

    way = ("admit", "apologise", "find_cause", "change", "invite", "good", "write_lesson", "close")
    day = timezone.now().date() - timedelta(days=300)
    causes = [keep_cause(f"Cause {number}") for number in range(20)]
    changes = [keep_change(one, f"Change of {one}", "Anna", day) for one in causes]
    with transaction.atomic():
        for place, name in enumerate(way):
            move = BY_NAME[name]
            doing = [one for n, one in enumerate(cases) if n >= fresh or n % len(way) > place]
            state = {"status": move.after, "steps": place + 1}
            before = "received" if place == 0 else BY_NAME[way[place - 1]].after
            Step.objects.bulk_create(
                [
                    Step(
                        case=one,
                        number=place + 1,
                        before=before,
                        after=move.after,
                        words=f"{name} of {one.pk}",
                        cause_id=causes[one.pk % 20] if move.needs == "cause" else None,
                        change_id=changes[one.pk % 20] if move.needs == "change" else None,
                        by="staff:1",
                        at=one.received_at + timedelta(hours=place + 1),
                    )
                    for one in doing
                ],
                PART,
            )
            closed = {"closed_at": timezone.now(), "due_at": None} if name == "close" else {}
            ids = [one.pk for one in doing]
            for start in range(0, len(ids), PART):
                Case.objects.filter(pk__in=ids[start : start + PART]).update(**state, **closed)
        for number, cause in enumerate(causes):
            known = Case.objects.filter(steps__gte=3, pk__in=[c.pk for c in cases[number::20]])
            known.update(cause_id=cause)


def _told() -> None:
    """A mail that went and an event, for every fourth promise; some mails wait for a person."""
    from django.utils import timezone

    from overdeliver.apps.journal.models import Event
    from overdeliver.apps.outreach.models import Message
    from overdeliver.apps.promises.models import Promise

    now = timezone.now()
    wanted = ("reference", "made_at", "order__customer_id")
    rows = list(Promise.objects.order_by("made_at").values_list(*wanted))[::4]
    for start in range(0, len(rows), PART):
        mails, heard = [], []
        for number, (reference, at, customer) in enumerate(rows[start : start + PART], start):
            waits = number % 500 == 0
            heard.append(
                Event(
                    at=at,
                    name="promises.promise_made",
                    subject=f"promise:{reference}",
                    data={"source": "staff"},
                    actor="worker",
                )
            )
            mails.append(
                Message(
                    key=f"bench:{number}",
                    channel="mail",
                    lane="mail",
                    purpose="service",
                    template="promise_made",
                    language="en",
                    address=f"{customer}@example.org",
                    customer_id=customer,
                    subject="Your order",
                    text="Hello, your order comes by Friday.",
                    message_id=f"<{number}@example.org>",
                    because="outreach.because.promise_made",
                    about=f"promise:{reference}",
                    not_before=at,
                    next_at=at,
                    status="held" if waits else "sent",
                    error="too_late" if waits else "",
                    created_at=at,
                    sent_at=None if waits else min(at, now),
                )
            )
        Event.objects.bulk_create(heard)
        Message.objects.bulk_create(mails)


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
