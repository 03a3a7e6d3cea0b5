"""Mails and calls too large, unreadable or addressed to nowhere: refused, and nothing is lost."""

import base64
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from overdeliver.apps.business.models import Business
from overdeliver.apps.recovery import incoming, jobs
from overdeliver.apps.recovery.inbox import fetch, mailbox
from overdeliver.apps.recovery.models import Case, Incoming
from overdeliver.apps.recovery.rules.mail import parsed
from overdeliver.vocabulary.errors import InputError, LimitExceeded
from tests.apps.recovery.mailbox import Mailbox, opened

pytestmark = pytest.mark.django_db
LETTER = b"From: Anna <anna@example.org>\nMessage-ID: <1@x>\nSubject: Lid\n\nIt came broken"
DOOR = "/hooks/mail/in/postmark/"


@pytest.mark.parametrize(
    "address", ["", "pop3://me:pw@mail.example/", "imaps://mail.example/", "imap://me:pw@/INBOX"]
)
def test_an_address_that_is_no_mailbox_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="imaps://"):
        mailbox(address)


def test_a_mailbox_without_a_folder_is_the_inbox() -> None:
    found = mailbox("imaps://me%40shop:p%2Fw@mail.example")
    assert (found.folder, found.user, found.password, found.port) == (
        "INBOX",
        "me@shop",
        "p/w",
        993,
    )


def test_a_mailbox_that_speaks_no_tls_is_not_read_in_the_open(shop: Business) -> None:
    with opened(Mailbox(LETTER)) as box, pytest.raises(OSError):
        fetch(mailbox(f"imaps://me:pw@127.0.0.1:{box.port}/INBOX"))
    assert not Incoming.objects.exists()


def test_a_mail_too_large_stays_in_the_mailbox_and_stops_no_other(
    shop: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "LARGEST", 1000)
    with pytest.raises(LimitExceeded):
        incoming.keep_mail(LETTER + b"x" * 1000)
    with opened(Mailbox(LETTER + b"x" * 1000, LETTER)) as box:
        assert fetch(mailbox(f"imap://me:pw@127.0.0.1:{box.port}/INBOX")) == 1
        assert box.seen == {1, 2}
    jobs.read_mail()
    assert Case.objects.get().text == "Lid\n\nIt came broken"


@pytest.fixture
def provider(shop: Business, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A provider that knows the password."""
    monkeypatch.setitem(settings.KNOBS, "mail_returns", "name:pw")
    told_by = base64.b64encode(b"name:pw").decode()
    return Client(headers={"authorization": f"Basic {told_by}"})


def test_a_provider_may_ask_whether_the_door_is_there(provider: Client) -> None:
    assert provider.head(DOOR).status_code == 200
    assert provider.get(DOOR).status_code == 405


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"FromFull": 3}', b"\xff"])
def test_a_call_that_cannot_be_read_is_refused(provider: Client, body: bytes) -> None:
    answer = provider.post(DOOR, body, content_type="application/json")
    assert answer.status_code == 400 and not Incoming.objects.exists()


def test_a_call_too_large_is_refused_before_it_is_read(
    provider: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {
        "FromFull": {"Email": "anna@example.org", "Name": "Anna", "MailboxHash": ""},
        "From": "anna@example.org",
        "Subject": "Lid",
        "TextBody": "x" * 500,
        "HtmlBody": "",
        "OriginalRecipient": "shop@example.org",
        "MessageID": "1",
        **{name: [] for name in ("Headers", "Attachments", "ToFull", "CcFull", "BccFull")},
    }
    monkeypatch.setattr(incoming, "LARGEST", 200)
    assert provider.post(DOOR, told, content_type="application/json").status_code == 413
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 300
    assert provider.post(DOOR, told, content_type="application/json").status_code == 413
    assert not Incoming.objects.exists()


def test_a_mail_that_says_nothing_is_no_complaint(shop: Business) -> None:
    incoming.keep_mail(b"From: anna@example.org\nMessage-ID: <2@x>\n\n")
    assert jobs.read_mail() == 1
    row = Incoming.objects.get()
    assert (row.status, row.because) == ("ignored", "empty") and not Case.objects.exists()


def test_a_mail_of_a_picture_alone_has_no_words() -> None:
    raw = (
        b"From: anna@example.org\nSubject: Lid\nContent-Type: image/png\n"
        b"Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"
    )
    assert parsed(raw).text == "Lid"
