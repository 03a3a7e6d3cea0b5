"""How the installation is doing: the page, the figures, the checks."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from overdeliver.apps.journal import jobs
from overdeliver.apps.journal.events import LISTENERS, Heard, listens
from overdeliver.apps.journal.models import Delivery, Event
from overdeliver.apps.promises import actions as promises
from overdeliver.server.doctor import findings
from overdeliver.server.models import WorkerBeat
from overdeliver.server.schedule import QUICK, SLOW, function_of
from overdeliver.server.worker import Sweep, work

pytestmark = pytest.mark.django_db


def beat(**changes: object) -> None:
    now = timezone.now()
    known = {"name": "here:1", "at": now, "started_at": now, "version": "0", **changes}
    WorkerBeat.objects.create(**known)


@pytest.fixture
def broken(shop: object) -> object:
    """A listener that fails, and an event it could not take."""

    @listens("promises.order_placed", "test.breaks")
    def breaks(heard: Heard) -> None:
        raise ValueError("Анна")

    promises.place_order("o-1", placed_at=timezone.now())
    yield breaks
    del LISTENERS["promises.order_placed"]["test.breaks"]


def test_every_job_of_the_schedule_is_there_and_has_a_name_of_its_own() -> None:
    jobs = [*QUICK, *SLOW]
    assert all(callable(function_of(job)) for job in jobs)
    assert len({job.name for job in jobs}) == len(jobs)


def test_every_job_of_a_chapter_stands_in_the_schedule() -> None:
    """A job nobody calls is work nobody does."""
    from importlib import import_module

    from django.conf import settings

    known = {job.path for job in (*QUICK, *SLOW)}
    for chapter in settings.CHAPTERS:
        try:
            module = import_module(f"overdeliver.apps.{chapter}.jobs")
        except ModuleNotFoundError:
            continue
        due = [name for name in dir(module) if name.endswith("_due") and name[0] != "_"]
        assert {f"{module.__name__}.{name}" for name in due} <= known


@pytest.mark.django_db(transaction=True)
def test_one_round_of_the_worker_does_what_is_due(shop: object) -> None:
    promises.place_order("o-1", placed_at=timezone.now())
    promises.make_promise("o-1", lever="time", unit="minutes", promised=30)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        work(once=True)
    assert not Delivery.objects.filter(done_at=None, given_up=False, next_at__lte=timezone.now())
    assert Event.objects.filter(name="promises.promise_broken").exists()


def test_a_job_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from overdeliver.server import worker
    from overdeliver.server.schedule import Job

    def found(job: Job) -> Callable[[], int]:
        if job.name == "a.bad":
            raise ValueError("Анна")
        return lambda: 3

    monkeypatch.setattr(worker, "function_of", found)
    sweep = Sweep("test", [Job("x.a.jobs.bad", 1), Job("x.a.jobs.good", 1)], threading.Event())
    assert sweep.once() == 3
    assert (sweep.failed, sweep.did) == ({"a.bad": "ValueError"}, {"a.good": 3})


def test_the_page_says_that_nobody_works(shop: object, signed_in: Callable[[str], Client]) -> None:
    page = signed_in("manager").get("/settings/system/").content.decode()
    assert "No worker is at work" in page
    assert "overdeliver serve" in page


def test_the_page_says_that_all_is_well(shop: object, signed_in: Callable[[str], Client]) -> None:
    beat(did={"journal.deliver_due": 1200})
    page = signed_in("manager").get("/settings/system/").content.decode()
    assert "All is well" in page
    assert "1,200" in page


def test_a_worker_of_yesterday_is_not_at_work(
    shop: object, signed_in: Callable[[str], Client]
) -> None:
    beat(at=timezone.now() - timedelta(hours=3))
    assert "No worker is at work" in signed_in("owner").get("/settings/system/").content.decode()


@pytest.mark.parametrize("language", ["en", "pt", "ru", "ro", "kk"])
def test_the_page_speaks_five_languages(
    language: str, broken: object, signed_in: Callable[[str], Client]
) -> None:
    Delivery.objects.update(given_up=True, error="ValueError", attempts=8)
    client = signed_in("owner")
    client.cookies["language"] = language
    answer = client.get("/settings/system/")
    assert answer.status_code == 200
    assert "test.breaks" in answer.content.decode()


def test_what_is_stuck_is_seen_and_tried_again(
    broken: object, signed_in: Callable[[str], Client]
) -> None:
    for _ in range(jobs.TRIES):
        Delivery.objects.filter(done_at=None).update(next_at=timezone.now())
        jobs.deliver_due()
    row = Delivery.objects.get(listener="test.breaks")
    assert (row.given_up, row.error) == (True, "ValueError")
    assert {one.what for one in findings() if one.state == "wrong"} >= {"events"}
    owner = signed_in("owner")
    page = owner.get("/settings/system/").content.decode()
    assert f"/settings/system/{row.pk}/retry" in page
    assert "Анна" not in page
    LISTENERS["promises.order_placed"]["test.breaks"] = lambda heard: None
    assert owner.get(f"/settings/system/{row.pk}/retry").status_code == 405
    assert owner.post(f"/settings/system/{row.pk}/retry").status_code == 302
    jobs.deliver_due()
    row.refresh_from_db()
    assert row.done_at is not None
    assert Event.objects.filter(name="journal.delivery_retried").count() == 1
    assert owner.post(f"/settings/system/{row.pk}/retry").status_code == 404


def figures(client: Client) -> dict[str, float]:
    text = client.get("/metrics").content.decode()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line and not line.startswith("#")
    }


def test_figures_for_machines_count_what_is_there(shop: object, client: Client) -> None:
    found = figures(client)
    assert "overdeliver_worker_age_seconds" not in found  # no worker ever: no figure
    assert found["overdeliver_workers"] == 0
    with transaction.atomic():
        promises.place_order("o-1", placed_at=timezone.now())
        promises.make_promise("o-1", lever="time", unit="days", promised=2)
    beat(at=timezone.now() - timedelta(seconds=30), failed={"a.b": "ValueError"})
    found = figures(client)
    assert found['overdeliver_promises{verdict="open"}'] == 1
    assert found["overdeliver_deliveries_waiting"] == Delivery.objects.count()
    assert 29 < found["overdeliver_worker_age_seconds"] < 40
    assert found['overdeliver_jobs_failing{job="a.b"}'] == 1
    assert found["overdeliver_database_bytes"] > 100_000


def test_figures_are_not_for_everybody(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403
    from django.conf import settings

    with override_settings(KNOBS={**settings.KNOBS, "metrics_token": "secret-1"}):
        assert client.get("/metrics").status_code == 401
        given = {"authorization": "Bearer secret-1"}
        assert client.get("/metrics", headers=given, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_ready_needs_current_tables_and_room(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/readyz").json() == {"ready": True}
    from overdeliver.server import disk, health

    monkeypatch.setattr(disk, "room", lambda: 100)
    assert client.get("/readyz").json() == {"ready": False, "because": "the disk is full"}
    monkeypatch.setattr(health, "steps_missing", lambda: 2)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["because"]) == (503, "migrations are pending")


def test_a_deployment_behind_https_has_no_warnings() -> None:
    """In a process of its own: settings are read once."""
    import json
    import os
    import subprocess
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("OVERDELIVER_", "DJANGO"))}
        env |= {
            "OVERDELIVER_DATA": folder,
            "OVERDELIVER_URL": "https://promises.example.org",
            "OVERDELIVER_PROXIES": "1",
            "DJANGO_SETTINGS_MODULE": "overdeliver.server.settings",
        }
        code = (
            "import django, json; django.setup()\n"
            "from django.core.checks import run_checks\n"
            "print(json.dumps([m.id for m in run_checks(include_deployment_checks=True)"
            " if not m.is_silenced()]))"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error::UserWarning", "-c", code],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(("seconds", "state"), [(0, "well"), (8, "wrong"), (-8, "wrong")])
def test_clocks_that_differ_are_said(shop: object, seconds: int, state: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
        found = next(one for one in findings() if one.what == "clock")
    assert found.state == state
    assert ("behind" if seconds > 0 else "ahead") in found.said or state == "well"


def test_findings_name_a_remedy_for_everything_wrong(shop: object) -> None:
    wrong = [one for one in findings() if one.state == "wrong"]
    assert "worker" in {one.what for one in wrong}
    assert all(one.remedy and re.search(r"\w", one.said) for one in wrong)
