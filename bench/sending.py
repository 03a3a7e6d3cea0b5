"""How many mails a worker sends and how many letters it sets, a second.

    python bench/sending.py [--mails 1000] [--letters 500]

Mails go from the outbox of SQLite over one connection to a mail server on this machine that takes
each at once: lease, text and HTML, hand over, mark as sent, event. Letters are set into one PDF/UA
document. Seconds are the clock's, beside the CPU seconds of this process; the mail server is a
process of its own. Memory and open files are told after each fifth of the mails: what grows with
them would be seen (`--mails 100000` takes half an hour).
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]


def main() -> None:
    """Send, set, print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--mails", type=int, default=1_000)
    asked.add_argument("--letters", type=int, default=500)
    given = asked.parse_args()
    from tests.processes import free_port

    port = free_port()
    server = get_context("spawn").Process(target=taking, args=(port,), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory(prefix="overdeliver-sending-") as folder:
        ready(folder, port)
        await_server(port)
        written(given.mails)
        from overdeliver.apps.outreach.jobs import send_due

        told("mails", given.mails, lambda: drain(given.mails, lambda: send_due(threads=False)))
        told("letters", given.letters, lambda: letters(given.letters))
    server.terminate()


def taking(port: int) -> None:
    """A mail server that takes every mail at once and forgets it."""
    from aiosmtpd.controller import Controller

    class Takes:
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
            return "250 taken"

    Controller(Takes(), hostname="127.0.0.1", port=port).start()
    time.sleep(3600)


def await_server(port: int) -> None:
    """Wait until it listens."""
    from overdeliver.server.running import free
    from tests.processes import await_until

    await_until(lambda: not free("127.0.0.1", port), 60)


def ready(folder: str, port: int) -> None:
    """An installation of its own."""
    os.environ |= {
        "OVERDELIVER_DATA": folder,
        "OVERDELIVER_DATABASE_URL": "",
        "OVERDELIVER_MAIL_URL": f"smtp://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "overdeliver.server.settings",
    }
    import django

    django.setup()
    from overdeliver.apps.business.actions import begin
    from overdeliver.cli.django_ready import migrated

    migrated()
    begin("webshop", "en", "Shop", "KZ", "Asia/Almaty", "KZT")


def written(count: int) -> None:
    """So many mails that are due."""
    from django.db import transaction

    from overdeliver.apps.outreach.actions import Draft, enqueue

    with transaction.atomic():
        for number in range(count):
            enqueue(
                Draft(
                    key=f"bench:{number}",
                    channel="mail",
                    purpose="service",
                    because="outreach.because.promise_made",
                    address=f"c{number}@example.org",
                    subject="Your order",
                    text="Hello,\n\nyour order comes by Friday.\n\nGood bye",
                )
            )


def drain(count: int, sweep: Callable[[], int]) -> None:
    """Sweep until all are sent; tell memory and open files on the way."""
    from overdeliver.apps.outreach.models import Message

    done, fifths = 0, 0
    while Message.objects.exclude(status="sent").exists():
        done += sweep()
        if done * 5 >= count * (fifths + 1):
            fifths = done * 5 // count
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            held = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
            files = len(os.listdir("/proc/self/fd"))
            print(f"after {done} mails: {held:.1f} MB, {files} open files", flush=True)


def letters(count: int) -> None:
    """So many letters in one document."""
    from overdeliver.apps.outreach import paper
    from overdeliver.apps.outreach.models import Message

    rows = [
        Message(
            subject="Your order",
            text=f"Good day,\n\nyour order {number} comes by Friday.\n\nWith kind regards",
            address=f"Anna {number}\nAbay 10\nAlmaty",
            language="en",
        )
        for number in range(count)
    ]
    paper.pdf(rows, datetime.now(UTC))


def told(what: str, count: int, work: Callable[[], None]) -> None:
    """Do it, and say how long it took."""
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    took, used = time.perf_counter() - begun, time.process_time() - cpu
    rate = f"{count / took:.0f} a second, {count / used:.0f} a second of CPU"
    print(f"{count} {what}: {took:.1f} s, {used:.1f} s of CPU: {rate}", flush=True)


if __name__ == "__main__":
    main()
