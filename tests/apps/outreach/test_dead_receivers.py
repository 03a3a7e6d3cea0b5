"""Receivers of webhooks that are dead or slow hold up nobody but themselves."""

import time
from contextlib import ExitStack
from functools import partial

import pytest
from pytest_django.fixtures import Settings

from overdeliver.apps.outreach import endpoints, jobs, net
from overdeliver.apps.outreach.models import Endpoint, Message, Try
from tests.apps.outreach.conftest import Receiver
from tests.apps.outreach.test_net import strange

SAYS = [(b"", False), (b"HTTP/1.1 200 OK\r\nX: y", True), (b"HTTP/1.1 200 OK\r\nX: y\r\n", False)]
EVENTS = 40


@pytest.mark.django_db(transaction=True)
def test_dead_receivers_hold_up_no_other(
    shop: object, receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(net, "fetch", partial(net.fetch, seconds=2.0))
    with ExitStack() as dead:
        numbers = [
            endpoints.add(dead.enter_context(strange(speak, drip=drip)))[0] for speak, drip in SAYS
        ]
        well = [endpoints.add(f"{receiver.url}/{n}")[0] for n in range(3)]
        for _ in range(EVENTS):
            for number in (*numbers, *well):
                endpoints.test(number)
        begun = time.monotonic()
        while len(receiver.got) < EVENTS * len(well) and time.monotonic() - begun < 60:
            jobs.send_due()
            time.sleep(0.05)
        while any(sweep.is_alive() for sweep in jobs._RUNNING.values()):
            time.sleep(0.1)
    assert len(receiver.got) == EVENTS * len(well)
    ids = {headers["webhook-id"] for headers, _ in receiver.got}
    assert len(ids) == EVENTS * len(well)
    tries = Try.objects.filter(message__lane__in=[f"webhook:{one}" for one in numbers])
    assert set(tries.values_list("error", flat=True)) <= {"timeout", "connection"}
    assert tries.count() < EVENTS, "a lane that fails rests"
    last = Try.objects.filter(status=200).order_by("-at").values_list("at", flat=True)
    first = Message.objects.order_by("created_at").values_list("created_at", flat=True)
    assert (last[0] - first[0]).total_seconds() < 30, "many times less where nobody else works"
    Try.objects.all().delete()
    Message.objects.all().delete()
    Endpoint.objects.all().delete()
