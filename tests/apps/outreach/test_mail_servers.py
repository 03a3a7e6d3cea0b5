"""Mail servers as they are: each thing one can say or not say, and what becomes of the mail."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from pytest_django.fixtures import Settings

from overdeliver.apps.outreach import blocking, listing
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.outreach.models import Lane, Message
from tests.apps.outreach.conftest import Inbox, sweep
from tests.figures import figure

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 9, tzinfo=UTC)
SILENT, DROP = "silent", "drop"
GOOD = {
    "connect": "220 mail.example",
    "ehlo": "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN",
    "auth": "235 in",
    "mail": "250 ok",
    "rcpt": "250 ok",
    "data": "354 go on",
    "dot": "250 taken",
    "noop": "250 ok",
    "rset": "250 ok",
    "quit": "221 bye",
    "starttls": "220 go on",
}


@dataclass
class Script:
    """A mail server that says at each step what it was told to say."""

    says: dict[str, str] = field(default_factory=dict)
    most: int = 10**6  # mails of one connection
    taken: int = 0
    calls: int = 0

    def serve(self, server: socket.socket) -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            self.calls += 1
            with line, suppress(OSError, UnicodeError):
                self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        lines, here, step = line.makefile("rb"), 0, "connect"
        while True:
            said = self.says.get(step, GOOD.get(step, "502 what?"))
            if said == SILENT:
                line.settimeout(3)
                lines.read()  # until the other side hangs up
                return
            if said == DROP:
                return
            line.sendall(f"{said}\r\n".encode())
            if step == "dot" and said.startswith("250"):
                here, self.taken = here + 1, self.taken + 1
                if here >= self.most:
                    return
            if step == "quit" or said.startswith("421"):
                return
            if step == "data" and said.startswith("354"):
                while lines.readline() not in (b".\r\n", b""):
                    if self.says.get("mid-data") == DROP:
                        return
                step = "dot"
                continue
            word = lines.readline()
            if not word:
                return
            step = word.split()[0].decode().lower().partition(":")[0]


@pytest.fixture
def script(settings: Settings) -> Iterator[Script]:
    """The mail server of the installation."""
    found = Script()
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=found.serve, args=(server,), daemon=True).start()
        port = server.getsockname()[1]
        settings.KNOBS = {**settings.KNOBS, "mail_url": f"smtp://127.0.0.1:{port}", "demo": False}
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 0.3
        yield found
        server.shutdown(socket.SHUT_RDWR)


def write(key: str = "k", **more: Any) -> int:
    told = {"channel": "mail", "purpose": "service", "because": "", "address": "anna@example.org"}
    with transaction.atomic():
        return enqueue(Draft(key=key, **{**told, "subject": "x", "text": "y", **more}))


#: What the server says at a step; the state and code after one sweep; whether this counts as a try.
CASES: dict[str, tuple[dict[str, str], str, str, int]] = {
    "421 as it is called": ({"connect": "421 busy"}, "queued", "mail_unreachable", 0),
    "554 as it is called": ({"connect": "554 not you"}, "queued", "mail_unreachable", 0),
    "450 to the address": ({"rcpt": "450 4.2.0 later"}, "queued", "mail_450", 1),
    "451 to the address": ({"rcpt": "451 4.7.1 greylisted"}, "queued", "mail_451", 1),
    "452 to the address": ({"rcpt": "452 4.2.2 full"}, "queued", "mail_452", 1),
    "421 to the address": ({"rcpt": "421 4.7.0 too many"}, "queued", "mail_421", 1),
    "nobody there": ({"rcpt": "550 5.1.1 no such user"}, "failed", "address_unknown", 1),
    "not trusted": ({"rcpt": "550 5.7.1 blocked"}, "queued", "mail_refused", 0),
    "full for good": ({"rcpt": "552 5.2.2 full"}, "failed", "mail_552", 1),
    "refused": ({"rcpt": "554 no"}, "failed", "mail_554", 1),
    "the sender refused": ({"mail": "550 5.7.1 who are you"}, "queued", "mail_refused", 0),
    "refused after all of it": ({"dot": "554 no"}, "failed", "mail_554", 1),
    "spam, after all of it": ({"dot": "554 5.7.1 spam"}, "queued", "mail_refused", 0),
    "later, after all of it": ({"dot": "452 4.3.1 no room"}, "queued", "mail_452", 1),
    "silent as it is called": ({"connect": SILENT}, "queued", "mail_unreachable", 0),
    "silent at the greeting": ({"ehlo": SILENT, "helo": SILENT}, "queued", "mail_unreachable", 0),
    "silent at the address": ({"rcpt": SILENT}, "queued", "mail_silent", 1),
    "silent before the mail": ({"data": SILENT}, "queued", "mail_silent", 1),
    "silent after the last dot": ({"dot": SILENT}, "queued", "mail_silent", 1),
    "gone in the middle": ({"mid-data": DROP}, "queued", "mail_silent", 1),
    "gone after the last dot": ({"dot": DROP}, "queued", "mail_silent", 1),
    "an answer of 64 kB": ({"connect": "220 " + "x" * 65_000}, "queued", "mail_unreachable", 0),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_server_says_decides(case: str, shop: object, script: Script) -> None:
    script.says, status, error, tries = CASES[case]
    with time_machine.travel(NOON, tick=False) as clock:
        number = write()
        sweep()
        row = Message.objects.get(pk=number)
        assert (row.status, row.error, row.attempts) == (status, error, tries)
        assert bool(blocking.block_reason("anna@example.org")) == (error == "address_unknown")
        assert Lane.objects.exists() == (tries == 0)
        if status == "queued":
            assert NOON < row.next_at <= NOON + timedelta(minutes=16)
            script.says = {}
            clock.move_to(row.next_at)
            sweep()
            assert listing.message(number).status == "sent" and script.taken == 1


@pytest.mark.parametrize("knob", ["tls", "broken tls", "password"])
def test_without_a_safe_way_in_nothing_is_sent(
    knob: str, shop: object, script: Script, settings: Settings
) -> None:
    if knob == "password":
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "shop", "secret"
        script.says = {"auth": "535 5.7.8 no"}
    else:
        settings.EMAIL_USE_TLS = True
        script.says = {"ehlo": "250 mail.example"} if knob == "tls" else {}
    number = write()
    sweep()
    row = Message.objects.get(pk=number)
    assert row.status == "queued" and row.attempts == script.taken == 0
    assert row.error == ("mail_sign_in" if knob == "password" else "mail_unreachable")


@pytest.mark.parametrize("most", [1, 3])
def test_a_server_that_hangs_up_after_some_gets_them_all(
    most: int, shop: object, script: Script
) -> None:
    script.most = most
    with time_machine.travel(NOON, tick=False) as clock:
        numbers = [write(f"k-{n}") for n in range(7)]
        for minute in range(7):
            clock.move_to(NOON + timedelta(minutes=2 * minute))
            sweep()
    assert {listing.message(one).status for one in numbers} == {"sent"}
    assert script.taken == 7


@pytest.mark.parametrize("silence", [SILENT, DROP])
def test_who_falls_silent_after_the_last_dot_gets_it_once_more_at_most(
    silence: str, shop: object, script: Script
) -> None:
    script.says = {"dot": silence}
    with time_machine.travel(NOON, tick=False) as clock:
        number = write()
        for minute in range(12):
            clock.move_to(NOON + timedelta(minutes=10 * minute))
            sweep()
    row = Message.objects.get(pk=number)
    assert (row.status, row.error, row.attempts) == ("unknown", "mail_silent", 2)


def test_greylisting_costs_two_tries_more(shop: object, script: Script) -> None:
    script.says = {"rcpt": "451 4.7.1 greylisted for 5 minutes"}
    with time_machine.travel(NOON, tick=False) as clock:
        number = write()
        while (row := listing.message(number)).status == "queued" and row.attempts < 6:
            clock.move_to(row.next_at)
            if row.next_at - NOON > timedelta(minutes=5):
                script.says = {}
            sweep()
    assert (row.status, script.taken) == ("sent", 1) and row.attempts <= 4


def test_a_fifth_refused_for_now_all_arrive(shop: object, inbox: Inbox) -> None:
    chance, mails = random.Random(5), figure(100, 1_000)

    class Moody(list[str]):
        def __bool__(self) -> bool:
            return chance.random() < 0.2

        def pop(self, *_: object) -> str:
            return "450 4.2.0 later"

    inbox.answers = Moody()
    with time_machine.travel(NOON, tick=False) as clock:
        for n in range(mails):
            write(f"k-{n}")
        for minute in (0, 1, 2, 3, 8, 9, 10, 45, 50, 200, 600):
            clock.move_to(NOON + timedelta(minutes=minute * 1.3))
            while sweep():
                pass  # a sweep makes room after 200
    tries = list(Message.objects.filter(status="sent").values_list("attempts", flat=True))
    assert len(tries) == len(inbox.mails) == mails
    assert sum(tries) / mails <= 1.35
