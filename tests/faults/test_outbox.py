"""kill -9 of workers while mail goes out: nothing is lost, doubles can be told."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.processes import Installation, await_until, free_port, kill

MAILS, KILLS = 120, 5
WRITE = """
import json
from django.db import transaction
from overdeliver.apps.business.actions import begin
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.rules import channels
begin("pizza", "en", "Forno", "RO", "Europe/Bucharest", "RON")
for number in range({n}):
    with transaction.atomic():
        enqueue(Draft(key=f"k-{{number}}", channel="mail", purpose="service", subject=f"{{number}}",
            because="outreach.because.promise_made", address="anna@example.org", text="Hello"))
print("true")
"""
COUNTS = """
import json
from overdeliver.apps.outreach.reads import counts
print(json.dumps(dict(counts())))
"""
REASONS = """
import json
from overdeliver.apps.outreach.models import Message
print(json.dumps(sorted(set(Message.objects.values_list("error", flat=True)))))
"""


class Inbox:
    """A mail server that takes its time, so that a kill meets a mail in the middle."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.lock = threading.Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail, and say so a little later."""
        text = envelope.content.decode()
        found = next(line for line in text.splitlines() if line.lower().startswith("message-id:"))
        with self.lock:
            self.ids.append(found)
        time.sleep(0.02)
        return "250 taken"


@contextmanager
def mail_server(shop: Installation) -> Iterator[Inbox]:
    """A mail server, set as the one of the shop."""
    inbox, port = Inbox(), free_port()
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        shop.knobs["OVERDELIVER_MAIL_URL"] = f"smtp://127.0.0.1:{port}"
        yield inbox
    finally:
        server.stop()


def test_killed_workers_lose_no_mail_and_doubles_have_the_same_id(shop: Installation) -> None:
    with mail_server(shop) as inbox:
        assert shop.python(WRITE.format(n=MAILS))
        workers = [sweeper(shop) for _ in range(2)]
        for _ in range(KILLS):
            seen = len(inbox.ids)
            await_until(lambda seen=seen: len(inbox.ids) >= seen + 5, 30)  # type: ignore[misc]
            time.sleep(random.uniform(0, 0.2))
            victim = workers.pop(0)
            kill(victim)
            victim.wait()
            workers.append(sweeper(shop))
        await_until(lambda: shop.python(COUNTS)["sent"] == MAILS, 60, 1.0)
    times = Counter(inbox.ids)
    assert len(times) == MAILS
    assert 0 <= len(inbox.ids) - MAILS <= KILLS
    assert shop.python(COUNTS)["queued"] == shop.python(COUNTS)["leased"] == 0


@pytest.mark.one_database
def test_what_a_backup_held_is_not_sent_a_second_time(shop: Installation, tmp_path: Path) -> None:
    with mail_server(shop) as inbox:
        assert shop.python(WRITE.format(n=3))
        shop.command("backup", str(tmp_path / "kept.tar.gz"))
        shop.command("worker", "--once")
        assert len(inbox.ids) == 3  # the installation that was lost had sent them
        shop.command("restore", str(tmp_path / "kept.tar.gz"), "--data", str(tmp_path / "again"))
        again = Installation(tmp_path / "again", knobs=dict(shop.knobs))
        again.command("worker", "--once")
        assert len(inbox.ids) == 3
        assert again.python(COUNTS)["held"] == 3
        assert again.python(REASONS) == ["restored"]


def sweeper(shop: Installation) -> Any:
    """A worker that sends, with leases short enough for a test."""
    import subprocess
    import sys

    code = (
        "import time, django; django.setup()\n"
        "from dataclasses import replace\n"
        "from overdeliver.apps.outreach.rules import channels\n"
        "channels.CHANNELS['mail'] = replace(channels.CHANNELS['mail'], lease_seconds=4)\n"
        "from overdeliver.apps.outreach.jobs import send_due\n"
        "while True:\n    send_due(threads=False) or time.sleep(0.05)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=shop.env, start_new_session=True)
    shop.running.append(process)
    return process


def test_the_worker_itself_sends_what_is_written(shop: Installation) -> None:
    with mail_server(shop) as inbox:
        assert shop.python(WRITE.format(n=30))
        shop.start("worker")
        await_until(lambda: len(inbox.ids) >= 30, 40)
        await_until(lambda: shop.python(COUNTS)["sent"] == 30, 20, 0.5)
    assert len(set(inbox.ids)) == len(inbox.ids) == 30
