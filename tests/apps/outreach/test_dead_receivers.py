"""Receivers of webhooks that are dead or slow hold up nobody but themselves."""

import threading
import time
from contextlib import ExitStack
from functools import partial
from itertools import cycle, islice

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from overdeliver.apps.outreach import endpoints, jobs, net
from overdeliver.apps.outreach.models import Endpoint, Message, Try
from tests.apps.outreach.conftest import Receiver
from tests.apps.outreach.test_net import strange
from tests.figures import figure

SAYS = [(b"", False), (b"HTTP/1.1 200 OK\r\nX: y", True), (b"HTTP/1.1 200 OK\r\nX: y\r\n", False)]
EVENTS, EACH = figure(40, 1_000), figure(3, 10)  # events; receivers, dead and well
LATEST = figure(30.0, 5.0)  # seconds until 95 of 100 are there


@pytest.mark.django_db(transaction=True)
def test_dead_receivers_hold_up_no_other(
    shop: object, receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(net, "fetch", partial(net.fetch, seconds=figure(2.0, 15.0)))
    with ExitStack() as dead:
        numbers = [
            endpoints.add(dead.enter_context(strange(speak, drip=drip)))[0]
            for speak, drip in islice(cycle(SAYS), EACH)
        ]
        well = [endpoints.add(f"{receiver.url}/{n}")[0] for n in range(EACH)]
        written = threading.Event()
        sender = threading.Thread(target=_send_until, args=(written, receiver, EVENTS * len(well)))
        sender.start()
        for _ in range(EVENTS):
            for number in (*numbers, *well):
                endpoints.test(number)
        written.set()
        sender.join()
    assert len(receiver.got) == EVENTS * len(well)
    ids = {headers["webhook-id"] for headers, _ in receiver.got}
    assert len(ids) == EVENTS * len(well)
    tries = Try.objects.filter(message__lane__in=[f"webhook:{one}" for one in numbers])
    assert set(tries.values_list("error", flat=True)) <= {"timeout", "connection"}
    assert tries.count() < EVENTS, "a lane that fails rests"
    moments = Try.objects.filter(status=200).values_list("at", "message__created_at")
    waited = sorted((at - made).total_seconds() for at, made in moments)
    print(
        f"95 of 100 after {waited[len(waited) * 95 // 100]:.1f} s, the last after {waited[-1]:.1f}"
    )
    assert waited[len(waited) * 95 // 100] < LATEST, "many times less where nobody else works"
    Try.objects.all().delete()
    Message.objects.all().delete()
    Endpoint.objects.all().delete()


def _send_until(written: threading.Event, receiver: Receiver, count: int) -> None:
    """As the worker does it, until all have come or a minute brought none."""
    had, since = 0, time.monotonic()
    while not written.is_set() or (len(receiver.got) < count and time.monotonic() - since < 60):
        jobs.send_due()
        time.sleep(0.05)
        if len(receiver.got) > had or not written.is_set():
            had, since = len(receiver.got), time.monotonic()
    while any(sweep.is_alive() for sweep in jobs._RUNNING.values()):
        time.sleep(0.1)
    connection.close()
