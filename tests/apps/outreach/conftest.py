"""A mail server and a receiver of webhooks, both real, on this machine."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from overdeliver.apps.outreach import jobs
from overdeliver.apps.outreach.actions import Draft, enqueue
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import consents
from overdeliver.apps.people.reads import customer
from tests.apps.conftest import NOON
from tests.processes import free_port

MAIL = Draft(
    key="k-1",
    channel="mail",
    purpose="service",
    because="outreach.because.promise_revised",
    address="anna@example.org",
    subject="Your order",
    text="Hello Anna,\n\nit comes on Friday.",
    about="promise:p-1",
)


def write(draft: Draft = MAIL, **changes: object) -> int:
    """Put a mail into the outbox; its number."""
    with transaction.atomic():
        return enqueue(replace(draft, **changes))  # type: ignore[arg-type]


@dataclass
class Inbox:
    """A mail server: what it has taken, and what it answers instead of taking it."""

    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail, or say what was planned for it."""
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"


@dataclass
class Receiver:
    """A receiver of webhooks: what it got, and the statuses and headers it answers in turn."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def anna(shop: object) -> int:
    """A customer who agreed to be asked and to hear of offers, nine days before the tests' noon."""
    people.keep_customer("c-1", name="Anna", email="anna@example.org", language="kk")
    with time_machine.travel(NOON - timedelta(days=9), tick=False):
        for purpose in ("asking", "marketing"):
            consents.note_consent("c-1", purpose, True, source="page")
    return customer("c-1").id


@pytest.fixture
def no_server(settings: Settings) -> None:
    """No mail server is set."""
    settings.KNOBS = {**settings.KNOBS, "mail_url": "", "demo": False}


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Inbox]:
    """A mail server that the installation uses."""
    found, port = Inbox(), free_port()
    server = Controller(found, hostname="127.0.0.1", port=port)
    server.start()
    settings.KNOBS = {**settings.KNOBS, "mail_url": f"smtp://127.0.0.1:{port}", "demo": False}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    yield found
    server.stop()


@pytest.fixture
def open_door(settings: Settings) -> Callable[[], None]:
    """Calls out may use plain http and reach this machine."""
    settings.KNOBS = {**settings.KNOBS, "fetch_http": True, "fetch_private": True}
    return lambda: None


@pytest.fixture
def receiver(open_door: object) -> Iterator[Receiver]:
    """A receiver of webhooks on this machine."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status, headers = found.answers.pop(0) if found.answers else (200, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}/hooks"
    yield found
    server.shutdown()
    server.server_close()


def sweep() -> int:
    """Send what is due by the test's own clock, which the database does not know."""
    return jobs.send_due(timezone.now(), threads=False)
