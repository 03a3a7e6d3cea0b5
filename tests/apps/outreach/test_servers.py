"""Mail servers that break off, refuse or want a password: no mail is lost, none goes twice."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from overdeliver.apps.business.models import Business
from overdeliver.apps.outreach import blocking, jobs, listing, mail
from overdeliver.apps.outreach.carriers import Parcel
from overdeliver.apps.outreach.models import Lane
from tests.apps.outreach.conftest import Inbox, sweep, write
from tests.processes import free_port

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
PARCEL = Parcel(
    1, "mail", "service", "<1@here>", "anna@example.org", "Your order", "Hello", "en", None, 1
)


class Moody(Inbox):
    """A server that knows nobody called Nobody, and hangs up when it is told so."""

    hang_up = 0

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Take a recipient, or say that there is none of that name."""
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Hang up in the middle of a mail, so often; then take it."""
        if self.hang_up:
            self.hang_up -= 1
            server.transport.abort()
        return await super().handle_DATA(server, session, envelope)


def _serving(found: Inbox, settings: Settings, **more: Any) -> Iterator[None]:
    port = free_port()
    server = Controller(found, hostname="127.0.0.1", port=port, **more)
    server.start()
    settings.KNOBS = {**settings.KNOBS, "mail_url": f"smtp://127.0.0.1:{port}", "demo": False}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    try:
        yield
    finally:
        server.stop()


@pytest.fixture
def moody(settings: Settings) -> Iterator[Moody]:
    """A mail server with moods that the installation uses."""
    found = Moody()
    for _ in _serving(found, settings):
        yield found


@pytest.fixture
def locked(settings: Settings) -> Iterator[None]:
    """A mail server that lets nobody in."""
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "shop", "wrong"
    yield from _serving(
        Inbox(),
        settings,
        auth_require_tls=False,
        authenticator=lambda *_: AuthResult(success=False, handled=False),
    )


def test_who_does_not_exist_is_never_written_to_again(shop: object, moody: Moody) -> None:
    number = write(address="nobody@example.org")
    sweep()
    assert (listing.message(number).status, listing.message(number).error) == (
        "failed",
        "address_unknown",
    )
    assert blocking.block_reason("nobody@example.org") == "hard_bounce"


def test_a_line_that_breaks_in_the_middle_of_a_mail_costs_a_minute_and_no_mail(
    shop: object, moody: Moody
) -> None:
    moody.hang_up = 1
    with time_machine.travel(NOON, tick=False) as clock:
        number = write()
        sweep()
        assert listing.message(number).error == "mail_silent"
        clock.move_to(NOON + timedelta(minutes=2))
        sweep()
        assert listing.message(number).status == "sent"


def test_a_line_that_broke_between_two_mails_is_opened_again(shop: object, moody: Moody) -> None:
    with mail.post() as by:
        assert mail.send(PARCEL, by).what == "sent"
        by.line.connection.sock.shutdown(socket.SHUT_RDWR)
        assert mail.send(replace(PARCEL, message_id="<2@here>"), by).what == "sent"
    assert [one["Message-ID"] for one in moody.mails] == ["<1@here>", "<2@here>"]


def test_a_wrong_password_rests_the_way_out_and_fails_no_mail(shop: object, locked: None) -> None:
    with time_machine.travel(NOON, tick=False):
        number = write()
        sweep()
    found = listing.message(number)
    assert (found.status, found.error, found.attempts) == ("queued", "mail_sign_in", 0)
    assert Lane.objects.get().paused_until >= NOON + timedelta(minutes=5)


def test_what_can_be_no_mail_stops_no_other(shop: object, moody: Moody) -> None:
    found = mail.carry(replace(PARCEL, address="anna@example.org\r\nBcc: all@example.org"))
    assert (found.what, found.reason) == ("failed", "not_a_mail")
    assert mail.carry(PARCEL).what == "sent" and len(moody.mails) == 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("promises@example.org", "Shop <promises@example.org>"),
        ("Anna's shop <a@b.example>", "Anna's shop <a@b.example>"),
    ],
)
def test_a_mail_comes_from_the_business_unless_the_settings_name_somebody(
    shop: Business, moody: Moody, settings: Settings, given: str, shown: str
) -> None:
    settings.KNOBS = {**settings.KNOBS, "mail_from": given}
    mail.carry(PARCEL)
    assert moody.mails[0]["From"] == shown


def test_in_a_demo_nothing_leaves_the_house(shop: Business, moody: Moody) -> None:
    Business.objects.update(demo=True)
    number = write()
    sweep()
    assert listing.message(number).error == "demo" and not moody.mails


def test_messages_are_never_sent_within_a_transaction_that_could_be_undone(
    shop: object, moody: Moody
) -> None:
    write()
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside any transaction"):
        jobs.send_due(timezone.now())
    assert not moody.mails
