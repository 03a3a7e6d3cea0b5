"""kill -9 in the middle: what was acknowledged is there, nothing happens twice."""

import random
import threading
import time
from typing import Any

import pytest

from tests.processes import Installation, await_until, kill

SHOP = """
from overdeliver.apps.business.actions import begin
begin("pizza", "en", "Forno", "RO", "Europe/Bucharest", "RON")
"""
COUNTS = """
import json
from django.db import connection
def n(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
print(json.dumps({
    "promises": n("SELECT count(*) FROM promises_promise"),
    "standings": n("SELECT count(*) FROM promises_standing"),
    "made": n("SELECT count(*) FROM journal_event WHERE name = 'promises.promise_made'"),
    "open": n("SELECT count(*) FROM journal_delivery WHERE done_at IS NULL"),
}))
"""
ORDER = {"reference": "o-1", "placed_at": "2026-03-05T12:00:00Z"}
PROMISE = {"order": "o-1", "lever": "time", "unit": "minutes", "promised": 60}


class Senders:
    """Clients that make promises, each call with a key of its own, until it is answered."""

    def __init__(self, shop: Installation, key: str, count: int = 4) -> None:
        self.shop, self.key = shop, key
        self.acknowledged: dict[str, str] = {}
        self.refused: list[int] = []  # neither done nor cut off
        self.stop = threading.Event()
        self.threads = [
            threading.Thread(target=self._send, args=(one,), daemon=True) for one in range(count)
        ]
        for thread in self.threads:
            thread.start()

    def _send(self, client: int) -> None:
        number = 0
        while not self.stop.is_set():
            while self.ask(f"{client}-{number}") != 201 and not self.refused:
                time.sleep(0.05)  # the same call again, with the same key
            number += 1

    def ask(self, name: str) -> int:
        """One call; what was acknowledged is remembered."""
        status, answer = self.shop.call("/promises", PROMISE, key=self.key, Idempotency_Key=name)
        if status == 201:
            self.acknowledged[name] = answer["reference"]
        elif status not in (0, 503):
            self.refused.append(status)
        return status

    def end(self) -> None:
        """Stop, when each has had its answer; a call that a killed process began hangs nowhere."""
        self.stop.set()
        for thread in self.threads:
            thread.join()
        assert not self.refused


def test_a_killed_web_process_loses_no_acknowledged_promise_and_doubles_none(
    shop: Installation,
) -> None:
    shop.python(SHOP)
    key = shop.key()
    web = shop.web()
    assert shop.call("/orders", ORDER, key=key)[0] == 201
    senders = Senders(shop, key)
    for _ in range(2):
        time.sleep(random.uniform(0.4, 1.0))
        kill(web)
        web.wait()
        web = shop.web()
    senders.end()
    found: dict[str, Any] = shop.python(COUNTS)
    acknowledged = senders.acknowledged
    assert len(acknowledged) >= 2  # however slow the machine: some before every kill
    assert len(set(acknowledged.values())) == len(acknowledged)
    # What was stored when the answer was cut off was answered to the same call later.
    assert len(acknowledged) == found["promises"] == found["standings"] == found["made"]


@pytest.mark.one_database
def test_sigterm_ends_what_was_begun_and_cuts_nothing_off(shop: Installation) -> None:
    shop.python(SHOP)
    key = shop.key()
    web = shop.web()
    assert shop.call("/orders", ORDER, key=key)[0] == 201
    senders = Senders(shop, key)
    await_until(lambda: len(senders.acknowledged) > 10, 30)
    web.terminate()
    assert web.wait(30) == 0
    shop.web()  # what found nobody is asked again
    senders.end()
    found, acknowledged = shop.python(COUNTS), senders.acknowledged
    assert found["promises"] == len(set(acknowledged.values())) == len(acknowledged)


def test_a_killed_worker_delivers_every_event_once(shop: Installation) -> None:
    shop.python(SHOP)
    told = shop.folder / "told"
    told.mkdir()
    (shop.folder / "plant.py").write_text(PLANT.format(folder=told))
    events = 300
    assert shop.python(f"import sys; sys.path.insert(0, '{shop.folder}')\n{WRITE}".format(n=events))
    workers = [_sweeper(shop) for _ in range(2)]
    for _ in range(3):
        time.sleep(random.uniform(0.3, 0.8))
        victim = workers.pop(0)
        kill(victim)
        victim.wait()
        workers.append(_sweeper(shop))
    await_until(lambda: shop.python(COUNTS)["open"] == 0, 60, 1.0)
    assert shop.python(HEARD) == [events, events]


PLANT = """
from overdeliver.apps.journal.events import Event, listens
from overdeliver.apps.journal.models import Decided
from dataclasses import dataclass
from django.utils import timezone
import time

@listens("promises.order_placed", "test.count")
def count(heard):
    time.sleep(0.002)
    Decided.objects.create(at=timezone.now(), rule="test", verdict="heard", because=["x"],
        policy=1, subject=f"heard:{{heard.id}}")
"""
WRITE = """
import plant, json
from django.utils import timezone
from overdeliver.apps.promises.actions import place_order
for number in range({n}):
    place_order(f"e-{{number}}", placed_at=timezone.now())
print("true")
"""
HEARD = """
import json
from overdeliver.apps.journal.models import Decided
rows = Decided.objects.filter(rule="test")
print(json.dumps([rows.count(), rows.values("subject").distinct().count()]))
"""


def _sweeper(shop: Installation) -> Any:
    import subprocess
    import sys

    code = (
        f"import sys, time, django; sys.path.insert(0, '{shop.folder}'); django.setup()\n"
        "import plant\n"
        "from overdeliver.apps.journal.jobs import deliver_due\n"
        "while True:\n    deliver_due(20) or time.sleep(0.05)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=shop.env, start_new_session=True)
    shop.running.append(process)
    return process
