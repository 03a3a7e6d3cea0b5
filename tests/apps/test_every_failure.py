"""Each statement and each file of a request fails once: all of it is done, or nothing.

SQLite's own method (sqlite.org/testing.html): the first fails, then the second, until one request
comes through unharmed. Nothing may be half done at any of them.
"""

import errno
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business import actions as business
from overdeliver.apps.business.models import Service
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.journal.models import Event
from overdeliver.apps.listening import asking
from overdeliver.apps.listening.rules import SurveyPolicy
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import buckets, consents
from overdeliver.apps.people.rules import KEY_RIGHTS
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.promises import drawing
from overdeliver.apps.promises.models import Order, Promise, Standing
from overdeliver.apps.quoting import actions as quoting
from overdeliver.apps.recovery import actions as recovery
from overdeliver.apps.recovery.models import Attachment, Case, Step
from overdeliver.apps.recovery.rules.complaint import Complaint

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
#: One request: sent once more each time.
Request = Callable[[], Any]


class Faults:
    """The n-th statement, commit or new file fails; ``struck`` says whether there was one."""

    def __init__(self, n: int) -> None:
        self.left, self.struck = n, False

    def _strikes(self) -> bool:
        self.left -= 1
        self.struck |= self.left == 0
        return self.left == 0

    def execute(self, go_on: Callable[..., Any], *asked: Any) -> Any:
        """A statement."""
        if self._strikes():
            raise OperationalError("disk I/O error")
        return go_on(*asked)

    @contextmanager
    def set(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Within the block."""
        commit, opened = connection.commit, Path.open

        def failing_commit() -> None:
            if self._strikes():
                raise OperationalError("disk I/O error")
            commit()

        def failing_open(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
            if "x" in mode and self._strikes():
                raise OSError(errno.ENOSPC, "No space left on device")
            return opened(path, mode, *more, **named)

        with monkeypatch.context() as patch, connection.execute_wrapper(self.execute):
            patch.setattr(connection, "commit", failing_commit)
            patch.setattr(Path, "open", failing_open)
            yield


def rows() -> Counter[str]:
    """How many rows every table has, and how many files there are."""
    found: Counter[str] = Counter()
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')
            found[model._meta.db_table] = cursor.fetchone()[0]
    files = Path(settings.UPLOADS).rglob("*")
    return found + Counter({"files": sum(one.is_file() for one in files)})


def whole() -> None:
    """The ledger and the loop of complaints are as their rules say."""
    assert Standing.objects.count() == Promise.objects.count()
    told = Event.objects.filter(name__in=["promises.promise_made", "promises.promise_revised"])
    assert told.count() == Promise.objects.count()
    before = list(Standing.objects.order_by("pk").values("verdict", "actual", "gap", "latest"))
    for order in Order.objects.all():
        for members in drawing.threads_of(order):
            drawing.draw_thread(members)
    drawn = list(Standing.objects.order_by("pk").values("verdict", "actual", "gap", "latest"))
    assert drawn == before
    for case in Case.objects.all():
        log = list(Step.objects.filter(case=case).order_by("number"))
        assert [one.number for one in log] == list(range(1, case.steps + 1))
        assert case.status == (log[-1].after if log else "received")
    root = Path(settings.UPLOADS) / "complaints"
    known = set(Attachment.objects.values_list("path", flat=True))
    assert {one.name for one in root.glob("*")} == known


@pytest.fixture
def program(
    shop: object, api: Callable[..., Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Client:
    """A program with every right, and something of everything to work on."""
    cache.clear()
    monkeypatch.setattr(settings, "UPLOADS", tmp_path)  # other processes' tests write files too
    now = timezone.now()
    Service.objects.filter(slug="parcel").update(fallback=3)
    people.keep_customer("c-1", name="Anna", email="anna@example.org")
    consents.note_consent("c-1", "asking", True, source="page")
    promises.place_order("o-1", customer="c-1", placed_at=now - timedelta(days=3))
    promises.make_promise("o-1", lever="cost", unit="EUR", promised=100, reference="p-1")
    client = api(*KEY_RIGHTS)
    client.raise_request_exception = False
    return client


def _post(client: Client, path: str, body: Any, **headers: str) -> Request:
    return lambda: client.post(f"/api/v1{path}", body, content_type=JSON, headers=headers or None)


def _quote(client: Client) -> Request:
    return _post(client, "/quotes", {"service": "parcel"})


def _accept(client: Client) -> Request:
    quote = quoting.give_quote("parcel").reference
    return _post(client, f"/quotes/{quote}/accept", {"order": "o-9", "customer": "c-9"})


def _promise(client: Client) -> Request:
    terms = {"order": "o-1", "lever": "time", "unit": "days", "promised": 2}
    return _post(client, "/promises", terms)


def _promise_once(client: Client) -> Request:
    terms = {"order": "o-1", "lever": "time", "unit": "days", "promised": 2}
    return _post(client, "/promises", terms, **{"Idempotency-Key": "k-1"})


def _revision(client: Client) -> Request:
    terms = {"lever": "cost", "unit": "EUR", "promised": 120}
    return _post(client, "/promises/p-1/revisions", terms)


def _outcome(client: Client) -> Request:
    return _post(client, "/promises/p-1/outcomes", {"actual": 90, "key": "till-7"})


def _complaint(client: Client) -> Request:
    return _post(client, "/cases", {"text": "The lid came broken", "order": "o-1", "key": "k"})


def _complaint_with_pictures(client: Client) -> Request:
    def send() -> Any:
        from django.core.files.uploadedfile import SimpleUploadedFile

        files = [SimpleUploadedFile(name, PNG) for name in ("a.png", "b.png")]
        told = {"text": "The lid came broken", "contact": "anna@example.org", "files": files}
        visitor = Client(raise_request_exception=False)
        return visitor.post("/c/", told)

    return send


def _step(client: Client) -> Request:
    told = Complaint(text="The lid came broken", contact="anna@example.org")
    number = recovery.open_case(told).pk
    return _post(client, f"/cases/{number}/steps", {"step": "admit", "words": "You are right."})


def _answer(client: Client) -> Request:
    business.set_policy(SurveyPolicy(on=True, control_share=0))
    promises.complete_order("o-1", at=timezone.now() - timedelta(days=2))
    while deliver_due():
        pass
    asking.send_due(timezone.now() + timedelta(days=3))
    text = Message.objects.get(template__startswith="question_").text
    link = re.search(r"/a/[\w-]+/", text)
    assert link
    visitor = Client(raise_request_exception=False)
    return lambda: visitor.post(link[0], {"score": "9", "text": "good"})


REQUESTS = (
    _quote,
    _accept,
    _promise,
    _promise_once,
    _revision,
    _outcome,
    _complaint,
    _complaint_with_pictures,
    _step,
    _answer,
)
#: Counted however a request ends: tries of a caller, and what is remembered for a while.
ASIDE = {"people_cache", "people_bucket", "look_missed"}


@pytest.mark.parametrize("made", REQUESTS, ids=lambda made: made.__name__.strip("_"))
def test_all_or_nothing_whichever_statement_fails(
    made: Callable[[Client], Request], program: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = made(program)
    before, failed, done = rows(), 0, []
    for n in range(1, 400):
        buckets._BUCKETS.clear()
        faults = Faults(n)
        with faults.set(monkeypatch):
            answer = send()
        assert answer.headers["X-Request-ID"]
        whole()
        now = rows()
        changed = {name: now[name] - before[name] for name in now | before if name not in ASIDE}
        if any(changed.values()):
            done.append(changed)  # with a failure: the answer alone was lost
        if not faults.struck:
            break
        before, failed = now, failed + (answer.status_code == 503)
        assert answer.status_code in (200, 201, 302, 503, 409 if done else 0), (n, answer.content)
        assert answer.status_code != 503 or answer.headers["Retry-After"] == "10"
    else:
        raise AssertionError("it never comes through")
    assert failed >= 5
    assert done and all(one == done[0] for one in done), done
    assert any(more for name, more in done[0].items() if name != "people_apicall"), "a claim alone"
    # What was done before and cannot be done twice is said to be so.
    assert answer.status_code in (200, 201, 302) or (answer.status_code == 409 and len(done) == 1)
